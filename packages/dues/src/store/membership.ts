import type { Executor } from './database.ts'
import type { TransitionRow } from './mirror.ts'
import type { CustomerRow, InvoiceRow, SubscriptionRow } from './rows.ts'

/** A transition as it was recorded. `ticket` orders those of one customer. */
export type RecordedTransition = TransitionRow & { ticket: number; owner: string | null }

/**
 * What a table has of the customers of the owner `$1`, for a `from`; the links are `o`. One look into an index for the customers and one for
 * each of them: `offset 0` keeps the planner from making a join of it, which on a database without statistics (new, or restored a moment
 * ago) goes through everybody's rows. `reads.test.ts` counts what is read.
 */
export const ofOwner = (table: 'subscription' | 'invoice' | 'transition', alias: string): string =>
  `(select owner, customer from dues.owner_customer where owner = $1 offset 0) o
   cross join lateral (select * from dues.${table} where customer = o.customer offset 0) ${alias}`

/** One subscription, and whose it is. */
export async function subscriptionById(
  executor: Executor,
  id: string,
): Promise<{ subscription: SubscriptionRow; owner: string | null } | null> {
  const [found] = await executor.query<{ subscription: SubscriptionRow; owner: string | null }>(
    `select to_jsonb(s) as subscription, o.owner from dues.subscription s
     left join dues.owner_customer o using (customer) where s.id = $1`,
    [id],
  )
  return found ?? null
}

/** All subscriptions of every customer that an owner has had, the newest first. */
export async function subscriptionsOfOwner(executor: Executor, owner: string): Promise<SubscriptionRow[]> {
  return rows(
    executor,
    `select to_jsonb(s) as row from ${ofOwner('subscription', 's')} order by s.created desc, s.id`,
    [owner],
  )
}

/** The customer that an owner pays with now. */
export async function customerOfOwner(executor: Executor, owner: string): Promise<CustomerRow | null> {
  const [row] = await rows<CustomerRow>(
    executor,
    `select to_jsonb(c) as row from dues.customer c join dues.owner_customer o on o.customer = c.id
     where o.owner = $1 and o.current`,
    [owner],
  )
  return row ?? null
}

/** A customer's invoices, the newest first. */
export async function invoicesOfCustomer(executor: Executor, customer: string): Promise<InvoiceRow[]> {
  return rows(
    executor,
    'select to_jsonb(i) as row from dues.invoice i where customer = $1 and not deleted order by created desc, number desc, id desc',
    [customer],
  )
}

/** What happened to an owner's memberships, in the order in which it was recorded. */
export async function transitionsOfOwner(executor: Executor, owner: string): Promise<RecordedTransition[]> {
  return rows(
    executor,
    `select to_jsonb(t) || jsonb_build_object('owner', o.owner) as row
     from ${ofOwner('transition', 't')} order by t.ticket`,
    [owner],
  )
}

/** One transition, with whose it is: null while nobody knows. */
export async function transitionByKey(executor: Executor, key: string): Promise<RecordedTransition | null> {
  const [row] = await rows<RecordedTransition>(
    executor,
    `select to_jsonb(t) || jsonb_build_object('owner', o.owner) as row
     from dues.transition t left join dues.owner_customer o using (customer) where t.key = $1`,
    [key],
  )
  return row ?? null
}

/** Transitions whose hooks have not been started because nobody knew the owner. */
export async function unhookedTransitions(
  executor: Executor,
  customers: readonly string[],
  types: readonly string[],
): Promise<{ key: string; type: string }[]> {
  return executor.query(
    `select key, type from dues.transition
     where customer = any(array(select customer from dues.owner_customer where customer = any($1::text[])))
       and type = any($2::text[]) and not hooked for update`,
    [customers, types],
  )
}

/** Writes down whether a job was made for the hooks of these transitions. */
export async function markHooked(executor: Executor, keys: readonly string[], hooked = true): Promise<void> {
  await executor.query('update dues.transition set hooked = $2 where key = any($1::text[])', [keys, hooked])
}

async function rows<Row>(executor: Executor, sql: string, params: readonly unknown[]): Promise<Row[]> {
  return (await executor.query<{ row: Row }>(sql, params)).map(({ row }) => row)
}
