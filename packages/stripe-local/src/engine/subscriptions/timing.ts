import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { invalidRequest } from '../../protocol/errors.ts'
import { withinFiveYears } from '../../protocol/values.ts'
import { type Anchor, addIntervals, day, nextAnchor, type Period } from '../calendar.ts'
import { type Price, periodAt, rhythmOf, type Subscription } from './items.ts'

/** When things of a new subscription begin and end. */
export type Timing = {
  /** When it began: earlier than now when it is backdated. */
  start: number
  anchor: Anchor
  anchorConfig: Subscription['billing_cycle_anchor_config']
  trialEnd: number | null
  /** The first period of an item. */
  periodOf: (price: Price) => Period
  /** Whether the first periods begin at the anchor only. */
  waitsForAnchor: boolean
  /** Whether classic billing shows what has passed as a line of its own. */
  backdated: boolean
  /** The time up to the anchor, and that since a start date in the past, is charged in part; otherwise it is free. */
  chargesUntilAnchor: boolean
}

type Params = Pick<
  Stripe.SubscriptionCreateParams,
  | 'backdate_start_date'
  | 'billing_cycle_anchor'
  | 'billing_cycle_anchor_config'
  | 'proration_behavior'
  | 'trial_end'
  | 'trial_from_plan'
  | 'trial_period_days'
>

/**
 * Reads the beginning of a subscription out of its parameters. Errors: a trial end, an anchor or a start date on the wrong side of now, an anchor
 * past the first full period, parameters that exclude each other.
 *
 * @param since when it was sold, where that is earlier: the time up to the anchor counts from then
 */
export function beginningOf(account: Account, params: Params, prices: readonly Price[], since?: number): Timing {
  const { now } = account
  const from = since ?? now
  const trialEnd = trialEndOf(params, prices, now)
  const anchorConfig = anchorConfigOf(params)
  const asked: Anchor | undefined = anchorConfig
    ? nextAnchor(anchorConfig, from)
    : params.billing_cycle_anchor === undefined
      ? undefined
      : { time: params.billing_cycle_anchor }
  if (asked) checkAnchor(asked.time, trialEnd ?? from, from, prices)
  const anchor = asked ?? { time: trialEnd ?? now }
  const waitsForAnchor = anchor.time > from
  return {
    start: asked && since !== undefined ? since : startOf(params.backdate_start_date, now),
    anchor,
    anchorConfig,
    trialEnd,
    periodOf(price) {
      if (trialEnd !== null) return { start: now, end: trialEnd }
      return waitsForAnchor ? { start: from, end: anchor.time } : periodAt(anchor, price, now)
    },
    waitsForAnchor,
    backdated: params.backdate_start_date !== undefined,
    chargesUntilAnchor: params.proration_behavior !== 'none',
  }
}

function startOf(backdated: number | undefined, now: number): number {
  if (backdated === undefined) return now
  if (backdated <= now) return backdated
  throw invalidRequest('`backdate_start_date` must be in the past.', 'backdate_start_date')
}

/** The end of the trial that was asked for, or null. `now` asks for none. */
function trialEndOf(params: Params, prices: readonly Price[], now: number): number | null {
  const { trial_end, trial_period_days, trial_from_plan } = params
  if (trial_from_plan && (trial_end !== undefined || trial_period_days !== undefined)) {
    throw invalidRequest('You cannot set `trial_end` or `trial_period_days` when `trial_from_plan=true`.')
  }
  if (trial_end !== undefined && trial_period_days !== undefined) {
    throw invalidRequest('Received both trial_end and trial_period_days parameters. Please pass in only one.')
  }
  if (trial_end !== undefined) return trial_end === 'now' ? null : futureTrialEnd(trial_end, now)
  const ofPlan = trial_from_plan ? prices.find((price) => price.recurring?.trial_period_days)?.recurring : undefined
  const days = trial_period_days ?? ofPlan?.trial_period_days
  if (days === undefined || days === null || days === 0) return null
  if (days < 0) throw invalidRequest('This value must be greater than or equal to 1.', 'trial_period_days')
  if (days > 730) throw invalidRequest('Trial period days must be at most 730.', 'trial_period_days')
  return now + days * day
}

/** A trial that ends later than now, in five years at most, or Stripe's refusal. */
export const futureTrialEnd = (time: number, now: number): number => withinFiveYears(time, now, 'trial_end')

function anchorConfigOf(params: Params): Subscription['billing_cycle_anchor_config'] {
  const config = params.billing_cycle_anchor_config
  if (!config) return null
  if (params.billing_cycle_anchor !== undefined) {
    throw invalidRequest(
      'You may only specify one of these parameters: billing_cycle_anchor, billing_cycle_anchor_config.',
      'billing_cycle_anchor_config',
    )
  }
  return {
    day_of_month: config.day_of_month,
    hour: config.hour ?? null,
    minute: config.minute ?? null,
    month: config.month ?? null,
    second: config.second ?? null,
  }
}

/** An anchor lies in the future, and not past the first full period, or that period would be longer than a whole one. */
function checkAnchor(anchor: number, from: number, now: number, prices: readonly Price[]): void {
  if (anchor < now)
    throw invalidRequest('`billing_cycle_anchor` must be a timestamp in the future.', 'billing_cycle_anchor')
  const latest = Math.min(...prices.map((price) => addIntervals({ time: from }, rhythmOf(price), 1)))
  if (anchor <= latest) return
  throw invalidRequest(
    `billing_cycle_anchor cannot be later than next natural billing date (${latest}) for plan`,
    'billing_cycle_anchor',
  )
}
