import { createHash } from 'node:crypto'
import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest } from '../protocol/errors.ts'
import { type List, pageOf } from '../protocol/list.ts'

type Meter = Kinds['billing.meter']
type Summary = Stripe.Billing.MeterEventSummary

/**
 * What a customer used of a meter from `start` (inclusive) to `end` (exclusive), in Unix seconds: the sum of the values, how many
 * events there were, or the last value, as the meter has it.
 */
export function usageOf(account: Account, meter: Meter, customer: string, start: number, end: number): number {
  const events = account.store
    .by('billing.meter_event', 'usage', `${meter.id} ${customer}`)
    .filter(({ timestamp, value }) => value !== null && timestamp >= start && timestamp < end)
  switch (meter.default_aggregation.formula) {
    case 'count':
      return events.length
    case 'last':
      return Number(events.sort((a, b) => a.timestamp - b.timestamp).at(-1)?.value ?? 0)
    default:
      return Number(events.reduce((sum, { value }) => sum + inTrillionths(value ?? '0'), 0n)) / 1e12
  }
}

/** Values have up to twelve decimal places, and sums of them must not depend on their order. */
function inTrillionths(decimal: string): bigint {
  const [whole = '0', places = ''] = decimal.replace('-', '').split('.')
  const digits = BigInt(whole + places.padEnd(12, '0'))
  return decimal.startsWith('-') ? -digits : digits
}

const windows = { hour: 3600, day: 24 * 3600 }

/** https://docs.stripe.com/api/billing/meter-event-summary/list */
export function summariesOf(
  account: Account,
  meter: Meter,
  params: Stripe.Billing.MeterListEventSummariesParams,
  url: string,
): List<Summary> {
  account.get('customer', params.customer, 'customer')
  const { start_time, end_time } = params
  const window = windows[params.value_grouping_window as keyof typeof windows]
  for (const [param, time] of Object.entries({ start_time, end_time })) {
    if (time % (window ?? 60) !== 0) {
      throw invalidRequest(
        `\`${param}\` must be aligned with ${params.value_grouping_window ?? 'minute'} boundaries.`,
        param,
      )
    }
  }
  if (end_time <= start_time) throw invalidRequest('`end_time` must be after `start_time`.', 'end_time')
  const spans = window ? spansOf(start_time, end_time, window) : [[start_time, end_time] as const]
  const summaries = spans.map(([from, to]) => summaryOf(account, meter, params.customer, from, to))
  const { data, has_more } = pageOf(summaries, params)
  return { object: 'list', data, has_more, url }
}

/** At most as many windows as five years have hours: more would be asked for only by mistake. */
function spansOf(start: number, end: number, window: number): (readonly [number, number])[] {
  const count = (end - start) / window
  if (count > 5 * 366 * 24)
    throw invalidRequest('There are too many windows between `start_time` and `end_time`.', 'end_time')
  return Array.from({ length: count }, (_, index) => [start + index * window, start + (index + 1) * window] as const)
}

/** Summaries are computed when they are asked for; the same question gives the same id. */
function summaryOf(account: Account, meter: Meter, customer: string, start_time: number, end_time: number): Summary {
  const digest = createHash('sha256').update(`${meter.id} ${customer} ${start_time} ${end_time}`).digest('base64url')
  return {
    id: `mtrusg_test_${digest.replace(/[-_]/g, '').slice(0, 28)}`,
    object: 'billing.meter_event_summary',
    aggregated_value: usageOf(account, meter, customer, start_time, end_time),
    end_time,
    livemode: false,
    meter: meter.id,
    start_time,
  }
}
