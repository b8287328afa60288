import type { Account } from '../account.ts'
import type { AnyObject } from '../kinds.ts'

type Reaction = (account: Account, object: AnyObject) => void

const reactions: { begins: string; react: Reaction }[] = []

/**
 * Lets something follow from events, in the unit of work that caused them: what a customer is entitled to follows from
 * subscriptions, and the code that changes those need not know.
 *
 * @param begins how the types of the events begin, e.g. `customer.subscription.`
 */
export function onEvent(begins: string, react: Reaction): void {
  reactions.push({ begins, react })
}

/** Runs what follows from an event. */
export function reactTo(account: Account, type: string, object: AnyObject): void {
  for (const { begins, react } of reactions) if (type.startsWith(begins)) react(account, object)
}
