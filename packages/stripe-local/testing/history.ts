import fc from 'fast-check'
import { ApiError } from '../src/protocol/errors.ts'
import { createWorld, type World } from './world.ts'

type Behavior = 'always_invoice' | 'create_prorations' | 'none'

/** One thing that somebody does to a subscription, or time that passes. */
export type Step =
  | { do: 'wait'; seconds: number }
  | { do: 'switch'; to: number; behavior: Behavior; anchor: boolean; waits: boolean }
  | { do: 'quantity'; quantity: number; behavior: Behavior }
  | { do: 'cancel at the end' | 'take back' | 'pay' | 'pause' | 'resume' }
  | { do: 'cancel'; prorate: boolean; invoice_now: boolean }
  | { do: 'card'; card: string }
  | { do: 'item'; amount: number }
  | { do: 'coupon'; percent: number; behavior: Behavior }

const day = 86_400
const behavior = fc.constantFrom<Behavior[]>('always_invoice', 'create_prorations', 'none')

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 45 * day }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('switch' as const),
      to: fc.nat({ max: 3 }),
      behavior,
      anchor: fc.boolean(),
      waits: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('quantity' as const), quantity: fc.integer({ min: 1, max: 9 }), behavior }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'cancel at the end' as const,
        'take back' as const,
        'pay' as const,
        'pause' as const,
        'resume' as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('cancel' as const), prorate: fc.boolean(), invoice_now: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('card' as const),
      card: fc.constantFrom('pm_card_visa', 'pm_card_chargeCustomerFail', 'pm_card_authenticationRequired'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('item' as const), amount: fc.integer({ min: -3000, max: 3000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('coupon' as const),
      percent: fc.constantFrom(10, 33.3, 50, 100),
      behavior,
    }),
  },
)

/** How a subscription begins and what becomes of it. */
export type History = { billing: 'classic' | 'flexible'; trial: number; tax: Tax | null; steps: Step[] }
type Tax = { percentage: number; inclusive: boolean }

export const history: fc.Arbitrary<History> = fc.record({
  billing: fc.constantFrom('flexible' as const, 'flexible' as const, 'classic' as const),
  trial: fc.constantFrom(0, 0, 0, 14),
  tax: fc.option(fc.record({ percentage: fc.constantFrom(8.875, 19), inclusive: fc.boolean() })),
  steps: fc.array(step, { minLength: 1, maxLength: 14 }),
})

/** A world, and in it a customer with a subscription, which is changed among these prices. */
export type Living = Omit<World, 'customer'> & { prices: string[]; customer: string; id: string }

/** A customer with a subscription whose history can be lived through. */
export function beginHistory({ billing, trial, tax }: History): Living {
  const world = createWorld()
  const prices = [
    world.price(2500),
    world.price(9999),
    world.price(70_000, { interval: 'year' }),
    world.price(333, { interval: 'week', interval_count: 2 }),
  ]
  const customer = world.customer()
  const { id } = world.subscribe({
    customer,
    items: [{ price: prices[0] ?? '' }],
    billing_mode: { type: billing },
    ...(trial > 0 && { trial_period_days: trial }),
    ...(tax && { default_tax_rates: [world.ask('POST /v1/tax_rates', { display_name: 'VAT', ...tax }).id] }),
  })
  return { ...world, prices, customer, id }
}

/** Does one step. What Stripe would refuse is refused, and changes nothing. */
export function live(living: Living, step: Step): void {
  try {
    act(living, step)
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500) throw error
  }
}

function act(living: Living, step: Step): void {
  const { account, ask, customer, id, prices, update } = living
  const [item] = account.get('subscription', id).items.data
  switch (step.do) {
    case 'wait':
      living.wait(step.seconds)
      return
    case 'switch':
      update(id, {
        items: [{ id: item?.id ?? '', price: prices[step.to] ?? '' }],
        proration_behavior: step.behavior,
        ...(step.anchor && { billing_cycle_anchor: { type: 'now' } }),
        ...(step.waits && { payment_behavior: 'pending_if_incomplete' }),
      })
      return
    case 'quantity':
      update(id, { items: [{ id: item?.id ?? '', quantity: step.quantity }], proration_behavior: step.behavior })
      return
    case 'cancel at the end':
    case 'take back':
      update(id, { cancel_at_period_end: step.do === 'cancel at the end' })
      return
    case 'pause':
      ask('POST /v1/subscriptions/{id}/pause', { type: 'subscription' }, { id })
      return
    case 'resume':
      ask('POST /v1/subscriptions/{id}/resume', {}, { id })
      return
    case 'cancel':
      ask('DELETE /v1/subscriptions/{id}', { prorate: step.prorate, invoice_now: step.invoice_now }, { id })
      return
    case 'card':
      living.payWith(customer, step.card)
      return
    case 'item':
      ask('POST /v1/invoiceitems', { customer, amount: step.amount, currency: 'usd' })
      return
    case 'coupon': {
      const coupon = ask('POST /v1/coupons', { percent_off: step.percent, duration: 'once' })
      update(id, { discounts: [{ coupon: coupon.id }], proration_behavior: step.behavior })
      return
    }
    case 'pay':
      payOpenInvoices(living)
      return
  }
}

function payOpenInvoices({ account, ask, customer, payWith }: Living): void {
  payWith(customer, 'pm_card_visa')
  for (const { id, status } of account.store.by('invoice', 'customer', customer)) {
    if (status === 'open') ask('POST /v1/invoices/{id}/pay', {}, { id })
  }
}

/** What came of a history, without the ids, which differ from one run to the next. */
export function outcomeOf({ account, customer, id }: Living): object {
  const { status, items, cancel_at, ended_at, billing_cycle_anchor } = account.get('subscription', id)
  return {
    subscription: {
      ...{ status, cancel_at, ended_at, billing_cycle_anchor },
      items: items.data.map(({ price, quantity, current_period_start, current_period_end }) => ({
        ...{ amount: price.unit_amount, quantity, current_period_start, current_period_end },
      })),
    },
    balance: account.get('customer', customer).balance,
    invoices: account.store.by('invoice', 'customer', customer).map((invoice) => ({
      ...{ created: invoice.created, status: invoice.status, total: invoice.total, due: invoice.amount_due },
      ...{ attempts: invoice.attempt_count, next: invoice.next_payment_attempt, reason: invoice.billing_reason },
      lines: invoice.lines.data.map(({ amount, description, period }) => ({ amount, description, period })),
    })),
    events: account.store.all('event').map(({ created, type }) => `${created} ${type}`),
  }
}
