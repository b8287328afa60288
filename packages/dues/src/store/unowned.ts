import type { Executor } from './database.ts'

/**
 * A live subscription of this account that belongs to nobody whom the app knows.
 *
 * - `unnamed`: it is to one of our plans, and neither it nor its customer says whose it is.
 * - `contradicted`: it names one owner and its customer another. Nobody is given what may be somebody else's.
 * - `unknown`: it is older than this database, and the owner it names has never been here. The database may have been lost, or be another's.
 */
export type Unowned = {
  subscription: string
  customer: string
  status: string
  /** The owner that its metadata names; null for none. */
  owner: string | null
  why: 'unnamed' | 'contradicted' | 'unknown'
}

/** Every live subscription of our own account, with whom it names, whom its customer names, and whose the customer is. */
const live = `
  select s.id as subscription, s.customer, s.status, s.created, s.items,
    s.metadata ->> 'dues_owner' as names, c.metadata ->> 'dues_owner' as customer_names, l.owner
  from dues.subscription s left join dues.customer c on c.id = s.customer
    left join dues.owner_customer l on l.customer = s.customer
  where s.account is null and s.status in ('incomplete', 'trialing', 'active', 'past_due', 'unpaid', 'paused')`

/** Customers without an owner whose metadata, and that of their live subscriptions, names one and the same. */
export async function adoptable(executor: Executor): Promise<{ customer: string; owner: string }[]> {
  return executor.query(
    `select customer, min(coalesce(names, customer_names)) as owner from (${live}) live
     where owner is null and coalesce(names, customer_names) <> ''
     group by customer
     having count(distinct names) <= 1 and count(*) filter (where names <> customer_names) = 0
     order by customer`,
  )
}

/** What belongs to nobody, the newest first. @param began when this database was, in Unix seconds */
export async function unownedSubscriptions(executor: Executor, began: number, limit = 1_000): Promise<Unowned[]> {
  return executor.query(
    `select subscription, customer, status, owner, why from (
       select subscription, customer, status, created, coalesce(names, customer_names, owner) as owner, case
         when names <> customer_names or owner <> names then 'contradicted'
         when owner is null and coalesce(names, customer_names) is null then
           case when exists (select from jsonb_array_elements(items) i join dues.price p
             on p.id = i ->> 'price' or p.product = i ->> 'product') then 'unnamed' end
         when coalesce(names, customer_names) is not null and created < $1
           and not exists (select from dues.owner o where o.id = coalesce(live.owner, names, customer_names)) then 'unknown'
       end as why
       from (${live}) live) judged
     where why is not null order by created desc, subscription limit $2`,
    [began, limit],
  )
}
