import type { Account } from '../../account.ts'
import type { Period } from '../calendar.ts'
import { notesOf, remember } from '../notes.ts'
import { usageOf } from '../usage.ts'
import { type Item, periodOf, type Subscription } from './items.ts'

/** What was used of a metered item in a period, and how much of that was billed before the period's end, because a threshold was reached. */
export type Usage = { units: number; billed: number }

/**
 * The usage of a period, as far as it is billed at the item's price. What was billed of it already is read out of the invoices that thresholds
 * made, so nothing has to be kept beside them; one that was voided billed nothing.
 */
export function usageIn(account: Account, subscription: Subscription, item: Item, period: Period): Usage {
  const elsewhere = usedBefore(account, item, period)
  const billed = billedIn(account, subscription, item, period) - elsewhere.billed
  const units = usageOf(account, item.price, subscription.customer, period) - elsewhere.units
  return { units: Math.max(units, billed), billed }
}

/** How many units of the current period nobody was billed for. */
export function unbilledUsage(account: Account, subscription: Subscription, item: Item): number {
  const { units, billed } = usageIn(account, subscription, item, periodOf(item))
  return units - billed
}

/** What invoices of thresholds billed of a period. Invoice items on them are of a price that the item had before. */
const billedIn = (account: Account, subscription: Subscription, item: Item, period: Period): number =>
  account.store
    .by('invoice', 'subscription', subscription.id)
    .filter(({ billing_reason, status }) => billing_reason === 'subscription_threshold' && status !== 'void')
    .flatMap((invoice) => ('deleted' in invoice ? [] : invoice.lines.data))
    .filter(({ parent, period: { start } }) => {
      const { subscription_item, invoice_item } = parent?.subscription_item_details ?? {}
      return subscription_item === item.id && !invoice_item && start === period.start
    })
    .reduce((sum, { quantity_decimal }) => sum + Number(quantity_decimal ?? 0), 0)

function usedBefore(account: Account, item: Item, { start }: Period): { units: number; billed: number } {
  const before = notesOf(account, item.id).usedBefore
  const holds = before?.since === start && (before.price === undefined || before.price === item.price.id)
  return { units: holds ? before.units : 0, billed: (holds && before.billed) || 0 }
}

/** Remembers that everything that is known to be used since `since` belongs to the period before, which ended then. */
export function closeUsage(account: Account, subscription: Subscription, item: Item, since: number): void {
  const units = usageOf(account, item.price, subscription.customer, { start: since, end: item.current_period_end })
  if (units !== 0) remember(account, item.id, { usedBefore: { since, units } })
}

/** Remembers that what was used in the current period so far is none of the price that the item has from now on. */
export function beginPrice(account: Account, subscription: Subscription, item: Item): void {
  const period = periodOf(item)
  const units = usageOf(account, item.price, subscription.customer, period)
  const billed = billedIn(account, subscription, item, period)
  remember(account, item.id, { usedBefore: { since: period.start, units, billed, price: item.price.id } })
}
