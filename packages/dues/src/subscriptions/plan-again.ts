import type { Context } from '../context.ts'
import { isLive, scheduledEnd } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import type { MirroredChange, MirroredSubscription } from '../mirror/types.ts'
import {
  dropReplan,
  findReplan,
  leaveReplan,
  type PlannedItems,
  type Replan,
  reserveReplan,
  takeReplan,
} from '../store/replans.ts'
import { callStripe } from '../stripe/client.ts'
import { currentInMirror } from './current.ts'
import { planNextPhase } from './schedule.ts'
import { isOn } from './target.ts'
import { periodOf } from './terms.ts'

/** For so many seconds a plan that was taken from its schedule is the business of whoever took it: a request to Stripe can take minutes. */
const inHand = 300

/** Another change of the same plan is under way. Nothing was done: whoever meets it waits a moment, and decides anew (`in-turn.ts`). */
export class PlanInHand extends DuesError {
  constructor() {
    super('busy', 'Your membership is being changed in another window. Look at it again, and try once more.')
  }
}

/**
 * Writes down what has to be planned again, with the job that does it when whoever wrote it has died.
 *
 * @param options.over takes the place of whatever another change is at: the last wish counts
 * @throws PlanInHand
 */
export async function rememberPlan(
  context: Context,
  replan: Omit<Replan, 'at'>,
  { over = false }: { over?: boolean } = {},
): Promise<{ isNew: boolean }> {
  const { database, outbox, now } = context
  const at = now()
  return database.transaction(async (tx) => {
    const reserved = await reserveReplan(tx, { ...replan, at }, over ? Infinity : at - inHand)
    if (!reserved) throw new PlanInHand()
    await outbox.enqueue(tx, [{ name: 'followUp', task: 'planAgain', id: replan.subscription, after: inHand }])
    return reserved
  })
}

/** Leaves it to a job, which does it at once and again until it is done. */
export async function leavePlan({ database, outbox }: Context, subscription: string): Promise<void> {
  await database.transaction(async (tx) => {
    await leaveReplan(tx, subscription)
    await outbox.enqueue(tx, [{ name: 'followUp', task: 'planAgain', id: subscription }])
  })
}

/** For a job: plans what a change has taken from its schedule and not put back. */
export async function planForgotten(context: Context, id: string): Promise<void> {
  const { database, outbox, now } = context
  const replan = await findReplan(database, id)
  if (replan === null) return
  const left = replan.at + inHand - now()
  if (left > 0)
    // Another change is under way, and its job was not made because this one waited.
    return outbox.enqueue(database, [{ name: 'followUp', task: 'planAgain', id, after: left }])
  // Taken by somebody else meanwhile: theirs is another job.
  if (!(await takeReplan(database, replan, now()))) return
  try {
    await callStripe(() => finishPlan(context, replan))
  } catch (error) {
    await leaveReplan(database, id)
    throw error
  }
}

/**
 * For a request that finds its change made already: plans what whoever made it has not, who died or was slower. What is not made yet is the
 * business of another change.
 */
export async function planUnfinished(context: Context, owner: string): Promise<void> {
  const current = await currentInMirror(context, owner)
  const replan = current && (await findReplan(context.database, current.subscription.id))
  if (replan && !isNotMade(current.subscription, replan)) await finishPlan(context, replan)
}

/** What there was planned, as a change has to know it: at Stripe, or until one died or was begun that had taken it from there. */
export async function plannedFor(
  { database, now }: Context,
  subscription: MirroredSubscription,
): Promise<MirroredChange | null> {
  if (subscription.scheduled) return subscription.scheduled
  const replan = await findReplan(database, subscription.id)
  if (replan === null) return null
  const items = wantedNow(subscription, replan)
  if (items) return { at: Math.min(...subscription.items.map((item) => item.currentPeriodEnd)), items: [...items] }
  // It plans what was not planned before; or it has been made, and nothing of a plan is left to be wanted.
  if (isNotMade(subscription, replan) && replan.at > now() - inHand) throw new PlanInHand()
  await dropReplan(database, subscription.id)
  return null
}

/**
 * Brings what was written down to its end, by what Stripe knows now: what is wanted after the change if that was made, else what was planned
 * before it. Nothing is planned for what has ended, ends or rests, nor over another plan.
 */
export async function finishPlan(context: Context, replan: Replan): Promise<void> {
  const { mirror, database } = context
  const id = replan.subscription
  await mirror.sync('subscription', id)
  const subscription = await mirror.subscription(id)
  const items = subscription && !isSettled(subscription) ? wantedNow(subscription, replan) : null
  if (subscription && items) return planAgain(context, subscription, items)
  await dropReplan(database, id)
}

const isSettled = (subscription: MirroredSubscription): boolean =>
  !isLive(subscription) ||
  subscription.status === 'paused' ||
  subscription.scheduled !== null ||
  scheduledEnd(subscription) !== null

/** What is wanted of a plan now: by what the subscription has it is told whether the change was made. */
export function wantedNow(subscription: MirroredSubscription, { before, planned, kept }: Replan): PlannedItems | null {
  const wanted = has(subscription, before) ? planned : kept
  return wanted && !has(subscription, wanted) ? wanted : null
}

const isNotMade = (subscription: MirroredSubscription, { before }: Replan): boolean => has(subscription, before)

const has = (subscription: MirroredSubscription, items: PlannedItems): boolean =>
  isOn(
    subscription,
    items.map((item) => ({ id: null, ...item })),
  )

/** Plans items for the next period of a subscription. */
export async function planAgain(
  context: Context,
  subscription: MirroredSubscription,
  items: PlannedItems,
): Promise<void> {
  const places = items.map(({ price }) => context.catalogue.place({ price, product: '' }))
  const interval = places.find((place) => place?.interval)?.interval ?? 'monthly'
  await planNextPhase(context, subscription, {
    items: items.map(({ price, quantity }) => ({ price, ...(quantity !== null && { quantity }) })),
    duration: periodOf(interval),
  })
}
