import type { Context } from '../context.ts'
import { isLive, scheduledEnd } from '../entitlements/membership.ts'
import type { MirroredSubscription } from '../mirror/types.ts'
import { dropReplan, findReplan, leaveReplan, type PlannedItems, type Replan, recordReplan } from '../store/replans.ts'
import { callStripe } from '../stripe/client.ts'
import { currentInMirror } from './current.ts'
import { planNextPhase } from './schedule.ts'
import { isOn } from './target.ts'
import { periodOf } from './terms.ts'

/** For so many seconds a plan that was taken from its schedule is the business of whoever took it: a request to Stripe can take minutes. */
const inHand = 300

/** Writes down what has to be planned again, with the job that does it when whoever wrote it has died. */
export async function rememberPlan(context: Context, replan: Omit<Replan, 'at'>): Promise<void> {
  const { database, outbox, now } = context
  await database.transaction(async (tx) => {
    await recordReplan(tx, { ...replan, at: now() })
    await outbox.enqueue(tx, [{ name: 'followUp', task: 'planAgain', id: replan.subscription, after: inHand }])
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
  await callStripe(() => finishPlan(context, replan))
}

/** For a request that finds its change made already: plans what whoever made it has not, who died or was slower. */
export async function planUnfinished(context: Context, owner: string): Promise<void> {
  const current = await currentInMirror(context, owner)
  const replan = current && (await findReplan(context.database, current.subscription.id))
  if (replan) await finishPlan(context, replan)
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
