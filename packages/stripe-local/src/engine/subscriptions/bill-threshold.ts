import type { Account } from '../../account.ts'
import { day } from '../calendar.ts'
import { createInvoice, draftInvoice, type NewInvoice, pendingItems } from '../invoices/create.ts'
import type { Line } from '../invoices/lines.ts'
import type { Invoice } from '../invoices/totals.ts'
import { discountsLeft, newestFirst, periodStart, usageLines } from './bill-now.ts'
import { type Item, isMetered, itemList, nextPeriodEnd, periodAt, periodOf, type Subscription } from './items.ts'
import { holdBack } from './pause-collection.ts'
import { discountsOf } from './prorations.ts'
import { closeUsage, unbilledUsage } from './usage-ledger.ts'

/**
 * Bills the usage of a customer's subscriptions that have reached a threshold: asked whenever usage of the meter was recorded, as Stripe asks in
 * real time. https://docs.stripe.com/billing/subscriptions/usage-based/thresholds
 */
export function billReachedThresholds(account: Account, customer: string, meter: string): void {
  const subscriptions = account.store
    .by('subscription', 'customer', customer)
    .filter((one) => one.items.data.some(({ price }) => price.recurring?.meter === meter))
  for (const subscription of subscriptions) {
    if (isWatched(subscription)) account.atTimeOf(customer, () => billIfReached(account, subscription))
  }
}

/** Thresholds are nothing to a trial, nor to a subscription that is billed for nothing. */
const isWatched = ({ status, billing_thresholds, items }: Subscription): boolean =>
  (status === 'active' || status === 'past_due') &&
  (billing_thresholds !== null || items.data.some((item) => item.billing_thresholds))

function billIfReached(account: Account, subscription: Subscription): void {
  // Nobody shall have two invoices on one day: in the last 24 hours of a period its end is waited for.
  if (nextPeriodEnd(subscription.items.data) - account.now < day) return
  const metered = newestFirst(subscription.items.data.filter(isMetered))
  const lines = metered.flatMap((item) => linesUntilNow(account, subscription, item))
  const made: NewInvoice = {
    customer: subscription.customer,
    currency: subscription.currency,
    billing_reason: 'subscription_threshold',
    period: { start: periodStart(subscription), end: account.now },
    subscription,
    lines: (invoice) => lines.map((line) => ({ ...line, invoice })),
    discounts: discountsOf(account, subscription),
    auto_advance: subscription.pause_collection === null,
    finalizeAfter: account.settings.finalizeAfter,
  }
  const threshold_reason = reasonOf(account, subscription, metered, made, lines)
  if (!threshold_reason) return
  const items = pendingItems(account, subscription.customer, subscription.id)
  const invoice = createInvoice(account, { ...made, items, fields: { threshold_reason } })
  const restarted = subscription.billing_thresholds?.reset_billing_cycle_anchor ? restart(account, subscription) : {}
  account.change('customer.subscription.updated', 'subscription', subscription.id, {
    ...restarted,
    discounts: discountsLeft(account, subscription, invoice),
    latest_invoice: invoice.id,
  })
  if (subscription.pause_collection) holdBack(account, invoice, subscription.pause_collection)
}

/** What was used since the last time is for the part of the period that has passed. */
const linesUntilNow = (account: Account, subscription: Subscription, item: Item): Line[] =>
  usageLines(account, '', subscription, item, periodOf(item)).map((line) => ({
    ...line,
    period: { start: line.period.start, end: account.now },
  }))

/** Which thresholds were reached: by the cost of the usage, less discounts and without taxes, and by units. Null if none was. */
function reasonOf(
  account: Account,
  subscription: Subscription,
  metered: readonly Item[],
  made: NewInvoice,
  lines: readonly Line[],
): NonNullable<Invoice['threshold_reason']> | null {
  const least = subscription.billing_thresholds?.amount_gte ?? null
  const amount_gte = least !== null && (draftInvoice(account, made).total_excluding_tax ?? 0) >= least ? least : null
  const item_reasons = metered.flatMap((item) => {
    const usage_gte = item.billing_thresholds?.usage_gte ?? null
    if (usage_gte === null || unbilledUsage(account, subscription, item) < usage_gte) return []
    const own = lines.filter(({ parent }) => parent?.subscription_item_details?.subscription_item === item.id)
    return [{ line_item_ids: own.map(({ id }) => id), usage_gte }]
  })
  return amount_gte === null && item_reasons.length === 0 ? null : { amount_gte, item_reasons }
}

/** A new period begins now, as if the one before had come to its end. */
function restart(account: Account, subscription: Subscription): Partial<Subscription> {
  const { now } = account
  for (const item of subscription.items.data) closeUsage(account, subscription, item, now)
  const items = subscription.items.data.map((item) => {
    const { end } = periodAt({ time: now }, item.price, now)
    return { ...item, current_period_start: now, current_period_end: end }
  })
  return {
    billing_cycle_anchor: now,
    billing_cycle_anchor_config: null,
    items: itemList(subscription.id, items),
    ...(subscription.cancel_at_period_end && { cancel_at: nextPeriodEnd(items) }),
  }
}
