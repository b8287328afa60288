import type { MirroredKind } from '../mirror/types.ts'
import { readCursor } from './cursor.ts'
import type { Executor } from './database.ts'

/** One object of which the mirror said something else than Stripe. `difference` is by column: the mirror's, then Stripe's. */
export type Drift = {
  kind: MirroredKind
  object: string
  difference: { [column: string]: { mirror: unknown; stripe: unknown } }
  mended: boolean
}

export async function recordDrift(executor: Executor, run: number, drifts: readonly Drift[]): Promise<void> {
  if (drifts.length === 0) return
  await executor.query(
    `insert into dues.drift (run, kind, object, difference, mended)
     select $1::bigint, kind, object, difference, mended
     from jsonb_to_recordset($2::jsonb) as d (kind text, object text, difference jsonb, mended boolean)`,
    [run, JSON.stringify(drifts)],
  )
}

/** What the last whole run found, in the order of finding; nothing before the first. */
export async function lastDrift(executor: Executor, limit: number): Promise<Drift[]> {
  const last = await readCursor<{ run: number }>(executor, 'reconciled')
  return last === null ? [] : driftOf(executor, last.run, limit)
}

/** What a run found, in the order of finding. */
export async function driftOf(executor: Executor, run: number, limit = 1_000): Promise<Drift[]> {
  return executor.query('select kind, object, difference, mended from dues.drift where run = $1 order by id limit $2', [
    run,
    limit,
  ])
}

/**
 * What the mirror has of our own account in a span of creation that Stripe's list would show, so that what Stripe no
 * longer lists is found. `until` is part of the span, `after` is not.
 */
export async function mirroredBetween(
  executor: Executor,
  kind: MirroredKind,
  { after, until }: { after: number | null; until: number | null },
): Promise<string[]> {
  const listed = {
    customer: 'not deleted',
    subscription: 'true',
    invoice: "status in ('draft', 'open') and not deleted",
  }[kind]
  const rows = await executor.query<{ id: string }>(
    `select id from dues.${kind} where account is null and ${listed}
     and ($1::bigint is null or created > $1::bigint) and ($2::bigint is null or created <= $2::bigint)`,
    [after, until],
  )
  return rows.map(({ id }) => id)
}

/** Takes a row out that Stripe knows nothing of, if it is still the one that was looked at. */
export async function removeRow(executor: Executor, kind: MirroredKind, id: string, ticket: number): Promise<boolean> {
  const gone = await executor.query(`delete from dues.${kind} where id = $1 and ticket < $2 returning id`, [id, ticket])
  return gone.length > 0
}
