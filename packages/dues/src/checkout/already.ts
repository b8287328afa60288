import type { Context } from '../context.ts'
import { currentSubscription, isLive } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import type { MirroredSubscription } from '../mirror/types.ts'
import { releaseCustomer } from '../store/owners.ts'
import { isMissing } from '../stripe/client.ts'

/**
 * An owner's subscriptions as Stripe has them at this moment, the mirror brought up to it: an event that is late must let nobody buy
 * twice. Null when the customer is no more at Stripe, and the next round makes a new one.
 */
export async function subscriptionsAtStripe(
  { stripe, mirror, database }: Context,
  owner: string,
  customer: string,
): Promise<MirroredSubscription[] | null> {
  const listed = await stripe.subscriptions.list({ customer, status: 'all', limit: 100 }).catch((error: unknown) => {
    if (isMissing(error)) return null
    throw error
  })
  if (!listed) {
    await releaseCustomer(database, owner, customer)
    return null
  }
  const atStripe = new Map(listed.data.map(({ id, status }) => [id, status]))
  const mirrored = await mirror.subscriptionsOf(owner)
  const known = new Map(mirrored.map(({ id, status }) => [id, status]))
  const stale = [
    ...[...atStripe].filter(([id, status]) => known.get(id) !== status).map(([id]) => id),
    // Of an earlier customer of this owner, so not in the list.
    ...mirrored.filter((one) => isLive(one) && !atStripe.has(one.id)).map(({ id }) => id),
  ]
  for (const id of stale) await mirror.sync('subscription', id)
  return stale.length > 0 ? mirror.subscriptionsOf(owner) : mirrored
}

/** Refuses (`already_subscribed`) whoever has a subscription that may still charge: a switch is a switch and no second purchase. */
export function refuseSubscribed({ catalogue }: Context, subscriptions: readonly MirroredSubscription[]): void {
  const live = currentSubscription(subscriptions.filter(isLive), catalogue)
  if (!live) return
  const placed = live.items.map((item) => catalogue.place(item)).find((place) => place !== null) ?? null
  const name = (placed && catalogue.plans[placed.plan]?.name) ?? 'a membership'
  const advice = ['active', 'trialing'].includes(live.status)
    ? 'Switch the plan instead of buying a second one.'
    : 'Its payment is still open: mend that first, and nothing is charged twice.'
  throw new DuesError('already_subscribed', `You have ${name} already. ${advice}`, {
    details: { plan: placed?.plan ?? null, interval: placed?.interval ?? null, status: live.status },
  })
}
