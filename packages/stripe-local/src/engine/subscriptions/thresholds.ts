import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { invalidRequest, notSupported } from '../../protocol/errors.ts'
import { atLeast } from '../../protocol/values.ts'
import { isMetered, type Subscription } from './items.ts'

type Params = Stripe.Emptyable<Stripe.SubscriptionUpdateParams.BillingThresholds>

/** The least that Stripe takes for a threshold, in minor units. */
const leastAmount = 50

/**
 * At which amount of usage a subscription is billed before its period ends, in minor units: what was set before, changed by the parameter.
 *
 * https://docs.stripe.com/billing/subscriptions/usage-based/thresholds
 */
export function thresholdsOf(before: Subscription['billing_thresholds'], params: Params) {
  if (!params) return null
  const { amount_gte, reset_billing_cycle_anchor } = params
  return {
    amount_gte:
      amount_gte === undefined
        ? (before?.amount_gte ?? null)
        : atLeast(leastAmount, amount_gte, 'billing_thresholds[amount_gte]'),
    reset_billing_cycle_anchor: reset_billing_cycle_anchor ?? before?.reset_billing_cycle_anchor ?? false,
  }
}

/**
 * Refuses thresholds on what has no usage, and with a 501 those whose invoices are not known here: a new period for items that are paid in
 * advance, and prices of which a part cannot be billed by itself.
 */
export function checkThresholds(account: Account, { billing_thresholds, items }: Subscription): void {
  const limited = items.data.filter((item) => item.billing_thresholds)
  if (!billing_thresholds && limited.length === 0) return
  const licensed = items.data.filter((item) => !isMetered(item))
  if (limited.some((item) => licensed.includes(item))) {
    throw invalidRequest('Usage thresholds can only be set on items with metered prices.', 'items')
  }
  if (billing_thresholds?.reset_billing_cycle_anchor && licensed.length > 0) {
    throw notSupported('billing_thresholds[reset_billing_cycle_anchor] beside prices that are not metered')
  }
  for (const { price } of items.data.filter(isMetered)) {
    if (price.tiers_mode === 'volume') throw notSupported('billing_thresholds with volume tiers')
    if (price.transform_quantity) throw notSupported('billing_thresholds with transform_quantity')
    const meter = price.recurring?.meter ? account.find('billing.meter', price.recurring.meter) : undefined
    if (meter?.default_aggregation.formula === 'last')
      throw notSupported('billing_thresholds with a meter that counts the last value')
  }
}
