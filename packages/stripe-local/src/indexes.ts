import type { Kind, Kinds } from './kinds.ts'

/** By which values objects of a kind are found without a look at all of them: a customer's invoices, an intent's charges. */
export interface Indexes {
  'billing.meter_event': 'identifier' | 'usage'
  'checkout.session': 'customer' | 'subscription'
  'entitlements.active_entitlement': 'customer'
  'local.checkout': 'intent'
  'local.delivery': 'event'
  balance_transaction: 'source'
  charge: 'customer' | 'payment_intent'
  credit_note: 'customer' | 'invoice'
  customer: 'email' | 'test_clock'
  customer_balance_transaction: 'customer'
  dispute: 'charge'
  invoice: 'customer' | 'subscription'
  invoice_payment: 'invoice' | 'payment_intent'
  invoiceitem: 'customer'
  mandate: 'payment_method'
  payment_intent: 'customer'
  payment_method: 'customer'
  price: 'lookup_key' | 'product'
  product_feature: 'product'
  promotion_code: 'code'
  refund: 'charge' | 'payment_intent'
  setup_attempt: 'setup_intent'
  setup_intent: 'customer'
  subscription: 'customer'
  subscription_schedule: 'customer'
  tax_id: 'customer'
  'v2.core.event': 'snapshot_event'
}

/** The names of a kind's indexes. */
export type IndexName<K extends Kind> = K extends keyof Indexes ? Indexes[K] : never

type Extract<K extends Kind> = (object: Kinds[K]) => string | null | undefined

/** How each index finds its value in an object. What is null is in no index. */
export const indexes: { [K in keyof Indexes]: Record<Indexes[K], Extract<K>> } = {
  'billing.meter_event': { identifier: (event) => event.identifier, usage: (event) => event.usage },
  'checkout.session': { customer: (session) => session.customer, subscription: (session) => session.subscription },
  'entitlements.active_entitlement': { customer: (entitlement) => entitlement.customer },
  'local.checkout': { intent: (checkout) => checkout.intent },
  'local.delivery': { event: (delivery) => delivery.event },
  balance_transaction: { source: (transaction) => transaction.source },
  charge: { customer: (charge) => charge.customer, payment_intent: (charge) => charge.payment_intent },
  credit_note: { customer: (note) => note.customer, invoice: (note) => note.invoice },
  customer: { email: (customer) => customer.email, test_clock: (customer) => customer.test_clock },
  customer_balance_transaction: { customer: (transaction) => transaction.customer },
  dispute: { charge: (dispute) => dispute.charge },
  invoice: {
    customer: (invoice) => invoice.customer,
    subscription: (invoice) => invoice.parent?.subscription_details?.subscription,
  },
  invoice_payment: {
    invoice: (payment) => payment.invoice,
    payment_intent: (payment) => payment.payment.payment_intent,
  },
  invoiceitem: { customer: (item) => item.customer },
  mandate: { payment_method: (mandate) => mandate.payment_method },
  payment_intent: { customer: (intent) => intent.customer },
  payment_method: { customer: (method) => method.customer },
  price: { product: (price) => price.product, lookup_key: (price) => price.lookup_key },
  product_feature: { product: (feature) => feature.product },
  promotion_code: { code: (promotion) => promotion.code.toUpperCase() },
  refund: { charge: (refund) => refund.charge, payment_intent: (refund) => refund.payment_intent },
  setup_attempt: { setup_intent: (attempt) => attempt.setup_intent },
  setup_intent: { customer: (intent) => intent.customer },
  subscription: { customer: (subscription) => subscription.customer },
  subscription_schedule: { customer: (schedule) => schedule.customer },
  tax_id: { customer: (taxId) => taxId.customer },
  'v2.core.event': { snapshot_event: (notification) => notification.snapshot_event },
}
