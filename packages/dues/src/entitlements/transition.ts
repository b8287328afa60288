import type { AddOnNumbers } from '../catalogue/add-ons.ts'
import type { IntervalOf, PlanName, Plans } from '../catalogue/plans.ts'
import type { TransitionType } from '../mirror/types.ts'
import type { ChangesTo, Owner, SubscriptionStatus } from './types.ts'

/** What a membership was before, or is after, a transition. */
export type MembershipSnapshot<P extends Plans = Plans> = {
  /** Stripe's subscription id. */
  readonly subscription: string
  readonly status: SubscriptionStatus
  readonly plan: PlanName<P> | null
  readonly interval: IntervalOf<P> | null
  /** How many units or seats of the plan; null for a metered price. */
  readonly quantity: number | null
  readonly addOns: AddOnNumbers<P>
  readonly currentPeriodEnd: Date | null
  readonly trialEndsAt: Date | null
  /** When it is set to end, or ended. */
  readonly endsAt: Date | null
  /** What it is going to be changed to, and when. */
  readonly changesTo: ChangesTo<P> | null
}

/** A change of a membership, recorded once. A hook may run more than once for it: `id` is then the same. */
export type Transition<P extends Plans = Plans, T extends TransitionType = TransitionType> = {
  /** Stable; good as an idempotency key for what the hook does (a mail, a call). */
  readonly id: string
  readonly type: T
  readonly owner: Owner
  readonly at: Date
  readonly before: MembershipSnapshot<P> | null
  readonly after: MembershipSnapshot<P> | null
  /** What belongs to it besides: the invoice of a renewal, the amount of a refund in minor units, where to confirm a payment. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>
}

/**
 * The app's own code, run when a membership changes. A hook that throws is tried again later, alone.
 *
 * @example
 * on: { started: (t) => sendWelcome(t.owner.email, { idempotencyKey: t.id }) }
 */
export type Hooks<P extends Plans = Plans> = {
  readonly [T in TransitionType]?: (transition: Transition<P, T>) => void | Promise<void>
}
