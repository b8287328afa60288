import type { Answers } from '../entitlements/membership.ts'
import { monthOf } from './calendar.ts'

/**
 * When the count of a feature begins anew.
 *
 * - `period`: when the subscription renews. A year for who pays by the year.
 * - `month`: every month from the day on which the period began, also for who pays by the year.
 * - `never`: it goes up by `use` and down by `release`: seats, projects.
 */
export const resets = ['period', 'month', 'never'] as const
export type Resets = (typeof resets)[number]

/** The period that something is counted in: Unix seconds. `end` is null where it is not known, or never comes. */
export type Period = { readonly start: number; readonly end: number | null }

/** The 1st of January 1970 in UTC: months from there are those of the calendar. */
const calendarMonths = 0

/**
 * The period that a membership is counted in now. It is the subscription's own, from the mirror, so that the count and the invoice agree; a
 * grant has months from the day on which it was given, and the free plan those of the calendar.
 */
export function periodOf(answers: Answers, anew: Resets, now: number): Period {
  if (anew === 'never') return { start: 0, end: null }
  const paid = paidPeriod(answers, now)
  if (!paid) return monthOf(answers.grant?.grantedAt ?? calendarMonths, now)
  if (anew === 'period') return paid
  const { start, end } = monthOf(paid.start, now)
  // A trial, or a week, is over before its month is.
  return { start, end: Math.min(end, paid.end ?? end) }
}

/**
 * Between the end of a period and the event that tells of the renewal some time may pass: what is used then belongs to the period that is
 * beginning, and Stripe will say that it began at that very second.
 */
function paidPeriod({ item, renewsAt, ...answers }: Answers, now: number): Period | null {
  if (!item || !givesAccess(answers)) return null
  const { currentPeriodStart: start, currentPeriodEnd: end } = item
  return renewsAt !== null && now >= end ? { start: end, end: null } : { start, end }
}

/** Whether it is the subscription that gives access, and not a grant beside it. */
export const givesAccess = ({
  active,
  trialing,
  pastDue,
  onGracePeriod,
}: Pick<Answers, 'active' | 'trialing' | 'pastDue' | 'onGracePeriod'>): boolean =>
  active || trialing || (pastDue && onGracePeriod)
