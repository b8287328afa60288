/**
 * Billing periods, counted in UTC from an anchor.
 *
 * A period's edges are always the anchor plus whole intervals, never the last edge plus one: so 31 January goes to 28 February and
 * back to 31 March. https://docs.stripe.com/billing/subscriptions/billing-cycle
 */

/** A recurring price's rhythm, as in `price.recurring`. */
export type Rhythm = { interval: string; interval_count: number }

/** Unix seconds, `end` not included. */
export type Period = { start: number; end: number }

/**
 * The reference point of the periods: a time, and the day of the month that is meant where the time itself had to be cut to a
 * shorter month (an anchor configured for day 31 that first falls in February).
 */
export type Anchor = { time: number; day?: number | undefined }

/** As in `billing_cycle_anchor_config`. */
export type AnchorConfig = {
  day_of_month: number
  month?: number | null | undefined
  hour?: number | null | undefined
  minute?: number | null | undefined
  second?: number | null | undefined
}

export const day = 86_400
const secondsOf: Record<string, number> = { day, week: 7 * day }
const monthsOf: Record<string, number> = { month: 1, year: 12 }

/** The anchor moved by `count` intervals of the rhythm (which may be negative). */
export function addIntervals(anchor: Anchor, rhythm: Rhythm, count: number): number {
  const steps = rhythm.interval_count * count
  const seconds = secondsOf[rhythm.interval]
  return seconds === undefined
    ? addMonths(anchor, steps * (monthsOf[rhythm.interval] ?? 1))
    : anchor.time + steps * seconds
}

/** The same time of day, months later, on the anchor's day or on the last day of a shorter month. */
function addMonths({ time, day }: Anchor, months: number): number {
  const date = new Date(time * 1000)
  const month = date.getUTCMonth() + months
  const target = day ?? date.getUTCDate()
  const moved = new Date(time * 1000)
  moved.setUTCDate(1)
  moved.setUTCMonth(month)
  moved.setUTCDate(Math.min(target, daysInMonth(moved.getUTCFullYear(), moved.getUTCMonth())))
  return moved.getTime() / 1000
}

const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month + 1, 0)).getUTCDate()

/** The period of the rhythm in which a time lies; a period's end belongs to the next one. */
export function periodContaining(anchor: Anchor, rhythm: Rhythm, time: number): Period {
  const length = (secondsOf[rhythm.interval] ?? (monthsOf[rhythm.interval] ?? 1) * 30 * day) * rhythm.interval_count
  let count = Math.floor((time - anchor.time) / length)
  while (addIntervals(anchor, rhythm, count) > time) count--
  while (addIntervals(anchor, rhythm, count + 1) <= time) count++
  return { start: addIntervals(anchor, rhythm, count), end: addIntervals(anchor, rhythm, count + 1) }
}

/**
 * When a configured anchor next falls: at or after `now`, with the time of day of `now` where none is configured.
 * https://docs.stripe.com/billing/subscriptions/billing-cycle#new-subscriptions
 */
export function nextAnchor(config: AnchorConfig, now: number): Anchor {
  const date = new Date(now * 1000)
  const hour = config.hour ?? date.getUTCHours()
  const minute = config.minute ?? (config.hour == null ? date.getUTCMinutes() : 0)
  const second = config.second ?? (config.hour == null ? date.getUTCSeconds() : 0)
  const month = config.month == null ? date.getUTCMonth() : config.month - 1
  const occurrence = (year: number, month: number): number => {
    const first = new Date(Date.UTC(year, month, 1))
    const lastDay = daysInMonth(first.getUTCFullYear(), first.getUTCMonth())
    return first.setUTCDate(Math.min(config.day_of_month, lastDay)) / 1000 + hour * 3600 + minute * 60 + second
  }
  let time = occurrence(date.getUTCFullYear(), month)
  for (let step = 1; time < now; step++) {
    time =
      config.month == null
        ? occurrence(date.getUTCFullYear(), month + step)
        : occurrence(date.getUTCFullYear() + step, month)
  }
  return { time, day: config.day_of_month }
}

/** The anchor of a subscription: its `billing_cycle_anchor`, with the day that its configuration asked for. */
export const anchorOf = (subscription: {
  billing_cycle_anchor: number
  billing_cycle_anchor_config: AnchorConfig | null
}): Anchor => ({
  time: subscription.billing_cycle_anchor,
  day: subscription.billing_cycle_anchor_config?.day_of_month,
})

/** `10 Nov 2025`, as in the texts of prorations. */
export function formatDate(time: number): string {
  const date = new Date(time * 1000)
  return `${String(date.getUTCDate()).padStart(2, '0')} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** `month`, `every 3 months`, as in the texts of lines. */
export const formatRhythm = ({ interval, interval_count }: Rhythm): string =>
  interval_count === 1 ? interval : `every ${interval_count} ${interval}s`
