import type Stripe from 'stripe'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { newRichBusiness } from '../../testing/any-business.ts'
import type { World } from '../../testing/world.ts'
import type { AnyObject, Kind } from '../kinds.ts'
import { schemaOf } from '../protocol/schema.ts'
import { handlers, type Operation } from '../resource.ts'

// What a list shows is worked out here a second time, from the objects alone: one test for what each filter means, and that several hold together.

type Any = { [name: string]: Any | undefined }
type Range = { gt?: number; gte?: number; lt?: number; lte?: number }
/** Whether an object is shown to who asks for a value. */
type Filter = { values: (objects: Any[]) => unknown[]; shows: (object: Any, value: never) => boolean }

const distinct = (values: unknown[]): unknown[] => {
  const texts = new Set(
    values.filter((value) => value !== null && value !== undefined).map((one) => JSON.stringify(one)),
  )
  return [...texts].map((text) => JSON.parse(text) as unknown)
}

/** A filter by one value of each object, or by any of several. */
const by = (read: (object: Any) => unknown): Filter => ({
  values: (objects) => distinct(objects.flatMap(read)).slice(0, 8),
  shows: (object, value) => [read(object)].flat().includes(value),
})
const field = (name: string): Filter => by((object) => object[name])

/** A filter by when something was. */
const during = (read: (object: Any) => unknown): Filter => ({
  values: (objects) => {
    const times = distinct(objects.map(read)) as number[]
    const some = [times[0], times[Math.floor(times.length / 2)], times.at(-1)].filter((time) => time !== undefined)
    return some.flatMap((time) => [time, { gt: time }, { gte: time }, { lt: time }, { lte: time }, { gt: 0, lt: time }])
  },
  shows: (object, value: number | Range) => {
    const time = read(object) as number | null
    if (time === null) return false
    if (typeof value === 'number') return time === value
    const { gt = -1, gte = 0, lt = Infinity, lte = Infinity } = value
    return time > gt && time >= gte && time < lt && time <= lte
  },
})
const created = during((object) => object.created)

/** A filter by something within an object: `{ recurring: { interval: 'month' } }`. */
const within = (name: string, read: (object: Any) => unknown): Filter => ({
  values: (objects) => distinct(objects.map(read)).map((value) => ({ [name]: value })),
  shows: (object, value: Record<string, unknown>) => read(object) === value[name],
})
const always = (values: unknown[], shows: (object: Any, value: never) => boolean): Filter => ({
  values: () => values,
  shows,
})

const itemsOf = (subscription: Any): Any[] => subscription.items?.data as unknown as Any[]
const pricesOf = by((subscription) => itemsOf(subscription).map(({ price }) => price?.id))

type List = {
  kind: Kind
  filters: Record<string, Filter>
  /** What is not shown to who does not ask for it. */
  unasked?: (object: Any, params: Record<string, unknown>) => boolean
  /** Filters that are held beside the resource. */
  elsewhere?: string[]
}

const lists: Partial<Record<Operation, List>> = {
  'GET /v1/balance_transactions': {
    kind: 'balance_transaction',
    filters: { created, currency: field('currency'), source: field('source'), type: field('type') },
  },
  'GET /v1/billing/meters': { kind: 'billing.meter', filters: { status: field('status') } },
  'GET /v1/charges': {
    kind: 'charge',
    filters: { created, customer: field('customer'), payment_intent: field('payment_intent') },
  },
  'GET /v1/checkout/sessions': {
    kind: 'checkout.session',
    filters: {
      created,
      customer: field('customer'),
      status: field('status'),
    },
    elsewhere: ['customer_details', 'payment_intent', 'subscription'],
  },
  'GET /v1/coupons': { kind: 'coupon', filters: { created } },
  'GET /v1/credit_notes': {
    kind: 'credit_note',
    filters: { created, customer: field('customer'), invoice: field('invoice') },
  },
  'GET /v1/customers': {
    kind: 'customer',
    filters: { created, email: field('email'), test_clock: field('test_clock') },
    // https://docs.stripe.com/api/customers/list#list_customers-test_clock
    unasked: ({ test_clock }, params) => (test_clock ?? null) !== null && params.test_clock === undefined,
  },
  'GET /v1/disputes': {
    kind: 'dispute',
    filters: { created, charge: field('charge'), payment_intent: field('payment_intent') },
  },
  'GET /v1/invoice_payments': {
    kind: 'invoice_payment',
    filters: {
      created,
      invoice: field('invoice'),
      payment: within('type', ({ payment }) => payment?.type),
      status: field('status'),
    },
  },
  'GET /v1/invoiceitems': {
    kind: 'invoiceitem',
    filters: {
      created: during(({ date }) => date),
      customer: field('customer'),
      invoice: field('invoice'),
      pending: always([true, false], ({ invoice }, pending: boolean) => (invoice === null) === pending),
    },
  },
  'GET /v1/invoices': {
    kind: 'invoice',
    filters: {
      created,
      collection_method: field('collection_method'),
      customer: field('customer'),
      due_date: during(({ due_date }) => due_date),
      status: field('status'),
      subscription: by(({ parent }) => parent?.subscription_details?.subscription),
    },
  },
  'GET /v1/payment_intents': { kind: 'payment_intent', filters: { created, customer: field('customer') } },
  'GET /v1/prices': {
    kind: 'price',
    filters: {
      active: field('active'),
      created,
      currency: field('currency'),
      product: field('product'),
      recurring: within('interval', ({ recurring }) => recurring?.interval),
      type: field('type'),
    },
    elsewhere: ['lookup_keys'],
  },
  'GET /v1/products': {
    kind: 'product',
    filters: { active: field('active'), created, type: field('type') },
    elsewhere: ['ids', 'shippable', 'url'],
  },
  'GET /v1/promotion_codes': {
    kind: 'promotion_code',
    filters: {
      active: field('active'),
      code: field('code'),
      coupon: by(({ promotion }) => promotion?.coupon),
      created,
      customer: field('customer'),
    },
  },
  'GET /v1/refunds': {
    kind: 'refund',
    filters: { charge: field('charge'), created, payment_intent: field('payment_intent') },
  },
  'GET /v1/setup_intents': {
    kind: 'setup_intent',
    filters: { created, customer: field('customer'), payment_method: field('payment_method') },
  },
  'GET /v1/shipping_rates': {
    kind: 'shipping_rate',
    filters: { active: field('active'), created, currency: by(({ fixed_amount }) => fixed_amount?.currency) },
  },
  'GET /v1/subscription_schedules': {
    kind: 'subscription_schedule',
    filters: {
      canceled_at: during(({ canceled_at }) => canceled_at),
      completed_at: during(({ completed_at }) => completed_at),
      created,
      customer: field('customer'),
      released_at: during(({ released_at }) => released_at),
      scheduled: always([true], ({ status }) => String(status) === 'not_started'),
    },
  },
  'GET /v1/subscriptions': {
    kind: 'subscription',
    filters: {
      automatic_tax: within('enabled', ({ automatic_tax }) => automatic_tax?.enabled),
      collection_method: field('collection_method'),
      created,
      current_period_end: during((one) => Math.min(...itemsOf(one).map((item) => Number(item.current_period_end)))),
      current_period_start: during((one) => Math.max(...itemsOf(one).map((item) => Number(item.current_period_start)))),
      customer: field('customer'),
      plan: pricesOf,
      price: pricesOf,
      status: {
        values: (objects) => [...field('status').values(objects), 'all', 'ended'],
        shows: ({ status }, value: string) =>
          value === 'all' ||
          String(status) === value ||
          (value === 'ended' && ['canceled', 'incomplete_expired'].includes(String(status))),
      },
      test_clock: field('test_clock'),
    },
    // https://docs.stripe.com/api/subscriptions/list
    unasked: (one, params) =>
      (params.status === undefined && String(one.status) === 'canceled') ||
      ((one.test_clock ?? null) !== null && params.test_clock === undefined && params.customer === undefined),
  },
  'GET /v1/tax_rates': {
    kind: 'tax_rate',
    filters: { active: field('active'), created, inclusive: field('inclusive') },
  },
}

let world: World
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-01T12:00:00Z') })
  world = newRichBusiness()
  const { ask, wait } = world
  const archived = world.price(100)
  ask('POST /v1/prices/{id}', { active: false }, { id: archived })
  ask('POST /v1/prices', { currency: 'eur', unit_amount: 700, product_data: { name: 'Once' } })
  const monthly = world.price(1500)
  const phases: Stripe.SubscriptionScheduleCreateParams.Phase[] = [
    { items: [{ price: monthly }], duration: { interval: 'month' } },
  ]
  const now = { customer: world.customer(), start_date: 'now' } as const
  ask('POST /v1/subscription_schedules', { ...now, phases, end_behavior: 'cancel' })
  const given = ask('POST /v1/subscription_schedules', { ...now, phases })
  ask('POST /v1/subscription_schedules/{id}/cancel', {}, { id: given.id })
  wait(40 * 86_400)
  const frozen = ask('POST /v1/test_helpers/test_clocks', { frozen_time: world.account.now })
  const email = 'ada@example.com'
  const clocked = ask('POST /v1/customers', { email, test_clock: frozen.id }).id
  world.payWith(clocked, 'pm_card_visa')
  world.subscribe({ customer: clocked, items: [{ price: monthly }] })
  const customer = ask('POST /v1/customers', { email }).id
  world.payWith(customer, 'pm_card_visa')
  const ended = world.subscribe({ customer, items: [{ price: monthly }] })
  ask('DELETE /v1/subscriptions/{id}', {}, { id: ended.id })
  const sent = { collection_method: 'send_invoice', days_until_due: 30 } as const
  world.subscribe({ customer, items: [{ price: monthly }, { price: world.price(900) }], ...sent })
  const planned = world.subscribe({ customer, items: [{ price: monthly }] })
  const schedule = ask('POST /v1/subscription_schedules', { from_subscription: planned.id })
  ask('POST /v1/subscription_schedules/{id}/release', {}, { id: schedule.id })
  ask('POST /v1/subscription_schedules', {
    customer,
    start_date: world.account.now + 86_400,
    phases,
  })
  const setup = { mode: 'setup', currency: 'usd', success_url: 'https://example.com' } as const
  ask('POST /v1/checkout/sessions', { ...setup, customer })
  ask('POST /v1/promotion_codes', { promotion: { type: 'coupon', coupon: 'FOREVER' }, customer })
  ask('POST /v1/credit_notes', { invoice: planned.latest_invoice as string, amount: 100, credit_amount: 100 })
  ask('POST /v1/shipping_rates', { display_name: 'Ship', fixed_amount: { amount: 500, currency: 'eur' } })
  ask('POST /v1/tax_rates', { display_name: 'VAT', inclusive: true, percentage: 7 })
  ask('POST /v1/invoiceitems', { customer, amount: 300, currency: 'usd' })
  vi.useRealTimers()
})

function listed(operation: Operation, params: Record<string, unknown>): string[] {
  const handler = handlers.get(operation) as unknown as (call: object) => { data: AnyObject[] }
  const call = { account: world.account, operation, path: {}, params: { ...params, limit: 100 }, url: '' }
  return handler(call).data.map(({ id }) => id)
}

const paging = ['expand', 'limit', 'starting_after', 'ending_before']
/** Connect's, payouts and payment links: nothing that is here belongs to one. */
const ofNothingHere = ['customer_account', 'attach_to_self', 'transfer_group', 'payout', 'payment_link']

describe.each(Object.entries(lists))('%s', (name, { kind, filters, unasked, elsewhere = [] }) => {
  const operation = name as Operation

  it('shows what each filter asks for, and by two what both do', () => {
    const objects = (world.account.store.all(kind) as unknown as Any[]).filter((one) => !('deleted' in one)).reverse()
    const asked = Object.entries(filters).flatMap(([name, { values, shows }]) =>
      values(objects).map((value) => ({ name, value, shows: (one: Any) => shows(one, value as never) })),
    )
    const expected = (params: Record<string, unknown>, chosen: typeof asked) =>
      objects
        .filter((one) => !unasked?.(one, params) && chosen.every(({ shows }) => shows(one)))
        .map(({ id }) => String(id))
        .slice(0, 100)
    // Nothing is held of a filter for which there is no value.
    const unheld = Object.keys(filters).filter((name) => !asked.some((one) => one.name === name))
    expect(unheld).toEqual([])
    expect(listed(operation, {})).toEqual(expected({}, []))
    for (const first of asked) {
      for (const second of asked) {
        if (second.name === first.name && second !== first) continue
        const params = { [first.name]: first.value, [second.name]: second.value }
        expect({ params, ids: listed(operation, params) }).toEqual({ params, ids: expected(params, [first, second]) })
      }
    }
  })

  it('has no other filter that is not held elsewhere', () => {
    const schema = schemaOf(operation)
    const names = schema?.kind === 'object' ? [...schema.fields.keys()] : []
    const known = [...paging, ...ofNothingHere, ...elsewhere, ...Object.keys(filters)]
    expect(names.filter((each) => !known.includes(each))).toEqual([])
  })
})
