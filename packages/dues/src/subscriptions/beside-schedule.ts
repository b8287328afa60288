import type { Context } from '../context.ts'
import type { MirroredChange, MirroredSubscription } from '../mirror/types.ts'
import { dropReplan, findReplan, type PlannedItems, type Replan } from '../store/replans.ts'
import { isUndecided } from '../stripe/client.ts'
import { finishPlan, leavePlan, rememberPlan, wantedNow } from './plan-again.ts'
import { releaseSchedule } from './schedule.ts'

/**
 * Changes a subscription that may have a schedule. Stripe refuses some changes of what a schedule manages and would undo others with its next
 * phase, so the schedule is released first. What was planned is written down before that, and planned again after the change, or after its
 * refusal: by whoever made the change, by whoever makes the next one, or by a job. Nothing is half done.
 *
 * @param keep what of the plan is still wanted after the change: its items, perhaps others; null for nothing
 * @see https://docs.stripe.com/billing/subscriptions/subscription-schedules#managing
 */
export async function besideSchedule<Result>(
  context: Context,
  subscription: MirroredSubscription,
  work: () => Promise<Result>,
  keep: (planned: MirroredChange) => PlannedItems | null = () => null,
): Promise<Result> {
  const planned = await plannedFor(context, subscription)
  if (planned === null) {
    await releaseSchedule(context, subscription)
    return work()
  }
  const before = subscription.items.map(({ price, quantity }) => ({ price, quantity }))
  const replan = { subscription: subscription.id, before, planned: planned.items, kept: keep(planned) }
  await rememberPlan(context, replan)
  await releaseSchedule(context, subscription)
  let result: Result
  try {
    result = await work()
  } catch (error) {
    // What is undecided may have been done all the same; a job looks at it when it is decided.
    if (!isUndecided(error)) await finish(context, { ...replan, kept: replan.planned })
    throw error
  }
  if (replan.kept) await finish(context, { ...replan, planned: replan.kept })
  else await dropReplan(context.database, subscription.id)
  return result
}

/** What is planned at Stripe, or was until a change died that had taken it from there. */
async function plannedFor({ database }: Context, subscription: MirroredSubscription): Promise<MirroredChange | null> {
  if (subscription.scheduled) return subscription.scheduled
  const replan = await findReplan(database, subscription.id)
  if (replan === null) return null
  const items = wantedNow(subscription, replan)
  if (items) return { at: Math.min(...subscription.items.map((item) => item.currentPeriodEnd)), items: [...items] }
  await dropReplan(database, subscription.id)
  return null
}

/** What cannot be planned at this moment is not lost: the change was made, and that is the answer. */
async function finish(context: Context, replan: Omit<Replan, 'at'>): Promise<void> {
  try {
    await finishPlan(context, { ...replan, at: 0 })
  } catch (error) {
    const { subscription } = replan
    context.logger.warn({ subscription, err: error }, 'what was planned could not be planned again yet; a job does it')
    await leavePlan(context, subscription)
  }
}
