import type Stripe from 'stripe'

/** Objects of Stripe's with the fields that Dues reads. Whole ones come from Stripe Local, in its integration test. */
export function aSubscription(given: Partial<Stripe.Subscription> & { price?: string } = {}): Stripe.Subscription {
  const { price = 'price_pro_monthly', ...rest } = given
  const start = rest.start_date ?? 1_800_000_000
  return {
    id: 'sub_1',
    object: 'subscription',
    customer: 'cus_1',
    status: 'active',
    items: { object: 'list', data: [anItem({ price, start })], has_more: false, url: '' },
    created: start,
    start_date: start,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    ended_at: null,
    trial_start: null,
    trial_end: null,
    pause_collection: null,
    collection_method: 'charge_automatically',
    latest_invoice: 'in_1',
    schedule: null,
    metadata: {},
    test_clock: null,
    ...rest,
  } as Stripe.Subscription
}

export function anItem({ id = 'si_1', price = 'price_pro_monthly', start = 1_800_000_000, quantity = 1 } = {}) {
  return {
    id,
    object: 'subscription_item',
    price: { id: price, object: 'price', product: 'prod_pro' },
    quantity,
    current_period_start: start,
    current_period_end: start + 30 * 86_400,
  } as Stripe.SubscriptionItem
}

export function aCustomer(given: Partial<Stripe.Customer> = {}): Stripe.Customer {
  return {
    id: 'cus_1',
    object: 'customer',
    email: 'ada@example.org',
    name: 'Ada',
    created: 1_800_000_000,
    default_source: null,
    invoice_settings: { custom_fields: null, default_payment_method: 'pm_1', footer: null, rendering_options: null },
    metadata: {},
    test_clock: null,
    ...given,
  } as Stripe.Customer
}

export function anInvoice(given: Partial<Stripe.Invoice> & { subscription?: string | null } = {}): Stripe.Invoice {
  const { subscription = 'sub_1', ...rest } = given
  return {
    id: 'in_1',
    object: 'invoice',
    customer: 'cus_1',
    status: 'paid',
    number: 'A-0001',
    currency: 'usd',
    total: 1900,
    amount_due: 1900,
    amount_paid: 1900,
    amount_remaining: 0,
    attempt_count: 1,
    next_payment_attempt: null,
    billing_reason: 'subscription_cycle',
    hosted_invoice_url: null,
    created: 1_800_000_000,
    parent: subscription === null ? null : { type: 'subscription_details', subscription_details: { subscription } },
    test_clock: null,
    ...rest,
  } as Stripe.Invoice
}

export function aCharge(given: Partial<Stripe.Charge> = {}): Stripe.Charge {
  return {
    id: 'ch_1',
    object: 'charge',
    customer: 'cus_1',
    currency: 'usd',
    amount: 1900,
    amount_refunded: 0,
    disputed: false,
    ...given,
  } as Stripe.Charge
}
