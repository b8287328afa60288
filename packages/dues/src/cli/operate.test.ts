import { expect, test } from 'vitest'
import { type App, anOwner, onEachApp } from '../../testing/app.ts'
import { run } from './run.ts'

/** Runs a command line in a process of its own, as an operator does. */
async function command({ another }: App, ...args: string[]) {
  const out: string[] = []
  const err: string[] = []
  const code = await run(args, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    ask: null,
    progress: () => undefined,
    signal: new AbortController().signal,
    load: async () => another(),
    version: '0.0.0',
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

onEachApp('dues reconcile', (app) => {
  test('shows what the mirror had otherwise, and mends it', async () => {
    const { dues, subscribe, stripe, faults, settled } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id)
    await faults({ webhooks: { drop: 1 } })
    await stripe.subscriptions.update(subscription, { cancel_at_period_end: true })
    await settled()
    await faults({})
    const looked = await command(app(), 'reconcile', '--look')
    expect(looked.code).toBe(1)
    expect(looked.out).toMatch(new RegExp(`subscription cancel_at_period_end +${subscription} +false +true`))
    expect((await dues.member(id)).cancelling()).toBe(false)
    const mended = await command(app(), 'reconcile')
    expect(await dues.drift()).toContainEqual(
      expect.objectContaining({
        kind: 'subscription',
        object: subscription,
        difference: expect.objectContaining({ cancel_at_period_end: { mirror: false, stripe: true } }),
        mended: true,
      }),
    )
    expect(mended.out).toMatch(/mended[\s\S]*Compared \d+, of which \d+ differed/)
    expect((await dues.member(id)).cancelling()).toBe(true)
    expect(await command(app(), 'reconcile')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/of which 0 differed/),
    })
    expect(await dues.drift()).toEqual([])
  })

  test('lists a live subscription that is nobody’s, with what to do about it', async () => {
    const { stripe, settled } = app()
    const card = 'pm_card_visa'
    const customer = await stripe.customers.create({
      payment_method: card,
      invoice_settings: { default_payment_method: card },
    })
    const { data: prices } = await stripe.prices.list({ lookup_keys: ['dues_pro_monthly'] })
    const { id } = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: prices[0]?.id ?? '' }] })
    await settled()
    const { code, out } = await command(app(), 'reconcile')
    expect(code).toBe(1)
    expect(out).toMatch(new RegExp(`${id} +${customer.id} +active +nobody is named: set dues_owner`))
    await stripe.customers.update(customer.id, { metadata: { dues_owner: anOwner().id } })
    await settled()
    expect(await command(app(), 'reconcile')).toMatchObject({ code: 0 })
  })
})

onEachApp('dues backfill', (app) => {
  test('shows who has no owner, and gives one to whoever it can', async () => {
    const { stripe } = app()
    const { data } = await stripe.prices.list({ lookup_keys: ['dues_pro_monthly'] })
    const join = async (metadata: Record<string, string>) => {
      const customer = await stripe.customers.create({ email: 'old@example.com', metadata })
      await stripe.subscriptions.create({
        customer: customer.id,
        items: data.map(({ id }) => ({ price: id })),
        trial_period_days: 10,
      })
      return customer.id
    }
    const [known, unknown] = [await join({ uid: 'old_member' }), await join({})]
    const { code, out } = await command(app(), 'backfill', '--metadata', 'uid', '--rate', '200')
    expect(code).toBe(1)
    expect(out).toMatch(new RegExp(`${unknown} +old@example.com +1`))
    expect(out).toMatch(/of them, got one now +1/)
    expect(out).not.toContain(known)
    expect((await app().dues.member('old_member')).on('pro')).toBe(true)
  })

  test.each([
    [['--rate', 'fast'], '--rate is a number'],
    [['--metadata', 'uid', '--reference'], '--metadata or --reference, and not both'],
  ])('refuses %j', async (args, message) => {
    expect(await command(app(), 'backfill', ...args)).toMatchObject({ code: 2, err: expect.stringContaining(message) })
  })
})

onEachApp('dues inbox and dues replay', (app) => {
  test('show what was received, and apply it again', async () => {
    const { subscribe, query } = app()
    await subscribe(anOwner().id)
    expect(await command(app(), 'inbox')).toMatchObject({ code: 0, out: '0 waiting, 0 dead events, 0 dead jobs.' })
    const all = await command(app(), 'inbox', '--all')
    expect(all.out).toMatch(/evt_\w+ +customer\.subscription\.created +applied +sub_/)
    const [event] = await query<{ id: string }>(
      "select id from dues.inbox where type = 'customer.subscription.created'",
    )
    await query("update dues.inbox set state = 'dead', error = 'a bug of yesterday' where id = $1", [event?.id])
    const failed = await command(app(), 'inbox')
    expect(failed).toMatchObject({ code: 1, out: expect.stringContaining('a bug of yesterday') })
    expect(await command(app(), 'replay', '--dead')).toMatchObject({
      code: 0,
      out: 'Replayed 1 of 1 events, revived 0 jobs.',
    })
    expect((await command(app(), 'inbox')).code).toBe(0)
  })

  test('name what they cannot do', async () => {
    expect(await command(app(), 'replay')).toMatchObject({ code: 2, err: expect.stringContaining('pass --dead') })
    expect(await command(app(), 'replay', 'evt_none')).toMatchObject({ code: 1, out: 'Replayed 0 of 1 events.' })
  })
})
