import type { Context } from '../context.ts'
import { scheduledEnd } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import { callStripe } from '../stripe/client.ts'
import { currentAtStripe } from './current.ts'
import { wasJustDone } from './just-done.ts'

/**
 * Takes a scheduled end back. With `cancel_at_period_end` Stripe clears `cancel_at` along with it; an end that the customer portal set is a
 * `cancel_at` alone and has to be cleared by that name. The two cannot be told in one request.
 *
 * @see https://docs.stripe.com/billing/subscriptions/cancel#reactivating-canceled-subscriptions
 */
export async function resumeSubscription(context: Context, owner: string): Promise<void> {
  const { mirror, stripe } = context
  await callStripe(async () => {
    const current = await currentAtStripe(context, owner)
    if (!current || scheduledEnd(current.subscription) === null) {
      if (current && (await wasJustDone(context, owner, 'resumed'))) return
      throw new DuesError(
        'nothing_to_resume',
        current
          ? 'Your membership is not set to end: it goes on by itself.'
          : 'Your membership is over. Choose a plan to come back.',
      )
    }
    const { id, cancelAtPeriodEnd } = current.subscription
    let endsAt: number | null = current.subscription.cancelAt
    if (cancelAtPeriodEnd) {
      const updated = await mirror.through('subscription', () =>
        stripe.subscriptions.update(id, { cancel_at_period_end: false }),
      )
      endsAt = updated.cancel_at
    }
    if (endsAt !== null) await mirror.through('subscription', () => stripe.subscriptions.update(id, { cancel_at: '' }))
  })
}
