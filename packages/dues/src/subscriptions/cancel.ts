import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { scheduledEnd } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import { planEndRefund, refundEnds } from '../invoices/end-refund.ts'
import type { EndRefundWish } from '../invoices/types.ts'
import { dropEndRefund } from '../store/end-refunds.ts'
import { callStripe, isMissing } from '../stripe/client.ts'
import { besideSchedule } from './beside-schedule.ts'
import { type Current, currentAtStripe } from './current.ts'
import { wasJustDone } from './just-done.ts'
import type { CancelOptions } from './types.ts'

/** Where no paid period is left to wait for, an end at the period's end would only keep a debt alive. */
export const endsAtOnce: ReadonlySet<string> = new Set(['incomplete', 'unpaid', 'paused'])

/**
 * Ends an owner's subscription: at the end of its period, on a day, or now. Doing it twice is doing it once.
 *
 * @see https://docs.stripe.com/billing/subscriptions/cancel
 */
export async function cancelSubscription(
  context: Context,
  owner: string,
  { when = 'periodEnd', feedback, comment, refund, ...money }: CancelOptions = {},
): Promise<void> {
  if (when instanceof Date) refusePast(when, context.now())
  if (refund !== undefined) refuseRefund(refund, when, money)
  await callStripe(async () => {
    const current = await currentAtStripe(context, owner)
    if (!current) {
      // The first click may have died between the end and the refund.
      if (refund !== undefined) await refundEnds(context, owner)
      if (await wasJustDone(context, owner, 'ended')) return
      throw new DuesError('nothing_to_cancel', 'There is no membership to cancel: nothing is being charged.')
    }
    const said =
      feedback || comment
        ? { cancellation_details: { ...(feedback && { feedback }), ...(comment && { comment }) } }
        : {}
    // What goes back is decided before the end and paid after it: nobody is refunded who stays a member.
    if (refund === undefined) await dropEndRefund(context.database, current.subscription.id)
    else await planEndRefund(context, owner, current.subscription.id, refund)
    if (when === 'now' || endsAtOnce.has(current.subscription.status)) await cancelNow(context, current, said, money)
    else await setEnd(context, current, endWanted(current, when, money), said)
    if (refund !== undefined) await refundEnds(context, owner)
  })
}

function refusePast(when: Date, now: number): void {
  if (when.getTime() / 1000 > now) return
  throw new DuesError('bad_request', 'That day is past. Give a day to come, or cancel now.')
}

function refuseRefund(refund: EndRefundWish, when: CancelOptions['when'], { unused }: Money): void {
  if (when !== 'now') throw new DuesError('bad_request', "A refund goes with an end that is now: give when: 'now'.")
  if (unused === 'credit') throw new DuesError('bad_request', 'Give what is left back once: as credit or as a refund.')
  if (refund === 'unused' || refund === 'period' || (Number.isSafeInteger(refund) && refund > 0)) return
  throw new DuesError('bad_request', `refund is ${refund}: give 'unused', 'period', or minor units above 0.`)
}

type Said = Pick<Stripe.SubscriptionUpdateParams, 'cancellation_details'>
type Money = Pick<CancelOptions, 'unused' | 'invoice'>

/** What has to be told to Stripe for the end that is wanted; nothing where it is set already. */
function endWanted(
  { subscription }: Current,
  when: 'periodEnd' | Date,
  { unused = 'none' }: Money,
): Stripe.SubscriptionUpdateParams {
  // At the period's end: an end that is set already, perhaps an earlier one by the portal, is left as it is.
  if (when === 'periodEnd') return scheduledEnd(subscription) === null ? { cancel_at_period_end: true } : {}
  const cancel_at = Math.floor(when.getTime() / 1000)
  return { cancel_at, proration_behavior: unused === 'credit' ? 'create_prorations' : 'none' }
}

async function setEnd(
  context: Context,
  { subscription }: Current,
  end: Stripe.SubscriptionUpdateParams,
  said: Said,
): Promise<void> {
  const { mirror, stripe } = context
  const change = { ...end, ...said }
  if (Object.keys(change).length === 0) return
  await besideSchedule(context, subscription, () =>
    mirror.through('subscription', () => stripe.subscriptions.update(subscription.id, change)),
  )
}

/** Unless told otherwise nothing is given back and nothing more is charged: what is left of the period is given up, and the page says so before. */
async function cancelNow(
  { mirror, stripe }: Context,
  { subscription }: Current,
  said: Said,
  { unused = 'none', invoice = unused === 'credit' }: Money,
): Promise<void> {
  try {
    await mirror.through('subscription', () =>
      stripe.subscriptions.cancel(subscription.id, { prorate: unused === 'credit', invoice_now: invoice, ...said }),
    )
  } catch (error) {
    // Stripe's answer to a second cancel is that there is no such subscription: another click was quicker.
    if (!isMissing(error)) throw error
    await mirror.sync('subscription', subscription.id)
  }
}
