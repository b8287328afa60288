import type { Executor } from './database.ts'

/** A counter: of a feature, of an owner, since the beginning of a period in Unix seconds. */
export type CounterKey = { owner: string; feature: string; period: number }

/** A billing meter that has to be told, and the customer that it charges. */
export type MeterRow = { event: string; customer: string }

export type Counting = CounterKey & {
  /** How much, 1 or more. */
  amount: number
  /** Counts once, however often it is asked for. */
  key: string | null
  /** Unix seconds. */
  at: number
  meter: MeterRow | null
}

/**
 * `counted`; `refused` by the limit, and nothing was written; `repeated`: the key was counted before; `another`: the key was counted
 * before for another amount. `entry` is what has to be reported.
 */
export type Counted = {
  outcome: 'counted' | 'refused' | 'repeated' | 'another'
  used: number
  entry?: number | null
}

/** Counts a use if the limit allows it; null for no limit. One statement: calls that come together cannot overrun it. */
export function countUse(executor: Executor, counting: Counting & { limit: number | null }): Promise<Counted> {
  const { owner, feature, period, amount, limit, key, at, meter } = counting
  return call(executor, 'select dues.use_feature($1, $2, $3, $4, $5, $6, $7, $8, $9) as counted', [
    ...[owner, feature, period, amount, limit, key, at],
    ...[meter?.event ?? null, meter?.customer ?? null],
  ])
}

/** Gives back what was counted, down to 0. */
export function countRelease(executor: Executor, counting: Counting): Promise<Counted> {
  const { owner, feature, period, amount, key, at, meter } = counting
  return call(executor, 'select dues.release_feature($1, $2, $3, $4, $5, $6, $7, $8) as counted', [
    ...[owner, feature, period, amount, key, at],
    ...[meter?.event ?? null, meter?.customer ?? null],
  ])
}

async function call(executor: Executor, sql: string, params: unknown[]): Promise<Counted> {
  const [row] = await executor.query<{ counted: Counted }>(sql, params)
  if (!row) throw new Error('a function returns its row')
  return row.counted
}

/** How much of each of these counters is used; a counter that was never used is 0 and not listed. */
export async function usedOf(
  executor: Executor,
  owner: string,
  counters: readonly { feature: string; period: number }[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await executor.query<{ feature: string; used: number }>(
    `select u.feature, u.used::float8 as used from dues.usage u
     join unnest($2::text[], $3::bigint[]) as c (feature, period) using (feature, period) where u.owner = $1`,
    [owner, counters.map(({ feature }) => feature), counters.map(({ period }) => period)],
  )
  return new Map(rows.map(({ feature, used }) => [feature, used]))
}

/** A use that Stripe has to be told of. `triedHoursAgo` is null until it was tried with an outcome that nobody knows. */
export type EntryToReport = {
  id: number
  owner: string
  feature: string
  amount: number
  at: number
  meter: string
  customer: string
  identifier: string
  triedHoursAgo: number | null
}

/** Writes down that an entry is being reported, before it is. Null when that was done already. */
export async function beginReport(executor: Executor, entry: number): Promise<EntryToReport | null> {
  const [row] = await executor.query<{ row: EntryToReport }>(
    `with before as (select id, tried_at from dues.usage_entry where id = $1)
     update dues.usage_entry e set tried_at = coalesce(e.tried_at, now()) from before b
     where e.id = b.id and e.reported_at is null and e.meter is not null
     returning jsonb_build_object('id', e.id, 'owner', e.owner, 'feature', e.feature, 'amount', e.amount, 'at', e.at,
       'meter', e.meter, 'customer', e.customer, 'identifier', e.identifier,
       'triedHoursAgo', extract(epoch from now() - b.tried_at) / 3600) as row`,
    [entry],
  )
  return row?.row ?? null
}

/** Stripe has counted the entry, or never will. */
export async function endReport(executor: Executor, entry: number): Promise<void> {
  await executor.query('update dues.usage_entry set reported_at = now() where id = $1', [entry])
}

/** Stripe has surely not counted the entry: it may be tried for as long as it takes. */
export async function forgetTry(executor: Executor, entry: number): Promise<void> {
  await executor.query('update dues.usage_entry set tried_at = null where id = $1 and reported_at is null', [entry])
}

/** Forgets entries of long ago. The counters stay: they are what the owner's usage was in each period. */
export async function pruneUsage(executor: Executor, { olderThanDays }: { olderThanDays: number }): Promise<void> {
  await executor.query(
    `delete from dues.usage_entry where recorded_at < now() - make_interval(days => $1)
     and (meter is null or reported_at is not null)`,
    [olderThanDays],
  )
}
