import { createWorld, type World } from './world.ts'

/** A business in the middle of its work: something of most kinds. */
export function newBusiness(): World {
  const world = createWorld()
  const { account, ask } = world
  const customer = world.customer()
  const [monthly, yearly] = [world.price(1900), world.price(19_000, { interval: 'year' })]
  const subscription = world.subscribe({ customer, items: [{ price: monthly }] })
  world.subscribe({ customer, items: [{ price: yearly, quantity: 3 }], trial_period_days: 7 })
  const scheduled = world.subscribe({ customer, items: [{ price: yearly }] })
  ask('POST /v1/subscription_schedules', { from_subscription: scheduled.id })
  ask('POST /v1/coupons', { percent_off: 20, id: 'TWENTY' })
  ask('POST /v1/promotion_codes', { promotion: { type: 'coupon', coupon: 'TWENTY' } })
  ask('POST /v1/tax_rates', { display_name: 'VAT', inclusive: false, percentage: 19 })
  ask('POST /v1/invoiceitems', { customer, amount: 700, currency: 'usd' })
  ask('POST /v1/invoices', { customer })
  ask('POST /v1/payment_intents', { amount: 2000, currency: 'usd', customer })
  ask('POST /v1/setup_intents', { customer })
  ask('POST /v1/checkout/sessions', {
    mode: 'subscription',
    line_items: [{ price: monthly, quantity: 1 }],
    success_url: 'https://example.com',
  })
  ask('POST /v1/billing/meters', {
    display_name: 'Calls',
    event_name: 'calls',
    default_aggregation: { formula: 'sum' },
  })
  ask('POST /v1/entitlements/features', { name: 'Export', lookup_key: 'export' })
  ask('POST /v1/test_helpers/test_clocks', { frozen_time: account.now })
  ask('POST /v1/webhook_endpoints', { url: 'https://example.com', enabled_events: ['*'] })
  ask('POST /v1/shipping_rates', { display_name: 'Post', fixed_amount: { amount: 500, currency: 'usd' } })
  world.update(subscription.id, { metadata: { a: '1' } })
  return world
}

/** The same with something of the other kinds and states, so that most requests find what they are made for. */
export function newRichBusiness(): World {
  const world = newBusiness()
  const { account, ask } = world
  const customer = world.customer()
  const method = account.get('customer', customer).invoice_settings.default_payment_method as string
  const price = world.price(2900)
  const pay = (payment_method: string, more: object = {}) =>
    ask('POST /v1/payment_intents', {
      amount: 3000,
      currency: 'usd',
      customer,
      payment_method,
      confirm: true,
      return_url: 'https://example.com',
      ...more,
    })
  const paid = pay(method)
  pay('pm_card_createDispute')
  pay(method, { capture_method: 'manual' })
  ask('POST /v1/refunds', { payment_intent: paid.id, amount: 100 })
  ask('POST /v1/setup_intents', { customer, payment_method: method, confirm: true, return_url: 'https://example.com' })
  ask('POST /v1/customers/{id}/balance_transactions', { amount: -500, currency: 'usd' }, { id: customer })
  ask('POST /v1/customers/{id}/sources', { source: 'tok_visa' }, { id: customer })
  const bank = ask('POST /v1/payment_methods', {
    type: 'us_bank_account',
    us_bank_account: { account_number: '000123456789', routing_number: '110000000' },
    billing_details: { name: 'Ada' },
  })
  const byBank = { allowed_payment_method_types: ['us_bank_account'], payment_method: bank.id, customer, confirm: true }
  ask('POST /v1/payment_intents', { amount: 3000, currency: 'usd', ...byBank })
  ask('POST /v1/setup_intents', byBank)
  ask('POST /v1/tax_ids', { type: 'eu_vat', value: 'DE123456789', owner: { type: 'customer', customer } })
  const paused = world.subscribe({ customer, items: [{ price }] })
  ask('POST /v1/subscriptions/{id}/pause', { type: 'subscription' }, { id: paused.id })
  ask('POST /v1/coupons', { percent_off: 10, duration: 'forever', id: 'FOREVER' })
  const discounted = world.subscribe({ customer, items: [{ price }], discounts: [{ coupon: 'FOREVER' }] })
  ask('POST /v1/credit_notes', { invoice: discounted.latest_invoice as string, amount: 100, credit_amount: 100 })
  for (const finalized of [false, true]) {
    const { id } = ask('POST /v1/invoices', { customer })
    ask('POST /v1/invoices/{id}/add_lines', { lines: [{ amount: 900, description: 'Work' }] }, { id })
    if (finalized) ask('POST /v1/invoices/{id}/finalize', {}, { id })
  }
  ask('POST /v1/payment_intents', { amount: 100, currency: 'usd', customer })
  ask('POST /v1/invoiceitems', { customer, amount: 300, currency: 'usd' })
  ask('POST /v1/charges', { amount: 1200, currency: 'usd', source: 'tok_visa', capture: false })
  ask('POST /v1/billing_portal/configurations', { features: { invoice_history: { enabled: true } } })
  const meter = account.store.all('billing.meter')[0]?.id as string
  ask('POST /v1/billing/meter_events', {
    event_name: 'calls',
    identifier: 'first',
    payload: { stripe_customer_id: customer, value: '3' },
  })
  world.price(5, { interval: 'month', usage_type: 'metered', meter })
  const other = world.price(2900)
  world.subscribe({ customer, items: [{ price }, { price: other }], billing_mode: { type: 'classic' } })
  ask('POST /v2/core/event_destinations', {
    name: 'Thin',
    type: 'webhook_endpoint',
    enabled_events: ['*'],
    event_payload: 'thin',
    webhook_endpoint: { url: 'https://example.com' },
  })
  world.update(paused.id, { metadata: { a: '1' } })
  return world
}
