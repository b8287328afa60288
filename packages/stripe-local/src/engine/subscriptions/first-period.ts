import type { Account } from '../../account.ts'
import type { Anchor, Period } from '../calendar.ts'
import { type Line, linesOfItem, type Stub } from '../invoices/lines.ts'
import { newestFirst, usageLines } from './bill-now.ts'
import { type Item, isMetered, periodAt, type Subscription } from './items.ts'
import type { Timing } from './timing.ts'

/**
 * The lines of a subscription's first invoice: its trial, its first period, or the time up to its anchor; before that the time since a
 * start date in the past. Undefined when there is nothing to charge.
 */
export function firstLines(
  account: Account,
  subscription: Subscription,
  timing: Timing,
): ((invoice: string) => Line[]) | undefined {
  const items = newestFirst(subscription.items.data)
  const trial = timing.trialEnd !== null
  if (!trial && timing.waitsForAnchor && !timing.chargesUntilAnchor) return undefined
  // Flexible billing shows no empty lines for what is metered; classic billing does.
  const shown = subscription.billing_mode.type === 'classic' || trial ? items : items.filter((item) => !isMetered(item))
  if (shown.length === 0) return undefined
  return (invoice) => shown.flatMap((item) => linesOf(account, invoice, subscription, item, timing))
}

function linesOf(account: Account, invoice: string, subscription: Subscription, item: Item, timing: Timing): Line[] {
  const { trialEnd } = timing
  const { now } = account
  if (isMetered(item)) {
    return trialEnd === null
      ? usageLines(account, invoice, subscription, item, { start: now, end: now })
      : linesOfItem(account, invoice, subscription, item, { trial: true })
  }
  const before = timing.chargesUntilAnchor ? linesUntil(account, invoice, subscription, item, timing) : []
  if (trialEnd !== null) return [...before, ...linesOfItem(account, invoice, subscription, item, { trial: true })]
  return timing.waitsForAnchor ? before : [...before, ...linesOfItem(account, invoice, subscription, item)]
}

/**
 * The time from the start date to the first whole period, or to the trial. Flexible billing shows each natural period of it, classic
 * billing what has passed as one, as if a period had begun on the start date.
 * https://docs.stripe.com/billing/subscriptions/backdating
 */
function linesUntil(account: Account, invoice: string, subscription: Subscription, item: Item, timing: Timing): Line[] {
  const { anchor, start, trialEnd } = timing
  const { now } = account
  const end = trialEnd === null ? anchor.time : now
  const natural = (from: number): Stub[] =>
    partsOf(anchor, item, { start: from, end }).map((part) => ({ start: part.from, end: part.until, parts: [part] }))
  const passed = { start, end: now, parts: partsOf({ time: start }, item, { start, end: now }) }
  const isClassic = subscription.billing_mode.type === 'classic' && timing.backdated && start < now
  const stubs = isClassic ? [passed, ...natural(now)] : natural(start)
  return stubs.flatMap((stub) => linesOfItem(account, invoice, subscription, item, { stub }))
}

/** A span, cut at the edges of the periods that are counted from an anchor. */
function partsOf(anchor: Anchor, item: Item, span: Period): Stub['parts'] {
  const parts: Stub['parts'] = []
  for (let from = span.start; from < span.end; ) {
    const whole = periodAt(anchor, item.price, from)
    const until = Math.min(whole.end, span.end)
    parts.push({ whole, from, until })
    from = until
  }
  return parts
}
