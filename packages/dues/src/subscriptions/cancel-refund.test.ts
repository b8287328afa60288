import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, anOwner, onEachApp } from '../../testing/app.ts'
import { until } from '../../testing/engine.ts'
import { type Failure, failingStripe } from '../../testing/failing-stripe.ts'
import { DuesError } from '../errors.ts'

const backTo = async ({ stripe }: App, customer: string) => {
  const { data } = await stripe.charges.list({ customer, limit: 100 })
  return data.reduce((sum, { amount_refunded }) => sum + amount_refunded, 0)
}

onEachApp('a cancellation with a refund', (app) => {
  test('gives back what was not used, to the cent of what a switch would credit', async () => {
    const { dues, subscribe, advance } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    await advance({ days: 10 })
    const { credit } = await dues.subscriptions.preview(id, 'ent', 'monthly', { when: 'now' })
    expect(await dues.subscriptions.cancel(id, { when: 'now', refund: 'unused' })).toMatchObject({ state: 'canceled' })
    expect(credit).toBeGreaterThan(0)
    expect(Math.abs((await backTo(app(), customer)) - credit)).toBeLessThanOrEqual(1)
  })

  test('after a switch gives back what is left of the present plan, from both payments', async () => {
    const { dues, subscribe, advance, now } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    await advance({ days: 10 })
    await dues.subscriptions.switchTo(id, 'ent', 'monthly')
    await advance({ days: 5 })
    const { renewsAt } = await dues.member(id)
    const days = ((renewsAt?.getTime() ?? 0) / 1000 - now()) / 86_400
    await dues.subscriptions.cancel(id, { when: 'now', refund: 'unused' })
    const back = await backTo(app(), customer)
    const whole = Math.round(days) + 15
    expect(Math.abs(back - (9900 * days) / whole)).toBeLessThanOrEqual(2)
  })

  test('gives back the whole period, or an amount', async () => {
    const { dues, subscribe, advance } = app()
    for (const [refund, back] of [
      ['period', 1900],
      [700, 700],
    ] as const) {
      const { id } = anOwner()
      const { customer } = await subscribe(id)
      await advance({ days: 3 })
      await dues.subscriptions.cancel(id, { when: 'now', refund })
      expect(await backTo(app(), customer)).toBe(back)
    }
  })

  test('is shown before: what each way gives back is what comes back', async () => {
    const { dues, stripe, subscribe, advance, now } = app()
    const [refunded, credited] = [anOwner().id, anOwner().id]
    const customers = [(await subscribe(refunded)).customer, (await subscribe(credited)).customer] as const
    await advance({ days: 10 })
    const shown = await dues.subscriptions.previewCancel(refunded)
    expect(shown).toMatchObject({ currency: 'usd', period: 1900, periodEnd: (await dues.member(refunded)).renewsAt })
    const days = ((shown.periodEnd?.getTime() ?? 0) / 1000 - now()) / 86_400
    expect(shown.unused).toBe(Math.round((1900 * days) / Math.round(days + 10)))
    await dues.subscriptions.cancel(refunded, { when: 'now', refund: shown.unused })
    expect(await backTo(app(), customers[0])).toBe(shown.unused)

    const { credit } = await dues.subscriptions.previewCancel(credited)
    expect(Math.abs(credit - shown.unused)).toBeLessThanOrEqual(1)
    await dues.subscriptions.cancel(credited, { when: 'now', unused: 'credit' })
    expect(await stripe.customers.retrieve(customers[1])).toMatchObject({ balance: -credit })
    await expect(dues.subscriptions.previewCancel(credited)).rejects.toMatchObject({ code: 'nothing_to_cancel' })
  })

  test('of a trial, for which nothing was paid, gives back nothing', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id, { plan: 'ent', trial_period_days: 14 })
    expect(await dues.subscriptions.previewCancel(id)).toMatchObject({
      credit: 0,
      unused: 0,
      period: 0,
      periodEnd: (await dues.member(id)).trialEndsAt,
    })
  })

  test('of more than was paid, or of what ends later, or beside a credit, is refused and ends nothing', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    await expect(dues.subscriptions.cancel(id, { when: 'now', refund: 1901 })).rejects.toMatchObject({
      code: 'refund_too_large',
      details: { left: 1900 },
    })
    for (const options of [
      { refund: 'unused' },
      { when: 'now', refund: 0 },
      { when: 'now', refund: 5, unused: 'credit' },
    ] as const)
      await expect(dues.subscriptions.cancel(id, options)).rejects.toMatchObject({ code: 'bad_request' })
    expect((await dues.member(id)).active()).toBe(true)
    expect(await backTo(app(), customer)).toBe(0)
  })

  test('clicked twice at once in two processes, and once more, is paid once', async () => {
    const { dues, other, subscribe } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    const cancel = (one: App['dues']) => one.subscriptions.cancel(id, { when: 'now', refund: 700 })
    await Promise.all([dues, other, dues].map(cancel))
    await cancel(other)
    expect(await backTo(app(), customer)).toBe(700)
  })
})

onEachApp('whichever call of a cancellation with a refund fails,', (app) => {
  let failing: ReturnType<typeof failingStripe>
  let process: App['dues']
  beforeAll(async () => {
    failing = failingStripe({ secretKey: app().secretKey, port: app().local.port })
    process = app().another({ stripe: { client: failing.client, webhookSecret: app().webhookSecret } })
    await process.start({ work: false })
  })
  afterAll(() => process.stop())

  test.each<Failure>(['down', 'lost'])(
    'who is not a member any more has the money, once, by a job; who is has none, and may try again (%s)',
    async (how) => {
      const { dues, subscribe, settled } = app()
      let failed = 0
      for (let call = 1; call <= 16; call++) {
        const { id } = anOwner()
        const { customer } = await subscribe(id)
        const cancel = () => process.subscriptions.cancel(id, { when: 'now', refund: 700 })
        failing.at(call, how)
        const refusal = await cancel().catch((error: unknown) => error)
        const calls = failing.calls()
        failing.mend()
        if (calls < call) break
        await settled()
        if (refusal instanceof DuesError) {
          failed += 1
          expect(refusal.code).toBe('stripe_unavailable')
        }
        if ((await dues.member(id)).active()) {
          expect(await backTo(app(), customer)).toBe(0)
          await cancel()
        }
        await until(async () => (await backTo(app(), customer)) > 0, 'the money is back')
        expect(await backTo(app(), customer)).toBe(700)
        expect((await dues.member(id)).ended()).toBe(true)
      }
      expect(failed).toBeGreaterThan(3)
    },
  )

  test('a refund that came to nothing is not paid by an end that is asked for without it', async () => {
    const { dues, subscribe, settled } = app()
    for (let call = 3; ; call++) {
      const { id } = anOwner()
      const { customer, subscription } = await subscribe(id)
      failing.at(call, 'down')
      await process.subscriptions.cancel(id, { when: 'now', refund: 700 }).catch((error: unknown) => error)
      failing.mend()
      // From here on it is the refund that fails; the cancellation was the call before.
      if ((await app().stripe.subscriptions.retrieve(subscription)).status === 'canceled') {
        expect(call).toBeGreaterThan(4)
        break
      }
      await dues.subscriptions.cancel(id, { when: 'now' })
      await settled()
      expect(await backTo(app(), customer)).toBe(0)
    }
  })
})
