/**
 * The operations of the resources that Stripe Local is for which are answered with a 501 all the same, each with its reason: an answer that is
 * made up would be worse. `not-there.test.ts` fails when one is missing from this list, or is there after all.
 */
const reasons: Record<string, readonly string[]> = {
  'Of the sources that Stripe had before payment methods there are cards here; it is bank accounts that are verified.':
    ['POST /v1/customers/{id}/sources/{source}/verify'],
  'No bank transfer comes in here, so there is no account to send one to, and no cash balance to pay with.': [
    'POST /v1/customers/{id}/funding_instructions',
    'GET /v1/customers/{id}/cash_balance_transactions/{cash_balance_transaction}',
    'POST /v1/payment_intents/{id}/apply_customer_balance',
  ],
  'Whether an authorization can be raised depends on the contract of the account, the brand of the card and the trade.':
    ['POST /v1/payment_intents/{id}/increment_authorization'],
}

/** Why an operation is not there, for those that one would look for. */
export const notThere = new Map(
  Object.entries(reasons).flatMap(([reason, operations]) =>
    operations.map((operation) => [operation, reason] as const),
  ),
)

/** What the paths of the resources that Stripe Local is for begin with. */
export const resources = [
  '/v1/account',
  '/v1/balance_transactions',
  '/v1/billing/meter_event_adjustments',
  '/v1/billing/meter_events',
  '/v1/billing/meters',
  '/v1/billing_portal/configurations',
  '/v1/billing_portal/sessions',
  '/v1/charges',
  '/v1/checkout/sessions',
  '/v1/coupons',
  '/v1/credit_notes',
  '/v1/customers',
  '/v1/disputes',
  '/v1/entitlements/active_entitlements',
  '/v1/entitlements/features',
  '/v1/events',
  '/v1/invoice_payments',
  '/v1/invoiceitems',
  '/v1/invoices',
  '/v1/payment_intents',
  '/v1/payment_methods',
  '/v1/prices',
  '/v1/products',
  '/v1/promotion_codes',
  '/v1/refunds',
  '/v1/setup_intents',
  '/v1/subscription_items',
  '/v1/subscription_schedules',
  '/v1/subscriptions',
  '/v1/tax_rates',
  '/v1/test_helpers/test_clocks',
  '/v1/webhook_endpoints',
  '/v2/core/event_destinations',
  '/v2/core/events',
]

/** Whether an operation belongs to one of these resources. */
export function isOfResources(operation: string): boolean {
  const path = operation.slice(operation.indexOf(' ') + 1)
  return resources.some((resource) => path === resource || path.startsWith(`${resource}/`))
}
