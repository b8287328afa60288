import type { Context } from '../context.ts'
import type { MirroredSubscription } from '../mirror/types.ts'
import { grantsOf } from '../store/grants.ts'
import { type Answers, answer } from './membership.ts'

/** Reads what an owner's membership is worked out from, and answers every question about it. Only the database is asked, never Stripe. */
export async function readMembership(context: Context, owner: string): Promise<Answers> {
  const { mirror, database, catalogue, graceDays } = context
  const [subscriptions, grants] = await Promise.all([mirror.subscriptionsOf(owner), grantsOf(database, owner)])
  const unpaidSince = await unpaidInvoices(context, subscriptions)
  return answer({ subscriptions, grants, unpaidSince, now: context.now(), graceDays }, catalogue)
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
