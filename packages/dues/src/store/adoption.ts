import type { Executor } from './database.ts'

/** A customer of whom nobody knows whose it is. The newest of its subscriptions says in `metadata` what the customer itself does not. */
export type UnownedRow = { id: string; email: string | null; name: string | null; metadata: Record<string, string> }

/** A customer and whose it shall be. */
export type Adoption = { customer: string; owner: string }

const unowned = `c.account is null and not c.deleted
  and not exists (select from dues.owner_customer o where o.customer = c.id)
  and not exists (select from dues.adoption a where a.customer = c.id)`

const liveStatuses = "('incomplete', 'trialing', 'active', 'past_due', 'unpaid', 'paused')"

/** Customers whose nobody knows, in the order of their ids, a page at a time. */
export async function unownedCustomers(executor: Executor, after: string, limit: number): Promise<UnownedRow[]> {
  return executor.query(
    `select c.id, c.email, c.name, coalesce((select s.metadata from dues.subscription s where s.customer = c.id
       order by s.created desc, s.id limit 1), '{}') || c.metadata as metadata
     from dues.customer c where c.id > $1 and ${unowned} order by c.id limit $2`,
    [after, limit],
  )
}

/** Writes down whose customers shall be. What was written first stays; a customer that is somebody's already is left alone. */
export async function propose(executor: Executor, adoptions: readonly Adoption[]): Promise<void> {
  if (adoptions.length === 0) return
  await executor.query(
    `insert into dues.adoption (customer, owner)
     select distinct on (c.id) c.id, a.owner
     from jsonb_to_recordset($1::jsonb) as a (customer text, owner text) join dues.customer c on c.id = a.customer
     where ${unowned} on conflict (customer) do nothing`,
    [JSON.stringify(adoptions)],
  )
}

export async function clearProposals(executor: Executor): Promise<void> {
  await executor.query('delete from dues.adoption')
}

/** An owner and the customers that shall be theirs; `live` is how many live subscriptions they would have in all. */
export type Proposed = { owner: string; customers: string[]; live: number }

/** What was proposed, owner by owner, a page at a time. The customer that shall be current comes first. */
export async function proposals(executor: Executor, after: string, limit: number): Promise<Proposed[]> {
  return executor.query(
    `with page as (select distinct owner from dues.adoption where owner > $1 order by owner limit $2),
     every as (
       select a.owner, a.customer, true as proposed from dues.adoption a join page using (owner)
       union all select o.owner, o.customer, false from dues.owner_customer o join page using (owner)),
     counted as (
       select e.*, c.created, (select count(*) from dues.subscription s
         where s.customer = e.customer and s.status in ${liveStatuses}) as live
       from every e left join dues.customer c on c.id = e.customer)
     select owner, array_agg(customer order by live desc, created desc, customer) filter (where proposed) as customers,
       sum(live)::int as live
     from counted group by owner order by owner`,
    [after, limit],
  )
}

/** Makes customers their owners'. The first of each owner is current, where none is. */
export async function adopt(executor: Executor, adopted: readonly Proposed[]): Promise<void> {
  const rows = adopted.flatMap(({ owner, customers }) => customers.map((customer, n) => ({ owner, customer, n })))
  await executor.query(
    `with wanted as (select * from jsonb_to_recordset($1::jsonb) as w (owner text, customer text, n int)),
     remembered as (
       insert into dues.owner (id, email, name) select w.owner, c.email, c.name
       from wanted w join dues.customer c on c.id = w.customer where w.n = 0 on conflict (id) do nothing)
     insert into dues.owner_customer (customer, owner, current)
     select customer, owner, n = 0 and not exists (select from dues.owner_customer o where o.owner = w.owner and o.current)
     from wanted w on conflict (customer) do nothing`,
    [JSON.stringify(rows)],
  )
}

/** How many of our own customers are somebody's, and how many of the others pay. Those that were proposed are not counted as others. */
export async function countCustomers(
  executor: Executor,
): Promise<{ owned: number; unknown: number; unknownLive: number }> {
  const [row] = await executor.query<{ owned: number; unknown: number; unknownLive: number }>(
    `select
       (select count(*) from dues.customer c where c.account is null and not c.deleted
          and exists (select from dues.owner_customer o where o.customer = c.id))::float8 as owned,
       count(*)::float8 as unknown, count(*) filter (where live)::float8 as "unknownLive"
     from (select exists (select from dues.subscription s where s.customer = c.id and s.status in ${liveStatuses}) as live
           from dues.customer c where ${unowned}) u`,
  )
  return row ?? { owned: 0, unknown: 0, unknownLive: 0 }
}

/** Some of the customers that are nobody's, those who pay first. */
export async function someUnknown(
  executor: Executor,
  limit: number,
): Promise<{ customer: string; email: string | null; live: number }[]> {
  return executor.query(
    `select * from (select c.id as customer, c.email, (select count(*) from dues.subscription s
       where s.customer = c.id and s.status in ${liveStatuses})::int as live
     from dues.customer c where ${unowned}) u order by live desc, customer limit $1`,
    [limit],
  )
}
