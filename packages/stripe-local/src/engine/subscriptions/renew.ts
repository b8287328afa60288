import type { Account } from '../../account.ts'
import { anchorOf, type Period } from '../calendar.ts'
import { createInvoice, pendingItems } from '../invoices/create.ts'
import { type InvoiceItem, type Line, linesOfItem } from '../invoices/lines.ts'
import type { Invoice } from '../invoices/totals.ts'
import { discountsLeft, newestFirst, usageLines } from './bill-now.ts'
import { type Item, isMetered, itemList, nextPeriodEnd, periodAt, periodOf, type Subscription } from './items.ts'
import { holdBack } from './pause-collection.ts'
import { discountsOf } from './prorations.ts'

/**
 * Moves the items whose period has ended into their next one and makes the invoice for it: a draft, which is finalized and charged or sent
 * about an hour later. Items of other rhythms stay as they are. https://docs.stripe.com/billing/invoices/subscription
 */
export function billPeriod(account: Account, before: Subscription, fields: Partial<Subscription> = {}): void {
  const renewal = renewalOf(account, { ...before, ...fields })
  const { after } = renewal
  const invoice = makeInvoice(account, before, renewal)
  account.change('customer.subscription.updated', 'subscription', before.id, {
    ...fields,
    items: after.items,
    ...(invoice && { latest_invoice: invoice.id, discounts: discountsLeft(account, before, invoice) }),
    ...(after.cancel_at_period_end && { cancel_at: nextPeriodEnd(after.items.data) }),
  })
  if (invoice && before.pause_collection) holdBack(account, invoice, before.pause_collection)
}

/** What a renewal bills. */
export type Renewal = {
  after: Subscription
  /** The span that has ended, in which pending items were collected. */
  period: Period
  items: InvoiceItem[]
  lines: (invoice: string) => Line[]
  isEmpty: boolean
}

/** Works out the renewal at the end of the earliest period; nothing is kept. */
export function renewalOf(account: Account, subscription: Subscription): Renewal {
  const time = nextPeriodEnd(subscription.items.data)
  const ending = subscription.items.data.filter((item) => item.current_period_end <= time)
  const items = subscription.items.data.map((item) => (ending.includes(item) ? moved(subscription, item, time) : item))
  const after = { ...subscription, items: itemList(subscription.id, items) }
  const wasTrial = subscription.trial_end === time
  const billed = newestFirst(ending).filter((item) => !(wasTrial && isMetered(item)))
  return {
    after,
    period: { start: Math.min(...ending.map((item) => item.current_period_start)), end: time },
    items: pendingItems(account, subscription.customer, subscription.id),
    lines: (invoice) => billed.flatMap((item) => renewalLines(account, invoice, after, item, time)),
    isEmpty: billed.length === 0,
  }
}

const moved = (subscription: Subscription, item: Item, time: number): Item => {
  const period = periodAt(anchorOf(subscription), item.price, time)
  return { ...item, current_period_start: Math.max(period.start, time), current_period_end: period.end }
}

/** Usage is charged for the period that has ended, everything else for the one that begins. */
function renewalLines(account: Account, invoice: string, after: Subscription, ended: Item, time: number): Line[] {
  if (isMetered(ended)) return usageLines(account, invoice, after, ended, periodOf(ended))
  const item = after.items.data.find((each) => each.id === ended.id) ?? ended
  const whole = periodAt(anchorOf(after), item.price, time)
  return linesOfItem(account, invoice, after, item, { period: whole, from: time })
}

function makeInvoice(account: Account, before: Subscription, renewal: Renewal): Invoice | undefined {
  if (renewal.isEmpty && renewal.items.length === 0) return undefined
  const stays = before.status === 'unpaid' || before.pause_collection !== null
  return createInvoice(account, {
    customer: before.customer,
    currency: before.currency,
    billing_reason: 'subscription_cycle',
    period: renewal.period,
    subscription: renewal.after,
    items: renewal.items,
    lines: renewal.lines,
    discounts: discountsOf(account, before),
    auto_advance: !stays,
    finalizeAfter: account.settings.finalizeAfter,
  })
}
