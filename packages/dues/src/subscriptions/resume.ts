import type { Context } from '../context.ts'
import { scheduledEnd } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import { callStripe } from '../stripe/client.ts'
import { currentAtStripe } from './current.ts'
import { wasJustDone } from './just-done.ts'
import { releaseSchedule } from './schedule.ts'

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
      if (current) throw new DuesError('nothing_to_resume', 'Your membership is not set to end: it goes on by itself.')
      const isOver = (await mirror.subscriptionsOf(owner)).length > 0
      throw isOver
        ? new DuesError('period_over', 'Your membership is over. Choose a plan to come back.')
        : new DuesError('nothing_to_resume', 'You have no membership to resume. Choose a plan and subscribe to it.')
    }
    const { id, cancelAtPeriodEnd, schedule } = current.subscription
    // An end that a schedule has set is taken back with the schedule; Stripe takes it from nobody else.
    if (schedule !== null) await releaseSchedule(context, current.subscription, { keepEnd: false })
    let endsAt: number | null = (await mirror.subscription(id))?.cancelAt ?? null
    if (cancelAtPeriodEnd) {
      const updated = await mirror.through('subscription', () =>
        stripe.subscriptions.update(id, { cancel_at_period_end: false }),
      )
      endsAt = updated.cancel_at
    }
    if (endsAt !== null) await mirror.through('subscription', () => stripe.subscriptions.update(id, { cancel_at: '' }))
  })
}
