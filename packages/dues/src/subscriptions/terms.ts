import type Stripe from 'stripe'
import type { Catalogue, Placed } from '../catalogue/catalogue.ts'
import { type Interval, intervals } from '../catalogue/plans.ts'
import { scheduledEnd } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import type { Target } from './target.ts'
import type { SwitchOptions } from './types.ts'

/** When a change is made and how it is billed, with everything that was left out filled in. */
export type Terms = {
  readonly when: 'now' | 'periodEnd'
  /** @see https://docs.stripe.com/billing/subscriptions/prorations */
  readonly proration: 'always_invoice' | 'create_prorations' | 'none'
  /** Given where the change begins a new period that its interval alone does not begin. */
  readonly anchor: 'now' | undefined
}

/**
 * More is made now and paid now; less is made when the period that was paid for is over, so that nobody gives up what they paid for. On trial
 * nothing was paid, so there is nothing to wait for; and a membership that is going to end has no next period to begin with less.
 *
 * Errors: `membership_ending`, `bad_request` (a new anchor for a change that waits, or on trial).
 */
export function termsOf(
  target: Target,
  {
    when,
    proration = 'prorated',
    charge = 'now',
    anchor,
  }: Pick<SwitchOptions, 'when' | 'proration' | 'charge' | 'anchor'>,
  catalogue: Catalogue,
): Terms {
  const { subscription } = target
  const isEnding = scheduledEnd(subscription) !== null
  if (when === 'periodEnd' && isEnding)
    throw new DuesError(
      'membership_ending',
      'Your membership ends with this period, so nothing can change after it. Keep it first, then switch.',
    )
  if (anchor && (when === 'periodEnd' || subscription.status === 'trialing'))
    throw new DuesError('bad_request', 'A period begins anew with a change that is made now, and after the trial.')
  const waits = !anchor && subscription.status === 'active' && !isEnding && isLess(target, catalogue)
  const behavior = proration === 'none' ? 'none' : charge === 'now' ? 'always_invoice' : 'create_prorations'
  return { when: when ?? (waits ? 'periodEnd' : 'now'), proration: behavior, anchor }
}

/** Whether somebody would have less than now: a lower plan; or the same for a shorter time; or, of that, fewer units or add-ons and more of none. */
function isLess({ placed, to, item, items, addOns }: Target, catalogue: Catalogue): boolean {
  // A price that the catalogue does not know cannot be compared with one that it does.
  if (placed === null) return false
  const ranks = catalogue.rank(to.plan) - catalogue.rank(placed.plan)
  if (ranks !== 0) return ranks < 0
  const days = lengthOf(to, placed) - lengthOf(placed, to)
  if (days !== 0) return days < 0
  const quantity = items.find(({ id }) => id === item.id)?.quantity ?? 1
  const names = [...new Set([...Object.keys(addOns.before), ...Object.keys(addOns.after)])]
  const changes = [
    quantity - (item.quantity ?? 1),
    ...names.map((addOn) => (addOns.after[addOn] ?? 0) - (addOns.before[addOn] ?? 0)),
  ]
  return changes.some((more) => more < 0) && changes.every((more) => more <= 0)
}

/** An old price has no interval in the catalogue; it is then taken to be as long as the other. */
const lengthOf = ({ interval }: Placed, other: Placed): number => {
  const known = interval ?? other.interval
  return known === null ? 0 : daysOf(known)
}

const dayCounts: Readonly<Record<string, number>> = { day: 1, week: 7, month: 30, year: 365 }

const daysOf = (interval: Interval): number =>
  (dayCounts[intervals[interval].interval] ?? 0) * intervals[interval].interval_count

/** What Stripe's duration of a phase is for one period of an interval. */
export const periodOf = (interval: Interval): Stripe.SubscriptionScheduleUpdateParams.Phase.Duration => ({
  ...intervals[interval],
})
