import type { Account } from '../../account.ts'
import type { Kinds } from '../../kinds.ts'
import type { Period } from '../calendar.ts'
import { notesOf, remember } from '../notes.ts'
import { usageOf } from '../usage.ts'
import { type Item, periodOf, type Subscription } from './items.ts'

/** What was used of a metered item in a period, and how much of that was billed before the period's end, because a threshold was reached. */
export type Usage = { units: number; billed: number }

/**
 * The usage of a period. What was billed of it already is read out of the invoices that thresholds made, so nothing has to be kept beside
 * them; one that was voided billed nothing.
 */
export function usageIn(account: Account, subscription: Subscription, item: Item, period: Period): Usage {
  const billed = account.store
    .by('invoice', 'subscription', subscription.id)
    .filter(({ billing_reason, status }) => billing_reason === 'subscription_threshold' && status !== 'void')
    .flatMap((invoice) => ('deleted' in invoice ? [] : invoice.lines.data))
    .filter(({ parent, period: { start } }) => itemOf(parent) === item.id && start === period.start)
    .reduce((sum, { quantity_decimal }) => sum + Number(quantity_decimal ?? 0), 0)
  const units = usageOf(account, item.price, subscription.customer, period) - usedBefore(account, item, period)
  return { units: Math.max(units, billed), billed }
}

/** How many units of the current period nobody was billed for. */
export function unbilledUsage(account: Account, subscription: Subscription, item: Item): number {
  const { units, billed } = usageIn(account, subscription, item, periodOf(item))
  return units - billed
}

const itemOf = (parent: Kinds['invoice']['lines']['data'][number]['parent']): string | undefined =>
  parent?.subscription_item_details?.subscription_item

/** Units of the very second in which a period began that the period before was billed for, when a threshold ended that. */
function usedBefore(account: Account, item: Item, { start }: Period): number {
  const before = notesOf(account, item.id).usedBefore
  return before?.since === start ? before.units : 0
}

/** Remembers that everything that is known to be used since `since` belongs to the period before, which ended then. */
export function closeUsage(account: Account, subscription: Subscription, item: Item, since: number): void {
  const units = usageOf(account, item.price, subscription.customer, { start: since, end: item.current_period_end })
  if (units !== 0) remember(account, item.id, { usedBefore: { since, units } })
}
