import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { invalidRequest, notSupported } from '../../protocol/errors.ts'
import { withinFiveYears } from '../../protocol/values.ts'
import { remember } from '../notes.ts'
import { nextPeriodEnd, type Subscription } from './items.ts'

type Params = Pick<
  Stripe.SubscriptionUpdateParams,
  'cancel_at' | 'cancel_at_period_end' | 'cancellation_details' | 'proration_behavior'
>

/**
 * When and why a subscription will end, as the parameters ask: the fields that say so. Taking the end back clears them all.
 * https://docs.stripe.com/billing/subscriptions/cancel
 */
export function scheduledEnd(account: Account, subscription: Subscription, params: Params): Partial<Subscription> {
  const { cancel_at, cancel_at_period_end } = params
  if (cancel_at && cancel_at_period_end) {
    throw invalidRequest('`cancel_at` and `cancel_at_period_end` cannot both be set.', 'cancel_at')
  }
  const details = detailsOf(subscription, params)
  if (cancel_at !== undefined && cancel_at !== '' && cancel_at !== null) {
    const at = endTime(account, subscription, cancel_at)
    // An end within the current period prorates when prorations are on; one in a later period always does.
    const isLater = at > nextPeriodEnd(subscription.items.data)
    remember(account, subscription.id, { proratesAtEnd: isLater || params.proration_behavior !== 'none' })
    return { cancel_at: at, cancel_at_period_end: false, ...requested(account, details) }
  }
  if (cancel_at_period_end === true) {
    const at = nextPeriodEnd(subscription.items.data)
    return { cancel_at: at, cancel_at_period_end: true, ...requested(account, details) }
  }
  const takesBack = cancel_at === '' || cancel_at === null || cancel_at_period_end === false
  if (takesBack && subscription.cancel_at !== null) {
    return {
      cancel_at: null,
      cancel_at_period_end: false,
      canceled_at: null,
      cancellation_details: { ...details, reason: null },
    }
  }
  return params.cancellation_details ? { cancellation_details: details } : {}
}

const requested = (account: Account, details: NonNullable<Subscription['cancellation_details']>) => ({
  canceled_at: account.now,
  cancellation_details: { ...details, reason: 'cancellation_requested' as const },
})

function detailsOf(
  { cancellation_details: before }: Subscription,
  { cancellation_details: said }: Params,
): NonNullable<Subscription['cancellation_details']> {
  return {
    comment: null,
    feedback: null,
    feedback_option: null,
    reason: null,
    ...before,
    ...(said?.comment !== undefined && { comment: said.comment || null }),
    ...(said?.feedback !== undefined && { feedback: said.feedback || null }),
    ...(said?.feedback_option !== undefined && { feedback_option: said.feedback_option }),
  }
}

/** A time, or the word for one: the earliest or the latest end of the items' periods. */
function endTime(account: Account, { items }: Subscription, at: number | string): number {
  const ends = items.data.map((item) => item.current_period_end)
  if (at === 'min_period_end') return Math.min(...ends)
  if (at === 'max_period_end') return Math.max(...ends)
  if (typeof at === 'string') throw notSupported(`cancel_at=${at}: there is no prebilling here`)
  if (at > account.now) return withinFiveYears(at, account.now, 'cancel_at')
  throw invalidRequest('`cancel_at` must be a timestamp in the future.', 'cancel_at')
}
