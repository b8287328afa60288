import type { Catalogue } from '../catalogue/catalogue.ts'
import type { Answers } from '../entitlements/membership.ts'
import {
  type MembershipState,
  membershipStates,
  type SubscriptionStatus,
  subscriptionStatuses,
} from '../entitlements/types.ts'
import { DuesError } from '../errors.ts'

/** A filter, checked. Null where anything will do. */
export type Wanted = {
  readonly plans: readonly string[] | null
  readonly states: readonly MembershipState[] | null
}

type Given = { readonly plan?: string | readonly string[]; readonly state?: string | readonly string[] }

export function wantedOf({ plan, state }: Given, catalogue: Catalogue): Wanted {
  const plans = listOf(plan)
  for (const name of plans ?? [])
    if (!Object.hasOwn(catalogue.plans, name))
      throw new DuesError(
        'plan_unknown',
        `There is no plan "${name.slice(0, 40)}". There are: ${Object.keys(catalogue.plans).join(', ')}.`,
      )
  const states = listOf(state)
  for (const name of states ?? [])
    if (!isState(name))
      throw new DuesError(
        'bad_request',
        `There is no state "${name.slice(0, 40)}". There are: ${membershipStates.join(', ')}.`,
      )
  return { plans, states: states?.filter(isState) ?? null }
}

const listOf = (given: string | readonly string[] | undefined): readonly string[] | null =>
  given === undefined ? null : typeof given === 'string' ? [given] : given

const isState = (name: string): name is MembershipState => membershipStates.some((state) => state === name)

/** Whether a membership is one of those that are looked for. */
export function isWanted({ plans, states }: Wanted, { plan, placed, state }: Answers): boolean {
  if (states !== null && !states.includes(state)) return false
  if (plans === null) return true
  if (plan !== null && plans.includes(plan)) return true
  // What was subscribed to, in a state that gives no access to it.
  return states !== null && state !== 'granted' && placed !== null && plans.includes(placed.plan)
}

/** The statuses among which those who are looked for can be; nobody else has to be read. */
export function statusesFor({ plans, states }: Wanted, { free }: Catalogue): readonly SubscriptionStatus[] {
  if (states !== null) return subscriptionStatuses.filter((status) => states.includes(status))
  const isForFree = plans === null || (free !== null && plans.includes(free))
  return isForFree ? subscriptionStatuses : ['trialing', 'active', 'past_due']
}

/** The prices and products of the plans that are looked for; null where the free plan is, which no price tells. */
export function soldFor({ plans }: Wanted, catalogue: Catalogue): readonly string[] | null {
  if (plans === null || (catalogue.free !== null && plans.includes(catalogue.free))) return null
  return plans.flatMap((plan) => catalogue.soldAs(plan))
}
