import Stripe from 'stripe'
import type { Request } from './load.ts'

export const webhookSecret = 'whsec_bench'

/** A subscription with every field that the API gives it, about 3 kB as JSON: what an event of one weighs. */
function subscription(n: number, status: string, start: number) {
  const price = {
    id: 'price_1SRzqBKXBGcbgpbZproMonthly',
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    created: start,
    currency: 'usd',
    custom_unit_amount: null,
    livemode: false,
    lookup_key: 'dues_pro_monthly',
    metadata: {},
    nickname: null,
    product: 'prod_TOnRzwk3w8KAot',
    recurring: { interval: 'month', interval_count: 1, meter: null, trial_period_days: null, usage_type: 'licensed' },
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: 'recurring',
    unit_amount: 1900,
    unit_amount_decimal: '1900',
  }
  const id = `sub_bench${n}`
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: start,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible', updated_at: start },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, reason: null },
    collection_method: 'charge_automatically',
    created: start,
    currency: 'usd',
    customer: `cus_bench${n}`,
    customer_account: null,
    days_until_due: null,
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    ended_at: null,
    invoice_settings: { account_tax_ids: null, issuer: { type: 'self' } },
    items: {
      object: 'list',
      data: [
        {
          id: `si_bench${n}`,
          object: 'subscription_item',
          billing_thresholds: null,
          created: start,
          current_period_end: start + 30 * 86_400,
          current_period_start: start,
          discounts: [],
          metadata: {},
          plan: { ...price, object: 'plan', amount: 1900, interval: 'month', interval_count: 1 },
          price,
          quantity: 1,
          subscription: id,
          tax_rates: [],
        },
      ],
      has_more: false,
      total_count: 1,
      url: `/v1/subscription_items?subscription=${id}`,
    },
    latest_invoice: `in_bench${n}`,
    livemode: false,
    managed_payments: null,
    metadata: { dues_owner: `user_${n}` },
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: { payment_method_options: null, payment_method_types: null, save_default_payment_method: 'off' },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: start,
    status,
    test_clock: null,
    transfer_data: null,
    trial_end: null,
    trial_settings: { end_behavior: { missing_payment_method: 'create_invoice' } },
    trial_start: null,
  }
}

export type EventOptions = { id: string; member: number; type?: string; status?: string; created: number }

/** The body of an event, as Stripe sends one. */
export function eventBody({
  id,
  member,
  type = 'customer.subscription.updated',
  status = 'active',
  created,
}: EventOptions): string {
  return JSON.stringify({
    id,
    object: 'event',
    api_version: '2026-10-28.endive',
    created,
    data: { object: subscription(member, status, 1_760_000_000) },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  })
}

/** A signed delivery of a body. Signing takes time: make deliveries before the clock runs. */
export function delivery(payload: string): Request {
  return {
    method: 'POST',
    path: '/billing/webhook',
    headers: {
      'content-type': 'application/json',
      'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload, secret: webhookSecret }),
    },
    body: payload,
  }
}
