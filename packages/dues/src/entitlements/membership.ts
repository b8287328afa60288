import type { Catalogue, Placed } from '../catalogue/catalogue.ts'
import type { MirroredItem, MirroredSubscription } from '../mirror/types.ts'
import { addOnNumbers } from './add-ons.ts'
import { scheduledItems } from './scheduled-items.ts'
import type { MembershipState, SubscriptionStatus } from './types.ts'

/** A membership given by hand. Unix seconds; `endsAt` null for as long as nobody takes it back. */
export type Granted = { readonly plan: string; readonly grantedAt: number; readonly endsAt: number | null }

/** All that an owner's membership is worked out from. */
export type Circumstances = {
  readonly subscriptions: readonly MirroredSubscription[]
  readonly grants: readonly Granted[]
  /** Since when the newest invoice of a subscription is unpaid, by subscription: the start of the grace period. */
  readonly unpaidSince?: ReadonlyMap<string, number>
  /** Unix seconds. */
  readonly now: number
  readonly graceDays: number
}

/** Another plan, or other add-ons, from a day on, by the subscription's schedule. Unix seconds. */
export type PlannedChange = Placed & { readonly at: number; readonly addOns: Readonly<Record<string, number>> }

/** Every question about a membership, answered at one moment. */
export type Answers = {
  readonly state: MembershipState
  readonly plan: string | null
  /** How many of each add-on count now: none where the subscription gives no access. Those that are 0 are left out. */
  readonly addOns: Readonly<Record<string, number>>
  readonly subscribed: boolean
  readonly active: boolean
  readonly trialing: boolean
  readonly onGracePeriod: boolean
  readonly pastDue: boolean
  readonly cancelling: boolean
  readonly ended: boolean
  readonly paused: boolean
  readonly incomplete: boolean
  readonly canResume: boolean
  /** Unix seconds. */
  readonly renewsAt: number | null
  readonly endsAt: number | null
  readonly trialEndsAt: number | null
  readonly changesTo: PlannedChange | null
  /** The grant that counts, also beside a subscription that is more. */
  readonly grant: Granted | null
  readonly subscription: MirroredSubscription | null
  /** What the subscription is to, also while it gives no access. */
  readonly placed: Placed | null
  readonly item: MirroredItem | null
}

/**
 * The statuses in which a subscription may still charge somebody, so that another beside it would charge twice.
 *
 * @see https://docs.stripe.com/api/subscriptions/object#subscription_object-status
 */
const liveStatuses: ReadonlySet<string> = new Set([
  'incomplete',
  'trialing',
  'active',
  'past_due',
  'unpaid',
  'paused',
] satisfies SubscriptionStatus[])

export const isLive = ({ status }: { readonly status: string }): boolean => liveStatuses.has(status)

/** Where a subscription has an end set: by `cancel_at_period_end`, or by `cancel_at` alone as the customer portal does. */
export function scheduledEnd(subscription: MirroredSubscription): number | null {
  if (!isLive(subscription)) return null
  if (subscription.cancelAt !== null) return subscription.cancelAt
  return subscription.cancelAtPeriodEnd ? periodEnd(subscription) : null
}

/** What a subscription is going to be to, where its schedule makes it something else. Null also for a change that leaves the plan as it is. */
export function plannedChange(subscription: MirroredSubscription, catalogue: Catalogue): PlannedChange | null {
  // A transition that was recorded before schedules were mirrored has none.
  const { scheduled = null } = subscription
  if (scheduled === null || !isLive(subscription)) return null
  const items = scheduledItems(scheduled, subscription)
  const placed = items.map((item) => catalogue.place(item)).find((place) => place !== null)
  return placed ? { ...placed, at: scheduled.at, addOns: addOnNumbers(items, catalogue) } : null
}

export function answer(circumstances: Circumstances, catalogue: Catalogue): Answers {
  const { now } = circumstances
  const subscription = currentSubscription(circumstances.subscriptions, catalogue)
  const item = subscription ? planItem(subscription, catalogue) : null
  const placed = item ? catalogue.place(item) : null
  const status = (subscription?.status ?? null) as SubscriptionStatus | null
  const end = subscription ? scheduledEnd(subscription) : null
  const graceEnd = subscription ? endOfGrace(subscription, circumstances) : null
  const hasAccess = givesAccess(status, graceEnd, now)
  const grant = bestGrant(circumstances.grants, catalogue, now)
  const grantWins = grant !== null && (!hasAccess || catalogue.rank(grant.plan) > catalogue.rank(placed?.plan ?? null))
  const cancelling = end !== null
  const state = grantWins ? 'granted' : (status ?? 'none')
  return {
    state,
    plan: grantWins ? grant.plan : ((hasAccess ? placed?.plan : null) ?? catalogue.free),
    // Whoever was given a greater plan goes on paying for what is beside the smaller one.
    addOns: subscription && hasAccess ? addOnNumbers(subscription.items, catalogue) : {},
    subscribed: hasAccess || grant !== null,
    active: status === 'active',
    trialing: status === 'trialing',
    onGracePeriod: hasAccess && (cancelling || status === 'past_due'),
    pastDue: status === 'past_due',
    cancelling,
    ended: status === 'canceled' || status === 'incomplete_expired',
    paused: status === 'paused',
    incomplete: status === 'incomplete',
    canResume: cancelling,
    renewsAt: subscription && renews(status) && !cancelling ? periodEnd(subscription) : null,
    endsAt: grantWins ? grant.endsAt : endOfAccess(subscription, end, graceEnd),
    trialEndsAt: status === 'trialing' ? (subscription?.trialEnd ?? null) : null,
    changesTo: subscription && plannedChange(subscription, catalogue),
    grant,
    subscription,
    placed,
    item,
  }
}

/** Trialing and active grant; past due does for as long as the owner of the app allows; nothing else does. */
const givesAccess = (status: string | null, graceEnd: number | null, now: number): boolean =>
  status === 'trialing' || status === 'active' || (status === 'past_due' && graceEnd !== null && now < graceEnd)

const renews = (status: string | null): boolean => status === 'trialing' || status === 'active'

function endOfAccess(
  subscription: MirroredSubscription | null,
  end: number | null,
  graceEnd: number | null,
): number | null {
  if (!subscription) return null
  if (!isLive(subscription)) return subscription.endedAt
  const earliest = Math.min(end ?? Infinity, graceEnd ?? Infinity)
  return Number.isFinite(earliest) ? earliest : null
}

/**
 * The grace period runs from the invoice that was not paid. While the mirror has not seen that invoice, it runs from the start of
 * the period that it was for, about an hour earlier.
 */
function endOfGrace(subscription: MirroredSubscription, { graceDays, unpaidSince }: Circumstances): number | null {
  if (subscription.status !== 'past_due') return null
  const start =
    unpaidSince?.get(subscription.id) ?? Math.max(...subscription.items.map((one) => one.currentPeriodStart))
  return start + graceDays * 86_400
}

/**
 * The one subscription that a membership is about. A live one comes before an ended one, one that gives access before one that
 * does not, and of two alike the newer. Subscriptions to something that is no plan of ours are not looked at.
 */
export function currentSubscription(
  subscriptions: readonly MirroredSubscription[],
  catalogue: Catalogue,
): MirroredSubscription | null {
  const ours = subscriptions.filter((one) => isOurs(one, catalogue))
  return (
    ours.sort((a, b) => importance(b) - importance(a) || b.created - a.created || (a.id < b.id ? 1 : -1))[0] ?? null
  )
}

/** To one of our plans; or made by us, though its price is none of today's catalogue. */
export const isOurs = (subscription: MirroredSubscription, catalogue: Catalogue): boolean =>
  subscription.items.some((item) => catalogue.place(item) !== null) || 'dues_owner' in subscription.metadata

const importance = ({ status }: MirroredSubscription): number => statusOrder.indexOf(status as SubscriptionStatus)

const statusOrder: readonly SubscriptionStatus[] = [
  'incomplete_expired',
  'canceled',
  'incomplete',
  'paused',
  'unpaid',
  'past_due',
  'trialing',
  'active',
]

/** The item that is the plan. Without one that the catalogue knows, the first that is no add-on. */
export const planItem = ({ items }: MirroredSubscription, catalogue: Catalogue): MirroredItem | null =>
  items.find((item) => catalogue.place(item) !== null) ??
  items.find((item) => catalogue.placeAddOn(item) === null) ??
  items[0] ??
  null

const periodEnd = ({ items }: MirroredSubscription): number | null =>
  items.length > 0 ? Math.min(...items.map((one) => one.currentPeriodEnd)) : null

function bestGrant(grants: readonly Granted[], catalogue: Catalogue, now: number): Granted | null {
  const valid = grants.filter((grant) => grant.endsAt === null || grant.endsAt > now)
  return valid.sort((a, b) => catalogue.rank(b.plan) - catalogue.rank(a.plan))[0] ?? null
}
