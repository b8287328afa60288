import type { Operation } from '../src/resource.ts'

/**
 * Parameters that are accepted and change nothing that anybody can see, each with its reason. `unread.test.ts` fails when one is missing from this
 * list, and when one is read after all.
 */
const reasons: Record<string, Partial<Record<Operation, readonly string[]>>> = {
  'No mail is sent, so there is no kind of mail to choose.': {
    'POST /v1/credit_notes': ['email_type'],
    'GET /v1/credit_notes/preview': ['email_type'],
  },
  'A secret key may see the whole object; the secret of one is what a publishable key would need.': {
    'GET /v1/payment_intents/{id}': ['client_secret'],
    'GET /v1/setup_intents/{id}': ['client_secret'],
  },
  'It has one value, which is what happens anyway.': {
    'POST /v1/billing/meter_event_adjustments': ['type'],
    'POST /v2/billing/meter_event_adjustments': ['type'],
    'POST /v1/shipping_rates': ['type'],
    'POST /v1/subscriptions/{id}/pause': ['type'],
  },
}

/** Why a parameter changes nothing, by operation and parameter: `POST /v1/credit_notes email_type`. */
export const withoutEffect = new Map(
  Object.entries(reasons).flatMap(([reason, operations]) =>
    Object.entries(operations).flatMap(([operation, names]) =>
      names.map((name) => [`${operation} ${name}`, reason] as const),
    ),
  ),
)

/**
 * Parameters that say more about another one, and are read when that one asks for it: they are looked at where it is tested. The details of a way
 * to pay are read when the payment method is of that type.
 */
export const partOfAnother: { [O in Operation]?: readonly string[] } = {
  'POST /v1/customers/{id}': ['validate'],
  'POST /v1/prices': ['tiers_mode', 'transfer_lookup_key'],
  'POST /v1/prices/{id}': ['transfer_lookup_key'],
  'POST /v1/setup_intents': ['use_stripe_sdk'],
  'POST /v1/setup_intents/{id}/confirm': ['use_stripe_sdk'],
  'POST /v1/subscription_schedules/{id}': ['proration_behavior'],
  'POST /v1/subscriptions/{id}/resume': ['payment_behavior'],
}
