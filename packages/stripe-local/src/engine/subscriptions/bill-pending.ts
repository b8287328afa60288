import type { Account } from '../../account.ts'
import { addIntervals } from '../calendar.ts'
import { createInvoice, pendingItems } from '../invoices/create.ts'
import { periodStart } from './bill-now.ts'
import type { Subscription } from './items.ts'
import { discountsOf } from './prorations.ts'

/** Bills what has collected since the last time, where a subscription asks for that more often than it renews. */
export function invoicePendingItems(account: Account, subscription: Subscription): void {
  const items = pendingItems(account, subscription.customer, subscription.id)
  const invoice =
    items.length === 0
      ? undefined
      : createInvoice(account, {
          customer: subscription.customer,
          currency: subscription.currency,
          billing_reason: 'automatic_pending_invoice_item_invoice',
          period: { start: periodStart(subscription), end: account.now },
          subscription,
          items,
          discounts: discountsOf(account, subscription),
          finalizeAfter: account.settings.finalizeAfter,
        })
  account.change('customer.subscription.updated', 'subscription', subscription.id, {
    ...(invoice && { latest_invoice: invoice.id }),
    next_pending_invoice_item_invoice: nextPendingInvoice(subscription, account.now),
  })
}

/** When pending items are billed next, or null. */
export const nextPendingInvoice = (
  { pending_invoice_item_interval: every, billing_cycle_anchor }: Subscription,
  now: number,
): number | null => {
  if (!every) return null
  let time = billing_cycle_anchor
  for (let count = 1; time <= now; count++) time = addIntervals({ time: billing_cycle_anchor }, every, count)
  return time
}
