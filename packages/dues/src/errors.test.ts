import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type App, anOwner, onEachApp } from '../testing/app.ts'
import { get, openHandler, post } from '../testing/handler.ts'
import { createCatalogue } from './catalogue/catalogue.ts'
import { DuesError, type RefusalCode, refusals } from './errors.ts'
import { usd } from './money.ts'

/** A refusal, how somebody comes by it, and what must be in it. */
type Scene = {
  readonly code: RefusalCode
  readonly of: string
  /** What has happened before. Answers with what is then refused. */
  readonly prepare: (app: App, owner: { id: string; email: string }) => Promise<() => Promise<unknown>>
  readonly details?: object
}

const nowhere = { secretKey: 'sk_test_1', webhookSecret: 'whsec_1', apiBase: 'http://localhost:1' }

const scenes: Scene[] = [
  {
    code: 'not_signed_in',
    of: 'a visitor who asks for a membership',
    prepare:
      async ({ ask }) =>
      async () => {
        const response = await ask('', '/cancel', {})
        const { error } = (await response.json()) as { error: { code: RefusalCode; message: string } }
        expect(response.status).toBe(401)
        throw new DuesError(error.code, error.message)
      },
  },
  {
    code: 'nothing_to_cancel',
    of: 'cancelling what was never begun',
    prepare:
      async ({ dues }, { id }) =>
      () =>
        dues.subscriptions.cancel(id),
  },
  {
    code: 'already_on_plan',
    of: 'a switch to the plan that there is',
    prepare: async ({ dues, subscribe }, { id }) => {
      await subscribe(id)
      return () => dues.subscriptions.switchTo(id, 'pro', 'monthly')
    },
    details: { plan: 'pro', interval: 'monthly' },
  },
  {
    code: 'already_subscribed',
    of: 'a second subscription',
    prepare: async ({ dues, subscribe }, owner) => {
      await subscribe(owner.id)
      return () => dues.checkout.start({ owner, plan: 'ent', interval: 'monthly' })
    },
    details: { plan: 'pro', interval: 'monthly', status: 'active' },
  },
  {
    code: 'plan_unknown',
    of: 'a plan that there is not',
    prepare:
      async ({ dues }, owner) =>
      () =>
        dues.checkout.start({ owner, plan: 'gold' as 'pro', interval: 'monthly' }),
  },
  {
    code: 'interval_unknown',
    of: 'an interval that a plan is not sold by',
    prepare:
      async ({ dues }, owner) =>
      () =>
        dues.checkout.start({ owner, plan: 'ent', interval: 'yearly' as 'monthly' }),
    details: { plan: 'ent' },
  },
  {
    code: 'price_archived',
    of: 'a switch to a price that somebody has archived',
    prepare: async ({ dues, stripe, subscribe }, { id }) => {
      await subscribe(id)
      await archive(stripe, 'dues_pro_yearly')
      return () => dues.subscriptions.switchTo(id, 'pro', 'yearly')
    },
  },
  {
    code: 'price_archived',
    of: 'a Checkout of a price that somebody has archived',
    prepare: async ({ dues, stripe }, owner) => {
      await archive(stripe, 'dues_pro_yearly')
      return () => dues.checkout.start({ owner, plan: 'pro', interval: 'yearly' })
    },
  },
  {
    code: 'payment_failed',
    of: 'a switch that the card does not pay for',
    prepare: async ({ dues, subscribe, payWith }, { id }) => {
      const { customer } = await subscribe(id)
      await payWith(customer, 'pm_card_chargeCustomerFail')
      return () => dues.subscriptions.switchTo(id, 'ent', 'monthly')
    },
    details: { declineCode: expect.stringMatching(/./), payUrl: expect.stringMatching(/^http/) },
  },
  {
    code: 'payment_failed',
    of: 'a switch while a renewal is not paid',
    prepare: async ({ dues, subscribe, payWith, advance }, { id }) => {
      const { customer } = await subscribe(id)
      await payWith(customer, 'pm_card_chargeCustomerFail')
      await advance({ months: 1, days: 1 })
      return () => dues.subscriptions.switchTo(id, 'ent', 'monthly')
    },
    details: { payUrl: expect.stringMatching(/^http/) },
  },
  {
    code: 'action_required',
    of: 'a switch that the bank wants confirmed',
    prepare: async ({ dues, subscribe, payWith }, { id }) => {
      const { customer } = await subscribe(id)
      await payWith(customer, 'pm_card_threeDSecure2Required')
      return () => dues.subscriptions.switchTo(id, 'ent', 'monthly')
    },
    details: { payUrl: expect.stringMatching(/^http/) },
  },
  {
    code: 'stripe_unavailable',
    of: 'a switch while Stripe is not reached',
    prepare: async ({ another, subscribe }, { id }) => {
      await subscribe(id)
      return cutOff(another, (dues) => dues.subscriptions.switchTo(id, 'ent', 'monthly'))
    },
  },
  {
    code: 'stripe_unavailable',
    of: 'a cancellation while Stripe is not reached',
    prepare: async ({ another, subscribe }, { id }) => {
      await subscribe(id)
      return cutOff(another, (dues) => dues.subscriptions.cancel(id))
    },
  },
  {
    code: 'stripe_unavailable',
    of: 'a Checkout while Stripe is not reached',
    prepare: async ({ another }, owner) =>
      cutOff(another, (dues) => dues.checkout.start({ owner, plan: 'pro', interval: 'monthly' })),
  },
  {
    code: 'period_over',
    of: 'resuming what has ended',
    prepare: async ({ dues, subscribe }, { id }) => {
      await subscribe(id)
      await dues.subscriptions.cancel(id, { when: 'now' })
      return () => dues.subscriptions.resume(id)
    },
  },
  {
    code: 'nothing_to_resume',
    of: 'resuming what is not going to end',
    prepare: async ({ dues, subscribe }, { id }) => {
      await subscribe(id)
      return () => dues.subscriptions.resume(id)
    },
  },
  {
    code: 'not_subscribed',
    of: 'a switch from nothing',
    prepare:
      async ({ dues }, { id }) =>
      () =>
        dues.subscriptions.switchTo(id, 'pro', 'monthly'),
  },
  {
    code: 'preview_expired',
    of: 'a switch by amounts of yesterday',
    prepare: async ({ dues, subscribe, now }, { id }) => {
      await subscribe(id)
      return () => dues.subscriptions.switchTo(id, 'ent', 'monthly', { prorationDate: now() - 86_400 })
    },
  },
  {
    code: 'seat_below_usage',
    of: 'fewer seats than are taken',
    prepare: async ({ dues, stripe, subscribe, settled }, { id }) => {
      const { subscription } = await subscribe(id)
      const { items } = await stripe.subscriptions.retrieve(subscription)
      await stripe.subscriptions.update(subscription, { items: [{ id: items.data[0]?.id ?? '', quantity: 5 }] })
      await settled()
      return () => dues.subscriptions.setQuantity(id, 2)
    },
    details: { used: 3, wanted: 2 },
  },
  {
    code: 'limit_reached',
    of: 'a use beyond the limit',
    prepare: async ({ dues }, { id }) => {
      await dues.usage.use(id, 'projects', 2)
      return () => dues.usage.use(id, 'projects', 2, { key: 'order_1' })
    },
    details: { used: 2, limit: 3, remaining: 1, asked: 2 },
  },
]

const archive = async (stripe: App['stripe'], key: string) => {
  const [price] = (await stripe.prices.list({ lookup_keys: [key] })).data
  await stripe.prices.update(price?.id ?? '', { active: false })
}

/** A process of the app whose Stripe is nowhere. */
const cutOff = (another: App['another'], run: (dues: App['dues']) => Promise<unknown>) => async () => {
  const dues = another({ stripe: nowhere })
  try {
    await run(dues)
  } finally {
    await dues.stop()
  }
}

/** All that a refusal must leave as it was: at Stripe what is sold and what is to come, here what was recorded and counted. */
async function standing({ stripe, dues, query, customersOf }: App, owner: string) {
  const customers = await customersOf(owner)
  const [customer] = customers
  const subscriptions = customer ? (await stripe.subscriptions.list({ customer: customer.id, status: 'all' })).data : []
  const sessions = customer ? (await stripe.checkout.sessions.list({ customer: customer.id, status: 'open' })).data : []
  const member = await dues.member(owner)
  return {
    customers: customers.length,
    sessions: sessions.length,
    subscriptions: subscriptions.map((one) => ({
      id: one.id,
      status: one.status,
      items: one.items.data.map(({ price, quantity }) => [price.id, quantity]),
      ends: [one.cancel_at, one.cancel_at_period_end, one.ended_at],
      schedule: one.schedule,
    })),
    member: [member.plan, member.state, member.renewsAt, member.endsAt],
    // That the bank asks is told to the app, so that it can ask the member.
    history: (await dues.subscriptions.history(owner)).filter(({ type }) => type !== 'actionRequired').length,
    counted: await query(
      'select feature, used::int, (select count(*)::int from dues.usage_entry where owner = $1) as entries from dues.usage where owner = $1',
      [owner],
    ),
  }
}

onEachApp(
  'a refusal',
  (app) => {
    test.each(scenes.map((scene) => [scene.code, scene.of, scene] as const))(
      '%s: %s leaves everything as it was',
      async (code, _, { prepare, details }) => {
        const owner = anOwner()
        const refused = await prepare(app(), owner)
        const before = await standing(app(), owner.id)
        const error = await refused().then(
          () => null,
          (thrown: unknown) => thrown,
        )
        expect(error).toBeInstanceOf(DuesError)
        expect(error).toMatchObject({ code, status: refusals[code].status, ...(details && { details }) })
        await app().settled()
        // A first attempt to buy may leave its customer: the next one goes on with it.
        const after = await standing(app(), owner.id)
        expect({ ...after, customers: before.customers }).toEqual(before)
        expect(after.customers).toBeLessThanOrEqual(1)
      },
    )
  },
  { seatsInUse: () => 3 },
)

describe('a request that the handler cannot take', () => {
  test.each([
    ['method_not_allowed', post('/membership')],
    ['payload_too_large', post('/cancel', { comment: 'x'.repeat(70_000) })],
    ['not_found', get('/nothing-here')],
  ] as const)('is refused as %s', async (code, request) => {
    request.headers.set('accept', 'application/json')
    const { handle, calls } = openHandler()
    const response = await handle(request)
    expect(await response.json()).toMatchObject({ error: { code } })
    expect([response.status, calls]).toEqual([refusals[code].status, []])
  })
})

test('a plan whose price nobody has looked up yet is not sold: price_unavailable', () => {
  const catalogue = createCatalogue({ pro: { name: 'Professional', prices: { monthly: usd(19) } } })
  const selling = () => catalogue.priceId(catalogue.offer('pro', 'monthly'))
  expect(selling).toThrow(expect.objectContaining({ code: 'price_unavailable', status: 409 }))
})

describe('every code', () => {
  const tests = globSync('packages/dues/src/**/*.test.ts').map((file) => readFileSync(file, 'utf8'))

  test.each(Object.keys(refusals))('%s is expected by a test', (code) => {
    expect(tests.some((text) => text.includes(`'${code}'`) || text.includes(`"${code}"`))).toBe(true)
  })

  test.each(Object.entries(refusals))('%s says when it comes and what to do, in sentences', (_, { when, mend }) => {
    for (const sentence of [when, mend]) expect(sentence).toMatch(/^[A-Z].*\.$/)
  })
})
