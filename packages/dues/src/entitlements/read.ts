import type { Context } from '../context.ts'
import type { MirroredSubscription } from '../mirror/types.ts'
import { grantsOf } from '../store/grants.ts'
import { type Answers, answer, type Circumstances } from './membership.ts'

/** What of a membership is kept in the database; the rest is what time it is. */
export type Read = Pick<Circumstances, 'subscriptions' | 'grants' | 'unpaidSince'>

/** Reads what an owner's membership is worked out from. Only the database is asked, never Stripe. */
export async function readCircumstances(context: Context, owner: string): Promise<Read> {
  const { mirror, database } = context
  const [subscriptions, grants] = await Promise.all([mirror.subscriptionsOf(owner), grantsOf(database, owner)])
  return { subscriptions, grants, unpaidSince: await unpaidInvoices(context, subscriptions) }
}

/** Answers every question about a membership as it is now. */
export function answersNow({ now, graceDays, catalogue }: Context, read: Read): Answers {
  return answer({ ...read, now: now(), graceDays }, catalogue)
}

/** Since when the newest invoice of each subscription that is past due has been open. */
async function unpaidInvoices(
  { mirror }: Context,
  subscriptions: readonly MirroredSubscription[],
): Promise<ReadonlyMap<string, number>> {
  const since = new Map<string, number>()
  for (const { id, status, customer, latestInvoice } of subscriptions) {
    if (status !== 'past_due') continue
    const invoice = (await mirror.invoicesOf(customer)).find((one) => one.id === latestInvoice && one.status === 'open')
    if (invoice) since.set(id, invoice.created)
  }
  return since
}
