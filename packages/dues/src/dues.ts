import type { Plans } from './catalogue/plans.ts'
import type { CheckoutFacade } from './checkout/types.ts'
import type { Member, Owner } from './entitlements/types.ts'
import { DuesError } from './errors.ts'
import type { DuesOptions } from './options.ts'
import type { SubscriptionsFacade } from './subscriptions/types.ts'

/** Memberships of one app, on one Stripe account and one database. */
export interface Dues<P extends Plans = Plans> {
  /** The plans as configured. */
  readonly plans: P
  readonly checkout: CheckoutFacade<P>
  readonly subscriptions: SubscriptionsFacade<P>
  /** Migrates the database, checks each price with Stripe, and starts the jobs. */
  start(): Promise<void>
  /** Finishes what is under way and lets go of the database. */
  stop(): Promise<void>
  /** Everything under `/billing`: Request in, Response out. */
  handler(request: Request): Promise<Response>
  /** What an owner has now. With an `Owner` instead of an id, a Checkout started from it carries the email and name. */
  member(owner: string | Owner): Promise<Member<P>>
}

export function createDues<const P extends Plans>(options: DuesOptions<P>): Dues<P> {
  throw new DuesError('settings_invalid', `Being assembled (${Object.keys(options.plans).length} plans).`)
}
