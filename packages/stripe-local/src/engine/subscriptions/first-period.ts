import type { Account } from '../../account.ts'
import { type Line, linesOfItem } from '../invoices/lines.ts'
import { newestFirst, usageLines } from './bill-now.ts'
import { type Item, isMetered, periodAt, periodOf, type Subscription } from './items.ts'
import type { Timing } from './timing.ts'

/**
 * The lines of a subscription's first invoice: its trial, its first period, or the time up to its anchor; before that the periods since a
 * start date in the past. Undefined when there is nothing to charge.
 */
export function firstLines(
  account: Account,
  subscription: Subscription,
  timing: Timing,
): ((invoice: string) => Line[]) | undefined {
  const items = newestFirst(subscription.items.data)
  const trial = timing.trialEnd !== null
  if (!trial && timing.anchor.time > account.now && !timing.chargesUntilAnchor) return undefined
  // Flexible billing shows no empty lines for what is metered; classic billing does.
  const shown = subscription.billing_mode.type === 'classic' || trial ? items : items.filter((item) => !isMetered(item))
  if (shown.length === 0) return undefined
  return (invoice) => shown.flatMap((item) => linesOf(account, invoice, subscription, item, timing))
}

function linesOf(account: Account, invoice: string, subscription: Subscription, item: Item, timing: Timing): Line[] {
  if (timing.trialEnd !== null) return linesOfItem(account, invoice, subscription, item, { trial: true })
  const { anchor, start } = timing
  if (isMetered(item)) {
    return usageLines(account, invoice, subscription, item, { start: account.now, end: account.now })
  }
  const since = linesSince(account, invoice, subscription, item, timing)
  if (anchor.time <= account.now) return [...since, ...linesOfItem(account, invoice, subscription, item)]
  const whole = periodAt(anchor, item.price, account.now)
  return [
    ...since,
    ...linesOfItem(account, invoice, subscription, item, {
      period: whole,
      from: Math.max(start, whole.start, since.length ? whole.start : account.now),
    }),
  ]
}

/** The periods between a start date in the past and the current one. */
function linesSince(account: Account, invoice: string, subscription: Subscription, item: Item, timing: Timing): Line[] {
  const { anchor, start } = timing
  const current = anchor.time > account.now ? periodAt(anchor, item.price, account.now) : periodOf(item)
  const lines: Line[] = []
  for (let time = start; time < current.start; ) {
    const period = periodAt(anchor, item.price, time)
    lines.push(...linesOfItem(account, invoice, subscription, item, { period, from: time }))
    time = period.end
  }
  return lines
}
