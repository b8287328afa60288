import type { PlanName, Plans } from '../catalogue/plans.ts'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import { endGrants, type GrantRow, grantsOf, insertGrant } from '../store/grants.ts'

/** A membership given by hand. */
export type Grant<P extends Plans = Plans> = {
  readonly plan: PlanName<P>
  readonly reason: string
  readonly grantedAt: Date
  /** Null for as long as nobody takes it back. */
  readonly endsAt: Date | null
}

/** `dues.grants` */
export interface GrantsFacade<P extends Plans = Plans> {
  /**
   * Gives an owner a plan without Stripe: to a friend, a prize winner, one who was wronged. A paid plan that is more wins over it.
   *
   * Errors: `plan_unknown`, `bad_request` (an end that is past, no reason).
   *
   * @example
   * await dues.grants.give(user.id, 'pro', { reason: 'spoke at our meetup', until: new Date('2027-01-01') })
   */
  give(owner: string, plan: PlanName<P>, options: { reason: string; until?: Date }): Promise<Grant<P>>
  /** Takes back what was given: one plan, or all. Answers how many grants that ended. */
  takeBack(owner: string, plan?: PlanName<P>): Promise<number>
  /** Every grant that an owner ever had, the newest first. */
  of(owner: string): Promise<Grant<P>[]>
}

export function grantsFacade<P extends Plans>({ database, catalogue, now, changed }: Context): GrantsFacade<P> {
  /** Whatever became of it, this process must not go on with what it remembered. */
  const changing = async <Result>(owner: string, work: Promise<Result>): Promise<Result> =>
    work.finally(() => changed([owner]))
  return {
    async give(owner, plan, { reason, until }) {
      if (!Object.hasOwn(catalogue.plans, plan))
        throw new DuesError(
          'plan_unknown',
          `There is no plan "${plan}". There are: ${Object.keys(catalogue.plans).join(', ')}.`,
        )
      if (!reason.trim())
        throw new DuesError('bad_request', 'Say why: in a year nobody remembers, and the reason is all there is.')
      const endsAt = until ? Math.floor(until.getTime() / 1000) : null
      if (endsAt !== null && !(endsAt > now()))
        throw new DuesError('bad_request', 'That end is past: nothing would be given.')
      return toGrant<P>(await changing(owner, insertGrant(database, { owner, plan, reason, grantedAt: now(), endsAt })))
    },
    takeBack: (owner, plan) => changing(owner, endGrants(database, owner, { plan: plan ?? null, now: now() })),
    of: async (owner) => (await grantsOf(database, owner)).map(toGrant<P>),
  }
}

const toGrant = <P extends Plans>({ plan, reason, grantedAt, endsAt }: GrantRow): Grant<P> => ({
  plan: plan as PlanName<P>,
  reason,
  grantedAt: new Date(grantedAt * 1000),
  endsAt: endsAt === null ? null : new Date(endsAt * 1000),
})
