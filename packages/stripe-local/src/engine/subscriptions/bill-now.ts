import type { Account } from '../../account.ts'
import { notSupported } from '../../protocol/errors.ts'
import type { Period } from '../calendar.ts'
import { createInvoice, pendingItems } from '../invoices/create.ts'
import type { InvoiceItem, Line } from '../invoices/lines.ts'
import { linesOfItem } from '../invoices/lines.ts'
import type { Invoice } from '../invoices/totals.ts'
import { discountsAfterUse } from '../redeem.ts'
import type { Change } from './change.ts'
import { type Item, isMetered, type Subscription } from './items.ts'
import { addInvoiceItems, discountsOf } from './prorations.ts'
import { usageIn } from './usage-ledger.ts'

/** Keeps what a change prorates as pending invoice items, unless this subscription takes discounts apart, which is not supported. */
export function addProrations(account: Account, subscription: Subscription, items: readonly InvoiceItem[]): void {
  if (
    subscription.billing_mode.flexible?.proration_discounts === 'itemized' &&
    items.some((item) => item.discounts?.length)
  ) {
    throw notSupported('billing_mode[flexible][proration_discounts]=itemized together with discounts')
  }
  addInvoiceItems(account, items)
}

/**
 * The invoice of a change that is billed at once: pending prorations, the usage that ends, and the new period of every item when a new
 * one begins. Undefined when there would be nothing on it.
 */
export function invoiceChange(account: Account, change: Change, options: { auto: boolean }): Invoice | undefined {
  const { after, restarts, used } = change
  const items = pendingItems(account, after.customer, after.id)
  const lines = (invoice: string): Line[] => [
    ...used.flatMap(({ item, period }) => usageLines(account, invoice, after, item, period)),
    ...(restarts === null
      ? []
      : newestFirst(after.items.data).flatMap((item) => newPeriod(account, invoice, after, item, restarts))),
  ]
  if (restarts === null && used.length === 0 && items.length === 0) return undefined
  const sends = after.collection_method === 'send_invoice'
  return createInvoice(account, {
    customer: after.customer,
    currency: after.currency,
    billing_reason: 'subscription_update',
    period: { start: restarts === 'period' ? account.now : periodStart(after), end: account.now },
    subscription: after,
    items,
    lines,
    discounts: discountsOf(account, after),
    auto_advance: options.auto,
    ...(sends && { finalizeAfter: account.settings.finalizeAfter }),
  })
}

/** The earliest time since which a subscription collects items. */
export const periodStart = ({ items }: Subscription): number =>
  Math.min(...items.data.map((item) => item.current_period_start))

const newPeriod = (
  account: Account,
  invoice: string,
  subscription: Subscription,
  item: Item,
  restarts: 'period' | 'trial',
): Line[] => {
  if (restarts === 'trial') return linesOfItem(account, invoice, subscription, item, { trial: true })
  return isMetered(item) ? [] : linesOfItem(account, invoice, subscription, item)
}

/** The lines of what was used in a period and was not billed before its end. */
export const usageLines = (
  account: Account,
  invoice: string,
  subscription: Subscription,
  item: Item,
  period: Period,
): Line[] =>
  linesOfItem(account, invoice, subscription, item, { period, usage: usageIn(account, subscription, item, period) })

/** A subscription's items as their lines stand on an invoice: the newest first; items of one request keep their order. */
export const newestFirst = (items: readonly Item[]): Item[] => [...items].sort((a, b) => b.created - a.created)

/** The subscription's discounts after an invoice that used them: a coupon for `once` is used up by the first invoice that it takes something off. */
export function discountsLeft(account: Account, subscription: Subscription, invoice: Invoice): string[] {
  const took = (invoice.total_discount_amounts ?? []).some(({ amount }) => amount > 0)
  return took ? discountsAfterUse(account, subscription.discounts, account.now) : subscription.discounts
}
