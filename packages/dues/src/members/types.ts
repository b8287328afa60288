import type { PlanName, Plans } from '../catalogue/plans.ts'
import type { Member, MembershipState } from '../entitlements/types.ts'

/** Who is looked for; both together where both are given. */
export type MembersFilter<P extends Plans = Plans> = {
  /**
   * Those who have this plan now. Together with a `state` also those whom that state has taken it from:
   * `{ plan: 'pro', state: 'unpaid' }` finds who did not pay for Professional.
   */
  readonly plan?: PlanName<P> | readonly PlanName<P>[]
  readonly state?: MembershipState | readonly MembershipState[]
}

export type PageOptions = {
  /** 1 to 200; 50 unless told. */
  readonly limit?: number
  /** `next` of the page before. */
  readonly cursor?: string | null
}

/** Some of those who were looked for. */
export type MembersPage<P extends Plans = Plans> = {
  /** Sometimes fewer than the limit, though more are to come: a page looks at so many owners and not at more. */
  readonly members: readonly Member<P>[]
  /** Where the next page begins; null after the last one. */
  readonly next: string | null
}

/** `dues.members` */
export interface MembersFacade<P extends Plans = Plans> {
  /**
   * Finds members by plan and state: those with a subscription first, the newest ahead, then those with a grant, then those without either.
   * Who changes meanwhile may be missed or met again; who stays as they are is met once. `none` finds only owners whom Dues has heard of:
   * who began to buy, or has a customer at Stripe.
   *
   * Errors: `plan_unknown`, `bad_request` (a state, a limit or a cursor that is none), `database_unavailable`.
   *
   * @example
   * let cursor: string | null = null
   * do {
   *   const page = await dues.members.where({ plan: 'pro', state: 'past_due' }, { cursor })
   *   for (const member of page.members) remind(member.owner, member.endsAt)
   *   cursor = page.next
   * } while (cursor !== null)
   */
  where(filter?: MembersFilter<P>, page?: PageOptions): Promise<MembersPage<P>>
}
