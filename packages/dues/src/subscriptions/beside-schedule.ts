import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import type { MirroredChange, MirroredSubscription } from '../mirror/types.ts'
import { isUndecided, translateStripeError } from '../stripe/client.ts'
import { planNextPhase, releaseSchedule } from './schedule.ts'
import { periodOf } from './terms.ts'

/**
 * Changes a subscription that may have a schedule. Stripe refuses some changes of what a schedule manages and would undo others with its next
 * phase, so the schedule is released first. When Stripe then refuses the change, what was planned is planned again: nothing is half done.
 *
 * @param keep what of the plan is still wanted after the change: its items, perhaps others; null for nothing
 * @see https://docs.stripe.com/billing/subscriptions/subscription-schedules#managing
 */
export async function besideSchedule<Result>(
  context: Context,
  subscription: MirroredSubscription,
  work: () => Promise<Result>,
  keep: (planned: MirroredChange) => MirroredChange['items'] | null = () => null,
): Promise<Result> {
  const { schedule, scheduled } = subscription
  if (schedule === null) return work()
  await releaseSchedule(context, subscription)
  let result: Result
  try {
    result = await work()
  } catch (error) {
    // What is undecided may have been done all the same, and then the plan would undo it.
    if (scheduled && !isUndecided(error)) await planAgain(context, subscription.id, scheduled.items)
    throw error
  }
  const items = scheduled && keep(scheduled)
  if (items) await planAgain(context, subscription.id, items).catch(tellDropped)
  return result
}

/** The one thing that two calls cannot make whole; whoever asked is told what was done and what was not. */
function tellDropped(error: unknown): never {
  throw new DuesError(
    'stripe_unavailable',
    'Your membership was changed, but what was planned for the end of its period could not be planned again. Plan it once more.',
    { cause: translateStripeError(error), details: { changed: true } },
  )
}

async function planAgain(context: Context, id: string, items: MirroredChange['items']): Promise<void> {
  const { mirror, catalogue } = context
  const subscription = await mirror.subscription(id)
  if (!subscription) return
  const places = items.map(({ price }) => catalogue.place({ price, product: '' }))
  const interval = places.find((place) => place?.interval)?.interval ?? 'monthly'
  await planNextPhase(context, subscription, {
    items: items.map(({ price, quantity }) => ({ price, ...(quantity !== null && { quantity }) })),
    duration: periodOf(interval),
  })
}
