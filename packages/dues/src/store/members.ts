import type { Executor } from './database.ts'
import type { GrantRow } from './grants.ts'
import type { SubscriptionRow } from './rows.ts'

/** Somebody who may be among those that are looked for, and where the search stands after them. */
export type Candidate<Place> = { owner: string; place: Place }

/** Of subscriptions, the newest first: when the last one was created, and its id. */
export type SubscriptionPlace = [created: number, id: string]

/**
 * Owners by their subscriptions, the newest first. One ordered look into the index for each status, which names its status so that the
 * planner knows how many there are: of few it reads those, of many the newest. Where few are to these prices or products, it begins with those.
 */
export function subscribedOwners(
  executor: Executor,
  {
    statuses,
    sold,
    after: [created, id],
    limit,
  }: { statuses: readonly string[]; sold: readonly string[] | null; after: SubscriptionPlace; limit: number },
): Promise<Candidate<SubscriptionPlace>[]> {
  const looks = statuses.map(
    (_, n) =>
      `(select id, created, customer from dues.subscription
        where status = $${n + 5} and (created, id) < ($1::bigint, $2::text) and account is null
          and ($4::text[] is null or sold ?| $4::text[])
        order by created desc, id desc limit $3)`,
  )
  return executor.query(
    `select o.owner, jsonb_build_array(s.created, s.id) as place
     from (${looks.join(' union all ')}) s
     cross join lateral (select owner from dues.owner_customer where customer = s.customer offset 0) o
     order by s.created desc, s.id desc limit $3`,
    [created, id, limit, sold, ...statuses],
  )
}

/** Owners by their grants that are running, the newest first. */
export function grantedOwners(
  executor: Executor,
  { plans, now, before, limit }: { plans: readonly string[] | null; now: number; before: number; limit: number },
): Promise<Candidate<number>[]> {
  return executor.query(
    `select owner, to_jsonb(id) as place from dues.granted
     where id < $1 and (ends_at is null or ends_at > $2) and ($3::text[] is null or plan = any($3))
     order by id desc limit $4`,
    [before, now, plans, limit],
  )
}

/** Everybody who ever began to buy or has a customer at Stripe, by their ids. */
export function knownOwners(
  executor: Executor,
  { after, limit }: { after: string; limit: number },
): Promise<Candidate<string>[]> {
  return executor.query(
    `select owner, to_jsonb(owner) as place from (
       (select id as owner from dues.owner where id > $1 order by id limit $2)
       union (select owner from dues.owner_customer where owner > $1 order by owner limit $2)) known
     order by owner limit $2`,
    [after, limit],
  )
}

/**
 * What the memberships of several owners are worked out from, in three questions. One look into the index for each owner: see `ofOwner`.
 */
export async function circumstancesOf(executor: Executor, owners: readonly string[]) {
  const subscriptions = await executor.query<{ owner: string; row: SubscriptionRow }>(
    `select o.owner, to_jsonb(s) as row from unnest($1::text[]) w (owner)
     cross join lateral (select owner, customer from dues.owner_customer where owner = w.owner offset 0) o
     cross join lateral (select * from dues.subscription where customer = o.customer offset 0) s
     order by s.created desc, s.id`,
    [owners],
  )
  const grants = await executor.query<{ row: GrantRow }>(
    `select jsonb_build_object('id', id, 'owner', owner, 'plan', plan, 'reason', reason, 'grantedAt', granted_at, 'endsAt', ends_at)
       as row from unnest($1::text[]) w (who) cross join lateral (select * from dues.granted where owner = w.who offset 0) g
     order by id desc`,
    [owners],
  )
  const unpaid = subscriptions.flatMap(({ row }) => (row.status === 'past_due' ? [row.latest_invoice] : []))
  const invoices =
    unpaid.length === 0
      ? []
      : await executor.query<{ id: string; created: number }>(
          `select id, created::float8 as created from (select * from dues.invoice where id = any($1::text[]) offset 0) i
           where status = 'open' and not deleted`,
          [unpaid],
        )
  return { subscriptions, grants: grants.map(({ row }) => row), invoices }
}

/** The email and name of owners, where they are known. */
export function namesOf(
  executor: Executor,
  owners: readonly string[],
): Promise<{ id: string; email: string | null; name: string | null }[]> {
  return executor.query('select id, email, name from dues.owner where id = any($1::text[])', [owners])
}
