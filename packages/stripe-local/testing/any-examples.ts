import type { Operation } from '../src/resource.ts'
import type { Request } from './requests.ts'
import type { World } from './world.ts'

/**
 * A request that succeeds for each operation that needs more than what its schema requires, or more luck than chance has; made for what
 * `newRichBusiness` has.
 */
export function examplesIn({ account }: World): Map<Operation, Omit<Request, 'operation'>[]> {
  const { store, now } = account
  const last = <T>(list: readonly T[]): T => list[list.length - 1] as T
  const invoiceOf = (status: string): string => last(store.all('invoice').filter((one) => one.status === status)).id
  const customer = last(store.all('customer')).id
  const source = account.get('customer', customer).default_source
  const price = last(store.all('price')).id
  const payment_method = account.get('customer', customer).invoice_settings.default_payment_method as string
  const line_items = [{ price, quantity: 1 }]
  const success_url = 'https://example.com'
  const feature = last(store.all('entitlements.feature')).id
  const discounted = last(store.all('subscription').filter(({ discounts }) => discounts.length > 0)).id
  const item = account.get('subscription', discounted).items.data[0]?.id
  const paused = last(store.all('subscription').filter(({ status }) => status === 'paused')).id
  const waiting = (kind: 'payment_intent' | 'setup_intent', status: string): string =>
    last(store.all(kind).filter((one) => one.status === status)).id
  const unverified = (kind: 'payment_intent' | 'setup_intent'): string =>
    last(store.all(kind).filter((one) => one.next_action?.type === 'verify_with_microdeposits')).id
  const deposits = [{ amounts: [32, 45] }, { descriptor_code: 'SM11AA' }]
  const of = (params: Record<string, unknown>, id?: string) => [{ params, path: (id ? { id } : {}) as Request['path'] }]
  const meter = store.all('billing.meter')[0]?.id
  const usage = { event_name: 'calls', payload: { stripe_customer_id: customer, value: '1' } }
  const destination = last(store.all('v2.core.event_destination')).id
  const classic = last(store.all('subscription').filter((one) => one.billing_mode.type === 'classic')).id
  const draft = last(store.all('invoice').filter((one) => one.status === 'draft' && one.lines.data.length > 0))
  const uncaptured = last(store.all('charge').filter((one) => !one.captured && !one.payment_intent)).id
  const day = 86_400
  const midnight = now - (now % day)
  const pay = { payment_method, return_url: success_url }
  const credit = { invoice: invoiceOf('paid'), amount: 100, credit_amount: 100 }
  return new Map<Operation, Omit<Request, 'operation'>[]>([
    ['POST /v1/charges', of({ amount: 1000, currency: 'usd', source: 'tok_visa' })],
    ['POST /v1/customers/{id}/sources', of({ source: 'tok_visa' }, customer)],
    ['POST /v1/customers/{id}/sources/{source}', [{ params: {}, path: { id: customer, source } as Request['path'] }]],
    [
      'POST /v1/checkout/sessions',
      [
        ...of({ mode: 'subscription', line_items, success_url }),
        ...of({ mode: 'setup', currency: 'usd', success_url }),
        ...of({ mode: 'subscription', line_items, ui_mode: 'embedded_page', return_url: success_url }),
        ...of({
          mode: 'payment',
          success_url,
          line_items: [
            { quantity: 1, price_data: { currency: 'usd', unit_amount: 900, product_data: { name: 'Book' } } },
          ],
        }),
      ],
    ],
    ['POST /v1/billing/meter_events', of(usage)],
    ['POST /v2/billing/meter_events', of(usage)],
    [
      'POST /v1/billing/meter_event_adjustments',
      of({ event_name: 'calls', type: 'cancel', cancel: { identifier: 'first' } }),
    ],
    [
      'POST /v2/billing/meter_event_adjustments',
      of({ event_name: 'calls', type: 'cancel', cancel: { identifier: 'first' } }),
    ],
    [
      'GET /v1/billing/meters/{id}/event_summaries',
      of({ customer, start_time: midnight - day, end_time: midnight }, meter),
    ],
    ['POST /v1/billing_portal/configurations/{id}', of({}, last(store.all('billing_portal.configuration')).id)],
    ['POST /v1/billing_portal/sessions', of({ customer })],
    ['POST /v1/charges/{id}/capture', of({}, uncaptured)],
    ['GET /v1/charges/search', of({ query: 'currency:"usd"' })],
    ['GET /v1/customers/search', of({ query: 'email:"ada@example.com"' })],
    ['GET /v1/invoices/search', of({ query: 'status:"paid"' })],
    ['GET /v1/payment_intents/search', of({ query: 'currency:"usd"' })],
    ['GET /v1/prices/search', of({ query: 'active:"true"' })],
    ['GET /v1/products/search', of({ query: 'active:"true"' })],
    ['GET /v1/subscriptions/search', of({ query: 'status:"active"' })],
    ['POST /v1/coupons/{id}', of({}, 'TWENTY')],
    ['POST /v1/coupons', [...of({ percent_off: 10 }), ...of({ amount_off: 10, currency: 'usd' })]],
    ['POST /v1/credit_notes', of(credit)],
    ['GET /v1/credit_notes/preview', of(credit)],
    ['GET /v1/credit_notes/preview/lines', of(credit)],
    ['POST /v1/entitlements/features', of({ name: 'Other', lookup_key: 'other' })],
    ['POST /v1/invoiceitems', of({ customer, amount: 500, currency: 'usd' })],
    ['POST /v1/invoices', of({ customer })],
    ['POST /v1/invoices/create_preview', [...of({ customer }), ...of({ subscription: discounted })]],
    ['POST /v1/invoices/{id}', of({}, invoiceOf('draft'))],
    [
      'POST /v1/invoices/{id}/attach_payment',
      of({ payment_intent: waiting('payment_intent', 'requires_payment_method') }, invoiceOf('open')),
    ],
    ['POST /v1/invoices/{id}/lines/{line}', [{ params: {}, path: { id: draft.id, line: last(draft.lines.data).id } }]],
    ['POST /v1/invoices/{id}/finalize', of({}, invoiceOf('draft'))],
    ['POST /v1/invoices/{id}/pay', of({}, invoiceOf('open'))],
    ['POST /v1/invoices/{id}/void', of({}, invoiceOf('open'))],
    ['POST /v1/payment_intents', of({ amount: 1000, currency: 'usd', customer, confirm: true, ...pay })],
    ['POST /v1/payment_intents/{id}/capture', of({}, waiting('payment_intent', 'requires_capture'))],
    ['POST /v1/payment_intents/{id}/confirm', of(pay, waiting('payment_intent', 'requires_payment_method'))],
    [
      'POST /v1/payment_intents/{id}/verify_microdeposits',
      deposits.flatMap((read) => of(read, unverified('payment_intent'))),
    ],
    [
      'POST /v1/setup_intents/{id}/verify_microdeposits',
      deposits.flatMap((read) => of(read, unverified('setup_intent'))),
    ],
    ['POST /v1/payment_methods', of({ type: 'card', card: { token: 'tok_visa' } })],
    ['POST /v1/payment_methods/{id}/attach', of({ customer }, 'pm_card_visa')],
    ['GET /v1/payment_methods', of({ customer })],
    ['POST /v1/plans', of({ currency: 'usd', interval: 'month', amount: 500, product: { name: 'Plan' } })],
    [
      'POST /v1/prices',
      of({ currency: 'usd', unit_amount: 500, recurring: { interval: 'month' }, product_data: { name: 'Other' } }),
    ],
    ['POST /v1/products/{id}/features', of({ entitlement_feature: feature }, last(store.all('product')).id)],
    ['POST /v1/promotion_codes', of({ promotion: { type: 'coupon', coupon: 'TWENTY' } })],
    ['POST /v1/refunds', of({ payment_intent: waiting('payment_intent', 'succeeded') })],
    ['POST /v1/setup_intents', of({ customer, confirm: true, ...pay })],
    [
      'POST /v1/setup_intents/{id}/confirm',
      of({ ...pay, payment_method: 'pm_card_visa' }, waiting('setup_intent', 'requires_payment_method')),
    ],
    ['POST /v1/shipping_rates', of({ display_name: 'Post', fixed_amount: { amount: 1, currency: 'usd' } })],
    ['POST /v1/subscription_items', of({ subscription: discounted, price: store.all('price')[0]?.id })],
    ['POST /v1/subscription_items/{id}', of({}, item)],
    ['DELETE /v1/subscription_items/{id}', of({}, last(account.get('subscription', classic).items.data).id)],
    ['POST /v1/subscriptions/{id}/migrate', of({ billing_mode: { type: 'flexible' } }, classic)],
    ['POST /v1/tokens', of({ card: { number: '4242424242424242', exp_month: '12', exp_year: '2040' } })],
    [
      'POST /v2/core/event_destinations',
      of({
        name: 'Other',
        type: 'webhook_endpoint',
        enabled_events: ['*'],
        event_payload: 'thin',
        webhook_endpoint: { url: success_url },
      }),
    ],
    ['POST /v2/core/event_destinations/{id}', of({}, destination)],
    ['GET /v2/core/event_destinations/{id}', of({}, destination)],
    ['POST /v1/plans/{id}', of({}, price)],
    ['POST /v1/subscription_schedules', of({ customer, start_date: now, phases: [{ items: [{ price }] }] })],
    ['POST /v1/subscriptions', of({ customer, items: [{ price }] })],
    [
      'POST /v1/subscriptions/{id}',
      of({ proration_behavior: 'always_invoice', items: [{ id: item, quantity: 3 }] }, discounted),
    ],
    ['POST /v1/subscriptions/{id}/resume', of({ billing_cycle_anchor: { type: 'unchanged' } }, paused)],
    ['DELETE /v1/subscriptions/{id}/discount', of({}, discounted)],
  ])
}
