import type { AddOnNumbers } from '../catalogue/add-ons.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { IntervalOf, PlanName, Plans } from '../catalogue/plans.ts'
import type { MirroredSubscription, TransitionType } from '../mirror/types.ts'
import { addOnNumbers, everyAddOn } from './add-ons.ts'
import { changesTo } from './member.ts'
import { isLive, planItem, plannedChange, scheduledEnd } from './membership.ts'
import type { MembershipSnapshot, Transition } from './transition.ts'
import type { Owner, SubscriptionStatus } from './types.ts'

/** A transition as it was recorded, in Stripe's terms. */
type Recorded = {
  readonly key: string
  readonly type: string
  readonly at: number
  readonly before: object | null
  readonly after: object | null
  readonly detail: Transition['detail']
}

/** A recorded transition in the words of the app: owner, plans, dates. */
export function toTransition<P extends Plans, T extends TransitionType = TransitionType>(
  recorded: Recorded,
  owner: Owner,
  catalogue: Catalogue,
): Transition<P, T> {
  return {
    id: recorded.key,
    type: recorded.type as T,
    owner,
    at: new Date(recorded.at * 1000),
    before: snapshotOf<P>(recorded.before, catalogue),
    after: snapshotOf<P>(recorded.after, catalogue),
    detail: recorded.detail,
  }
}

function snapshotOf<P extends Plans>(recorded: object | null, catalogue: Catalogue): MembershipSnapshot<P> | null {
  if (recorded === null) return null
  // The mirror writes before and after as the subscription was mirrored; the column only knows that it is JSON.
  const subscription = recorded as MirroredSubscription
  const item = planItem(subscription, catalogue)
  const placed = item && catalogue.place(item)
  const endsAt = isLive(subscription) ? scheduledEnd(subscription) : subscription.endedAt
  return {
    subscription: subscription.id,
    status: subscription.status as SubscriptionStatus,
    plan: (placed?.plan ?? null) as PlanName<P> | null,
    interval: (placed?.interval ?? null) as IntervalOf<P> | null,
    quantity: item?.quantity ?? null,
    addOns: everyAddOn(addOnNumbers(subscription.items, catalogue), catalogue) as AddOnNumbers<P>,
    currentPeriodEnd: dateAt(item?.currentPeriodEnd ?? null),
    trialEndsAt: subscription.status === 'trialing' ? dateAt(subscription.trialEnd) : null,
    endsAt: dateAt(endsAt),
    changesTo: changesTo<P>(plannedChange(subscription, catalogue), catalogue),
  }
}

const dateAt = (seconds: number | null): Date | null => (seconds === null ? null : new Date(seconds * 1000))
