/** A stretch of time in Unix seconds, its end not in it. */
export type Stretch = { readonly start: number; readonly end: number }

/**
 * The same day and time so many months later, in UTC; the last day of a month that is too short. Counted from the anchor and never from
 * month to month, so that the 31st comes back after February.
 */
export function addMonths(anchor: number, months: number): number {
  const date = new Date(anchor * 1000)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + months)
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, lastDay))
  return date.getTime() / 1000
}

/** The month from an anchor that a moment is in. A moment before the anchor counts to the first month. */
export function monthOf(anchor: number, moment: number): Stretch {
  const from = new Date(anchor * 1000)
  const to = new Date(moment * 1000)
  const between = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth()
  // The month of the calendar may have begun before the day of the anchor came.
  const months = Math.max(0, addMonths(anchor, between) > moment ? between - 1 : between)
  return { start: addMonths(anchor, months), end: addMonths(anchor, months + 1) }
}
