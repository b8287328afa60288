import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { invalidRequest, notSupported } from '../../protocol/errors.ts'
import { mergeMetadata } from '../../resources/metadata.ts'
import { refuseAutomaticTax } from '../automatic-tax.ts'
import { cardSource } from '../card-sources.ts'
import { type Subscription, taxRatesOf } from './items.ts'
import { thresholdsOf } from './thresholds.ts'

/** Settings of a subscription that are the same when it is created and when it is updated, and that move no money by themselves. */
export type Settings = Pick<
  Stripe.SubscriptionCreateParams & Stripe.SubscriptionUpdateParams,
  | 'application_fee_percent'
  | 'automatic_tax'
  | 'billing_schedules'
  | 'billing_thresholds'
  | 'collection_method'
  | 'days_until_due'
  | 'default_payment_method'
  | 'default_source'
  | 'default_tax_rates'
  | 'description'
  | 'invoice_settings'
  | 'metadata'
  | 'on_behalf_of'
  | 'payment_settings'
  | 'pending_invoice_item_interval'
  | 'transfer_data'
  | 'trial_settings'
>

/** The fields of a subscription that its settings name. Errors: an unknown payment method or tax rate, days without `send_invoice`. */
export function settingsOf(account: Account, subscription: Subscription, params: Settings): Partial<Subscription> {
  refuseAutomaticTax(account, params.automatic_tax, subscription.customer)
  refuseUnsupported(params)
  const fields: Partial<Subscription> = {}
  if (params.billing_thresholds !== undefined) {
    fields.billing_thresholds = thresholdsOf(subscription.billing_thresholds, params.billing_thresholds)
  }
  if (params.collection_method !== undefined) fields.collection_method = params.collection_method
  if (params.days_until_due !== undefined) fields.days_until_due = params.days_until_due
  if (params.default_payment_method !== undefined) {
    fields.default_payment_method = paymentMethodOf(account, subscription, params.default_payment_method)
  }
  if (params.default_source !== undefined) {
    const { default_source: id } = params
    fields.default_source = id ? cardSource(account, subscription.customer, id, 'default_source').id : null
  }
  if (params.default_tax_rates !== undefined) {
    fields.default_tax_rates = taxRatesOf(account, params.default_tax_rates, 'default_tax_rates')
  }
  if (params.description !== undefined) fields.description = params.description || null
  if (params.metadata !== undefined) fields.metadata = mergeMetadata(subscription.metadata, params.metadata)
  if (params.invoice_settings) fields.invoice_settings = invoiceSettingsOf(subscription, params.invoice_settings)
  if (params.payment_settings) {
    const { payment_method_options, payment_method_types, save_default_payment_method } = params.payment_settings
    const before = subscription.payment_settings ?? noPaymentSettings
    fields.payment_settings = {
      ...before,
      ...(payment_method_options && {
        payment_method_options: {
          ...noMethodOptions,
          ...before.payment_method_options,
          ...cleared(payment_method_options),
        },
      }),
      ...(payment_method_types !== undefined && { payment_method_types: payment_method_types || null }),
      ...(save_default_payment_method !== undefined && { save_default_payment_method }),
    }
  }
  if (params.pending_invoice_item_interval !== undefined) {
    const every = params.pending_invoice_item_interval
    fields.pending_invoice_item_interval = every
      ? { interval: every.interval, interval_count: every.interval_count ?? 1 }
      : null
  }
  if (params.trial_settings) {
    const { billing_cycle_anchor, missing_payment_method } = params.trial_settings.end_behavior
    const before = subscription.trial_settings?.end_behavior
    fields.trial_settings = {
      end_behavior: {
        billing_cycle_anchor: billing_cycle_anchor ?? before?.billing_cycle_anchor ?? null,
        missing_payment_method: missing_payment_method ?? before?.missing_payment_method ?? 'create_invoice',
      },
    }
  }
  checkCollection({ ...subscription, ...fields }, params.days_until_due)
  return fields
}

/** What Stripe has and this engine does not compute is refused: the invoices would be wrong. */
function refuseUnsupported(params: Settings): void {
  if (params.billing_schedules && params.billing_schedules.length > 0) throw notSupported('billing_schedules')
  const ofOther = params.invoice_settings?.issuer?.type === 'account'
  if (params.transfer_data || params.on_behalf_of || params.application_fee_percent || ofOther) {
    throw notSupported('Connect on subscriptions')
  }
  if (params.trial_settings?.end_behavior.billing_cycle_anchor === 'unchanged') {
    throw notSupported('trial_settings[end_behavior][billing_cycle_anchor]=unchanged')
  }
}

function checkCollection(subscription: Subscription, daysGiven: number | undefined): void {
  if (subscription.collection_method === 'send_invoice') {
    if (subscription.days_until_due !== null) return
    throw invalidRequest("If invoice collection method is 'send_invoice', you must specify 'days_until_due'.")
  }
  if (daysGiven !== undefined) {
    throw invalidRequest("You can only specify 'days_until_due' if invoice collection method is 'send_invoice'.")
  }
}

function paymentMethodOf(account: Account, subscription: Subscription, id: string): string | null {
  if (id === '') return null
  const method = account.get('payment_method', id, 'default_payment_method')
  if (method.customer === subscription.customer) return id
  throw invalidRequest(
    `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
    'default_payment_method',
    'resource_missing',
  )
}

function invoiceSettingsOf(
  { invoice_settings: before }: Subscription,
  params: NonNullable<Settings['invoice_settings']>,
): Subscription['invoice_settings'] {
  return {
    ...before,
    ...(params.account_tax_ids !== undefined && { account_tax_ids: params.account_tax_ids || null }),
    ...(params.custom_fields !== undefined && { custom_fields: params.custom_fields || null }),
    ...(params.description !== undefined && { description: params.description || null }),
    ...(params.footer !== undefined && { footer: params.footer || null }),
  }
}

const noPaymentSettings = {
  payment_method_options: null,
  payment_method_types: null,
  save_default_payment_method: 'off' as const,
}

const noMethodOptions = {
  acss_debit: null,
  bancontact: null,
  card: null,
  customer_balance: null,
  konbini: null,
  payto: null,
  pix: null,
  sepa_debit: null,
  upi: null,
  us_bank_account: null,
}

/** An empty string clears the options of a kind of payment method. */
const cleared = (options: object): object =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [name, value === '' ? null : value]))

/** What the first fields of a subscription depend on. */
export type Beginning = Pick<Subscription, 'id' | 'billing_mode' | 'currency' | 'customer' | 'test_clock'> & {
  start: number
  anchor: number
}

/** A subscription with every field, before its settings, its items and its trial. */
export const blankSubscription = (account: Account, beginning: Beginning): Subscription => ({
  id: beginning.id,
  object: 'subscription',
  application: null,
  application_fee_percent: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  billing_cycle_anchor: beginning.anchor,
  billing_cycle_anchor_config: null,
  billing_mode: beginning.billing_mode,
  billing_schedules: [],
  billing_thresholds: null,
  cancel_at: null,
  cancel_at_period_end: false,
  canceled_at: null,
  cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
  collection_method: 'charge_automatically',
  created: account.now,
  currency: beginning.currency,
  customer: beginning.customer,
  customer_account: null,
  days_until_due: null,
  default_payment_method: null,
  default_source: null,
  default_tax_rates: [],
  description: null,
  discounts: [],
  ended_at: null,
  invoice_settings: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: { type: 'self' },
  },
  items: { object: 'list', data: [], has_more: false, url: `/v1/subscription_items?subscription=${beginning.id}` },
  latest_invoice: null,
  livemode: false,
  managed_payments: null,
  metadata: {},
  next_pending_invoice_item_invoice: null,
  on_behalf_of: null,
  pause_collection: null,
  payment_settings: noPaymentSettings,
  pending_invoice_item_interval: null,
  pending_setup_intent: null,
  pending_update: null,
  schedule: null,
  start_date: beginning.start,
  status: 'incomplete',
  test_clock: beginning.test_clock,
  transfer_data: null,
  trial_end: null,
  trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
  trial_start: null,
})
