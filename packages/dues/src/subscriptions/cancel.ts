import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { scheduledEnd } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import { callStripe, isMissing } from '../stripe/client.ts'
import { besideSchedule } from './beside-schedule.ts'
import { type Current, currentAtStripe } from './current.ts'
import { wasJustDone } from './just-done.ts'
import type { CancelOptions } from './types.ts'

/** Where no paid period is left to wait for, an end at the period's end would only keep a debt alive. */
const endsAtOnce = new Set(['incomplete', 'unpaid', 'paused'])

/**
 * Ends an owner's subscription: at the end of its period, or now. Doing it twice is doing it once.
 *
 * @see https://docs.stripe.com/billing/subscriptions/cancel
 */
export async function cancelSubscription(
  context: Context,
  owner: string,
  { when = 'periodEnd', feedback, comment }: CancelOptions = {},
): Promise<void> {
  await callStripe(async () => {
    const current = await currentAtStripe(context, owner)
    if (!current) {
      if (await wasJustDone(context, owner, 'ended')) return
      throw new DuesError('nothing_to_cancel', 'There is no membership to cancel: nothing is being charged.')
    }
    const said =
      feedback || comment
        ? { cancellation_details: { ...(feedback && { feedback }), ...(comment && { comment }) } }
        : {}
    if (when === 'now' || endsAtOnce.has(current.subscription.status)) await cancelNow(context, current, said)
    else await cancelAtPeriodEnd(context, current, said)
  })
}

type Said = Pick<Stripe.SubscriptionUpdateParams, 'cancellation_details'>

async function cancelAtPeriodEnd(context: Context, { subscription }: Current, said: Said): Promise<void> {
  const { mirror, stripe } = context
  // An end that is set already, perhaps an earlier one by the portal, is left as it is.
  const change = scheduledEnd(subscription) === null ? { cancel_at_period_end: true, ...said } : said
  if (Object.keys(change).length === 0) return
  await besideSchedule(context, subscription, () =>
    mirror.through('subscription', () => stripe.subscriptions.update(subscription.id, change)),
  )
}

/** Nothing is paid back and nothing more is charged: what is left of the period is given up, and the page says so before. */
async function cancelNow({ mirror, stripe }: Context, { subscription }: Current, said: Said): Promise<void> {
  try {
    await mirror.through('subscription', () =>
      stripe.subscriptions.cancel(subscription.id, { prorate: false, invoice_now: false, ...said }),
    )
  } catch (error) {
    // Stripe's answer to a second cancel is that there is no such subscription: another click was quicker.
    if (!isMissing(error)) throw error
    await mirror.sync('subscription', subscription.id)
  }
}
