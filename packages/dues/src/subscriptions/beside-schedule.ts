import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import type { MirroredChange, MirroredSubscription } from '../mirror/types.ts'
import { dropReplan, findReplan, leaveReplan, type PlannedItems, type Replan } from '../store/replans.ts'
import { isUndecided } from '../stripe/client.ts'
import { finishPlan, leavePlan, PlanInHand, plannedFor, rememberPlan } from './plan-again.ts'
import { type NextPhase, planNextPhase, releaseSchedule } from './schedule.ts'

/**
 * Changes a subscription that may have a schedule. Stripe refuses some changes of what a schedule manages and would undo others with its next
 * phase, so the schedule is released first. What was planned is written down before that, and planned again after the change, or after its
 * refusal: by whoever made the change, by whoever makes the next one, or by a job. Nothing is half done. While one change has the plan in hand
 * every other waits (`in-turn.ts`).
 *
 * @param keep what of the plan is still wanted after the change: its items, perhaps others; null for nothing
 * @throws PlanInHand
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
  const replan = { ...asItIs(subscription), planned: planned.items, kept: keep(planned) }
  await reserve(context, subscription, replan)
  await releaseSchedule(context, subscription)
  let result: Result
  try {
    result = await work()
  } catch (error) {
    // What is undecided may have been done all the same, and so may what could not be written down; a job looks at it when it is decided.
    const unwritten = error instanceof DuesError && error.code === 'database_unavailable'
    if (!isUndecided(error) && !unwritten) await finish(context, replan, replan.planned)
    throw error
  }
  await finish(context, replan, replan.kept)
  return result
}

/**
 * Plans items for the next period, in place of what was planned or beside it.
 *
 * @param over whether it takes the place of all that is planned, and so need not wait for whoever changes that
 * @throws PlanInHand
 */
export async function planBeside(
  context: Context,
  subscription: MirroredSubscription,
  planned: MirroredChange | null,
  { items, next, over }: { items: PlannedItems; next: NextPhase; over: boolean },
): Promise<void> {
  const kept = items.map(({ price, quantity }) => ({ price, quantity }))
  const now = asItIs(subscription)
  const replan = { ...now, planned: planned?.items ?? now.before, kept }
  await (over ? rememberPlan(context, replan, { over }) : reserve(context, subscription, replan))
  try {
    await planNextPhase(context, subscription, next)
  } catch (error) {
    await leavePlan(context, subscription.id)
    throw error
  }
}

const asItIs = ({ id, items }: MirroredSubscription) => ({
  subscription: id,
  before: items.map(({ price, quantity }) => ({ price, quantity })),
})

/** Another change may have come to its end between the look at the plan and its being ours. Then ours is decided anew. */
async function reserve(
  context: Context,
  { id, items, scheduled }: MirroredSubscription,
  replan: Omit<Replan, 'at'>,
): Promise<void> {
  const { isNew } = await rememberPlan(context, replan)
  const now = isNew && (await context.mirror.subscription(id))
  if (!now || isDeepStrictEqual([now.items, now.scheduled], [items, scheduled])) return
  await leaveReplan(context.database, id)
  throw new PlanInHand()
}

/**
 * Plans what is wanted now. Where that was written down is somebody else's by now, they do: the same change was asked for twice and is
 * finished, or the member has planned otherwise. What cannot be planned at this moment is not lost: the change was made, and that is the answer.
 */
async function finish(context: Context, replan: Omit<Replan, 'at'>, wanted: PlannedItems | null): Promise<void> {
  const { database, logger } = context
  const { subscription } = replan
  const there = await findReplan(database, subscription)
  if (!there || !isDeepStrictEqual({ ...there, at: 0 }, { ...replan, at: 0 })) return
  if (wanted === null) return void (await dropReplan(database, subscription))
  try {
    await finishPlan(context, { ...there, kept: wanted })
  } catch (error) {
    logger.warn({ subscription, err: error }, 'what was planned could not be planned again yet; a job does it')
    await leavePlan(context, subscription)
  }
}
