import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { collect, type Outcome } from '../engine/collection.ts'
import { dryRun } from '../engine/dry-run.ts'
import { cancelSubscription } from '../engine/subscriptions/cancel.ts'
import { draftUpdate, updateSubscription } from '../engine/subscriptions/update.ts'
import { dropWaiting } from '../engine/subscriptions/waiting.ts'
import { settle } from '../engine/totals.ts'
import type { Kinds } from '../kinds.ts'

type Subscription = Kinds['subscription']
type Features = Kinds['billing_portal.configuration']['features']

/** Why somebody leaves, in their own words and in one of Stripe's. */
export type Reason = { feedback: string | null; comment: string | null }

/**
 * Cancels a subscription as the customer portal does: at the end of its period or at once, by the configuration. With flexible billing the
 * end is a `cancel_at`, the latest end of a period that was paid for, and `cancel_at_period_end` stays false.
 *
 * https://docs.stripe.com/customer-management/cancellation-page
 */
export function cancelInPortal(
  account: Account,
  id: string,
  feature: Features['subscription_cancel'],
  reason: Reason,
): Subscription {
  const subscription = account.get('subscription', id)
  const details = {
    ...(reason.feedback && {
      feedback: reason.feedback as Stripe.SubscriptionUpdateParams.CancellationDetails.Feedback,
    }),
    ...(reason.comment && { comment: reason.comment }),
  }
  const cancellation_details = Object.keys(details).length > 0 ? { cancellation_details: details } : {}
  if (feature.mode === 'immediately') {
    return cancelSubscription(account, id, {
      ...cancellation_details,
      invoice_now: feature.proration_behavior === 'always_invoice',
      prorate: feature.proration_behavior !== 'none',
    })
  }
  const end = isFlexible(subscription)
    ? { cancel_at: endInPortal(subscription), proration_behavior: 'none' as const }
    : { cancel_at_period_end: true }
  return updateSubscription(account, id, { ...end, ...cancellation_details })
}

/** When a subscription ends that is cancelled now for later: flexible billing waits for the longest period, classic billing knows only one. */
export const endInPortal = ({ items }: Subscription): number =>
  Math.max(...items.data.map((item) => item.current_period_end))

/** Takes a scheduled end back. */
export const keepInPortal = (account: Account, id: string): Subscription =>
  updateSubscription(
    account,
    id,
    isFlexible(account.get('subscription', id)) ? { cancel_at: '' } : { cancel_at_period_end: false },
  )

/** Somebody who was about to leave takes the coupon that the portal's flow offers, and stays. */
export const takeOffer = (account: Account, id: string, coupon: string): Subscription =>
  updateSubscription(account, id, { discounts: [{ coupon }] })

const isFlexible = (subscription: Subscription): boolean => subscription.billing_mode.type === 'flexible'

/** What a customer switches to. */
export type Switch = {
  item: string
  price: string
  quantity: number | undefined
  discounts?: { promotion_code?: string; coupon?: string }[]
}

/** The parameters of a switch, as the configuration has it. A switch that is billed at once waits for its payment: the old plan stays until then. */
export function switchParams(
  subscription: Subscription,
  feature: Features['subscription_update'],
  to: Switch,
): Stripe.SubscriptionUpdateParams {
  const endsTrial = subscription.status === 'trialing' && feature.trial_update_behavior === 'end_trial'
  const billsNow =
    feature.proration_behavior === 'always_invoice' || feature.billing_cycle_anchor === 'now' || endsTrial
  return {
    items: [{ id: to.item, price: to.price, ...(to.quantity !== undefined && { quantity: to.quantity }) }],
    proration_behavior: feature.proration_behavior as Stripe.SubscriptionUpdateParams.ProrationBehavior,
    ...(feature.billing_cycle_anchor === 'now' && !endsTrial && { billing_cycle_anchor: { type: 'now' } }),
    ...(endsTrial && { trial_end: 'now' as const }),
    ...(to.discounts?.length && { discounts: to.discounts }),
    ...(billsNow && { payment_behavior: to.discounts?.length ? 'error_if_incomplete' : 'pending_if_incomplete' }),
  }
}

/** What a switch costs today, in minor units; null when it is billed with the next invoice. */
export function costToday(
  account: Account,
  subscription: Subscription,
  params: Stripe.SubscriptionUpdateParams,
): number | null {
  const { payment_behavior: _later, ...change } = params
  const customer = account.get('customer', subscription.customer)
  const invoice = dryRun(account, (quiet) =>
    account.atTimeOf(customer.id, () => draftUpdate(quiet, subscription.id, change)),
  )
  return invoice ? settle(invoice.total, customer.balance, invoice.currency).amountDue : null
}

/** What came of a switch. */
export type Switched =
  | { status: 'done' }
  | { status: 'requires_action'; intent: string }
  | { status: 'refused'; message: string }

/** Switches. When the payment fails, nothing has changed. */
export function switchInPortal(account: Account, id: string, params: Stripe.SubscriptionUpdateParams): Switched {
  const after = updateSubscription(account, id, params)
  if (!after.pending_update) return { status: 'done' }
  const [payment] = account.store.by('invoice_payment', 'invoice', after.latest_invoice ?? '')
  const intent = account.find('payment_intent', payment?.payment.payment_intent ?? '')
  if (intent?.status === 'requires_action') return { status: 'requires_action', intent: intent.id }
  dropWaiting(account, after)
  account.change('customer.subscription.updated', 'subscription', id, { pending_update: null })
  return { status: 'refused', message: intent?.last_payment_error?.message ?? 'Your payment could not be taken.' }
}

/** Tries to pay an open invoice with a customer's default payment method, or with another one. */
export const payInvoice = (account: Account, id: string, paymentMethod?: string): Outcome =>
  account.atTimeOf(account.get('invoice', id).customer, () =>
    collect(account, id, paymentMethod === undefined ? {} : { paymentMethod }),
  )

/** The open invoices of a customer's subscriptions that were tried and are not paid. */
export const owedInvoices = (account: Account, customer: string): Kinds['invoice'][] =>
  account.store
    .by('invoice', 'customer', customer)
    .filter((invoice) => invoice.status === 'open' && invoice.amount_remaining > 0)
