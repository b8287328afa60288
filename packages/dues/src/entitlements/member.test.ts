import { expect, test } from 'vitest'
import { anOwner, noAddOns, onEachApp } from '../../testing/app.ts'
import { until } from '../../testing/engine.ts'
import type { Transition } from './transition.ts'

const hooked: Transition[] = []
const remember = (transition: unknown) => void hooked.push(transition as Transition)

onEachApp(
  'a member',
  (app) => {
    test('without a subscription has the free plan', async () => {
      const member = await app().dues.member(anOwner().id)
      expect(member).toMatchObject({ plan: 'free', state: 'none', price: null, interval: null, renewsAt: null })
      expect([member.on('free'), member.on('pro'), member.subscribed()]).toEqual([true, false, false])
      expect([member.can('export'), member.can('projects'), member.limit('projects')]).toEqual([false, true, 3])
    })

    test('has what the plan grants', async () => {
      const { dues, subscribe } = app()
      const { id } = anOwner()
      await subscribe(id, { plan: 'ent' })
      const member = await dues.member(id)
      expect([member.can('export'), member.limit('projects')]).toEqual([true, Infinity])
      expect(member.price).toEqual({
        id: expect.stringMatching(/^price_/),
        plan: 'ent',
        interval: 'monthly',
        amount: 9900,
        currency: 'usd',
        addOns: noAddOns,
      })
    })

    test('is told to a browser as JSON, without an Infinity that JSON has not', async () => {
      const { ask, subscribe } = app()
      const { id } = anOwner()
      await subscribe(id, { plan: 'ent' })
      const response = await ask(id, '/membership')
      expect(await response.json()).toEqual({
        plan: 'ent',
        addOns: noAddOns,
        interval: 'monthly',
        state: 'active',
        price: expect.objectContaining({ amount: 9900 }),
        subscribed: true,
        trialing: false,
        onGracePeriod: false,
        pastDue: false,
        cancelling: false,
        canResume: false,
        renewsAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        endsAt: null,
        trialEndsAt: null,
        changesTo: null,
        features: { projects: null, export: true },
        usage: {
          projects: { used: 0, limit: null, remaining: null, resetsAt: expect.stringMatching(/Z$/) },
          gigabytes: expect.objectContaining({ used: 0, limit: 0 }),
        },
      })
    })

    test('acts on the membership, and each action answers with what it has become', async () => {
      const { dues, subscribe } = app()
      const { id } = anOwner()
      await subscribe(id)
      const switched = await (await dues.member(id)).switchTo('ent', 'monthly')
      const cancelled = await switched.cancel()
      const resumed = await cancelled.resume()
      expect([switched.plan, cancelled.cancelling(), resumed.cancelling()]).toEqual(['ent', true, false])
    })

    test('keeps access while Stripe is down, and what they wish meanwhile is refused and not half done', async () => {
      const { dues, other, subscribe, faults, stripe } = app()
      const { id } = anOwner()
      const { subscription } = await subscribe(id)
      const before = await stripe.subscriptions.retrieve(subscription)
      await faults({ api: { status500: 1 } })
      const wishes = [
        () => dues.subscriptions.switchTo(id, 'ent', 'monthly'),
        () => dues.subscriptions.cancel(id),
        () => dues.subscriptions.pause(id),
      ]
      for (const wish of wishes)
        await expect(wish()).rejects.toMatchObject({
          code: 'stripe_unavailable',
          message: expect.stringContaining('Nothing was changed'),
        })
      for (const process of [dues, other]) {
        const member = await process.member(id)
        expect([member.on('pro'), member.can('export'), member.state, member.cancelling()]).toEqual([
          true,
          true,
          'active',
          false,
        ])
      }
      await faults({})
      expect(await stripe.subscriptions.retrieve(subscription)).toEqual(before)
    })

    test('keeps access for the days of grace when a renewal fails, and not longer', async () => {
      const { dues, subscribe, payWith, advance, settings } = app()
      const { id } = anOwner()
      await settings({ retryDays: [3, 14] })
      const { customer } = await subscribe(id)
      await payWith(customer, 'pm_card_chargeCustomerFail')
      await advance({ months: 1, days: 1 })
      const failed = await dues.member(id)
      expect([failed.state, failed.plan, failed.onGracePeriod()]).toEqual(['past_due', 'pro', true])
      const [invoice] = (await dues.invoices.list(id)).data
      expect(invoice).toMatchObject({ status: 'open', amountRemaining: 1900, url: expect.stringMatching(/^http/) })
      expect(failed.endsAt?.getTime()).toBe((invoice?.created.getTime() ?? 0) + 7 * 86_400_000)
      await advance({ days: 7 })
      const later = await dues.member(id)
      expect([later.state, later.plan, later.subscribed()]).toEqual(['past_due', 'free', false])
    })

    test('sees every invoice, the newest first', async () => {
      const { dues, subscribe, settled } = app()
      const { id } = anOwner()
      await subscribe(id)
      await dues.subscriptions.switchTo(id, 'ent', 'monthly')
      await settled()
      const { data: invoices } = await dues.invoices.list(id)
      expect(invoices.map(({ status }) => status)).toEqual(['paid', 'paid'])
      expect(invoices[1]).toMatchObject({ total: 1900, amountPaid: 1900, currency: 'usd', number: expect.any(String) })
      expect(await dues.invoices.list(anOwner().id)).toEqual({ data: [], hasMore: false })
    })

    test('has a history, told in the app’s words, and each hook was run with it', async () => {
      const { dues, subscribe, settled } = app()
      const owner = anOwner()
      await dues.checkout.start({ owner, plan: 'pro', interval: 'monthly' })
      await subscribe(owner.id)
      await dues.subscriptions.switchTo(owner.id, 'ent', 'monthly')
      await dues.subscriptions.cancel(owner.id)
      await settled()
      const history = await dues.subscriptions.history(owner.id)
      expect(history.map(({ type, before, after }) => [type, before?.plan ?? null, after?.plan])).toEqual([
        ['cancelling', 'ent', 'ent'],
        ['switched', 'pro', 'ent'],
        ['started', null, 'pro'],
      ])
      expect(history[0]?.after?.endsAt).toEqual((await dues.member(owner.id)).endsAt)
      const mine = () => hooked.filter((transition) => transition.owner.id === owner.id)
      await until(() => mine().length === 2, 'the hooks of started and switched ran')
      expect(mine().map(({ type, owner: told }) => [type, told])).toEqual(
        expect.arrayContaining([
          ['started', owner],
          ['switched', owner],
        ]),
      )
      expect(new Set(mine().map((transition) => transition.id)).size).toBe(2)
    })
  },
  { on: { started: remember, switched: remember } },
)

onEachApp('a grant', (app) => {
  test('gives a plan by hand, until it is taken back', async () => {
    const { dues } = app()
    const { id } = anOwner()
    await dues.grants.give(id, 'pro', { reason: 'spoke at the meetup' })
    expect(await dues.member(id)).toMatchObject({ plan: 'pro', state: 'granted' })
    expect(await dues.grants.takeBack(id)).toBe(1)
    expect(await dues.grants.takeBack(id)).toBe(0)
    expect((await dues.member(id)).plan).toBe('free')
    expect(await dues.grants.of(id)).toMatchObject([
      { plan: 'pro', reason: 'spoke at the meetup', endsAt: expect.any(Date) },
    ])
  })

  test('ends by itself on its day', async () => {
    const { dues, now, advance } = app()
    const { id } = anOwner()
    const until = new Date((now() + 86_400) * 1000)
    await dues.grants.give(id, 'pro', { reason: 'a day pass', until })
    expect((await dues.member(id)).endsAt).toEqual(until)
    await advance({ days: 2 })
    expect((await dues.member(id)).plan).toBe('free')
  })

  test('does not keep anybody from buying', async () => {
    const { dues } = app()
    const owner = anOwner()
    await dues.grants.give(owner.id, 'pro', { reason: 'a friend' })
    const { url } = await dues.checkout.start({ owner, plan: 'ent', interval: 'monthly' })
    expect(url).toMatch(/^http/)
  })

  test('is refused without a plan, a reason, or a day to come', async () => {
    const { grants } = app().dues
    const { id } = anOwner()
    await expect(grants.give(id, 'gold' as never, { reason: 'x' })).rejects.toMatchObject({ code: 'plan_unknown' })
    await expect(grants.give(id, 'pro', { reason: ' ' })).rejects.toMatchObject({ code: 'bad_request' })
    const past = { reason: 'x', until: new Date(0) }
    await expect(grants.give(id, 'pro', past)).rejects.toMatchObject({ code: 'bad_request' })
    expect(await grants.of(id)).toEqual([])
  })
})
