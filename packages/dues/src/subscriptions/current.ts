import type { Placed } from '../catalogue/catalogue.ts'
import type { Context } from '../context.ts'
import { currentSubscription, isLive, planItem } from '../entitlements/membership.ts'
import type { MirroredItem, MirroredSubscription } from '../mirror/types.ts'

/** The subscription that an owner's actions are about, and the item of it that is the plan. */
export type Current = {
  readonly subscription: MirroredSubscription
  readonly item: MirroredItem
  readonly placed: Placed | null
}

/**
 * An owner's live subscription, read from Stripe a moment ago: what is about to be changed must not be judged by a mirror that waits for
 * an event. Null without one.
 */
export async function currentAtStripe(context: Context, owner: string): Promise<Current | null> {
  const mirrored = await currentInMirror(context, owner)
  if (!mirrored) return null
  await context.mirror.sync('subscription', mirrored.subscription.id)
  return currentInMirror(context, owner)
}

/** The same as the mirror has it: enough to show, too little to change by. */
export async function currentInMirror({ mirror, catalogue }: Context, owner: string): Promise<Current | null> {
  const subscription = currentSubscription((await mirror.subscriptionsOf(owner)).filter(isLive), catalogue)
  const item = subscription && planItem(subscription, catalogue)
  return item ? { subscription, item, placed: catalogue.place(item) } : null
}
