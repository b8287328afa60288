import type { Executor } from './database.ts'

/** A membership given by hand. Times are Unix seconds; `endsAt` null for as long as nobody takes it back. */
export type GrantRow = {
  id: number
  owner: string
  plan: string
  reason: string
  grantedAt: number
  endsAt: number | null
}

const columns = `jsonb_build_object('id', id, 'owner', owner, 'plan', plan, 'reason', reason, 'grantedAt', granted_at, 'endsAt', ends_at)`

export async function insertGrant(executor: Executor, grant: Omit<GrantRow, 'id'>): Promise<GrantRow> {
  const [row] = await executor.query<{ row: GrantRow }>(
    `insert into dues.granted (owner, plan, reason, granted_at, ends_at) values ($1, $2, $3, $4, $5) returning ${columns} as row`,
    [grant.owner, grant.plan, grant.reason, grant.grantedAt, grant.endsAt],
  )
  if (!row) throw new Error('an insert returns its row')
  return row.row
}

/** Every grant that an owner ever had, the newest first. */
export async function grantsOf(executor: Executor, owner: string): Promise<GrantRow[]> {
  const rows = await executor.query<{ row: GrantRow }>(
    `select ${columns} as row from dues.granted where owner = $1 order by id desc`,
    [owner],
  )
  return rows.map(({ row }) => row)
}

/** Ends the grants of an owner that are still running; of one plan, or of every plan. Answers how many. */
export async function endGrants(
  executor: Executor,
  owner: string,
  { plan, now }: { plan: string | null; now: number },
): Promise<number> {
  const rows = await executor.query(
    `update dues.granted set ends_at = $3 where owner = $1 and (plan = $2 or $2::text is null)
     and (ends_at is null or ends_at > $3) returning id`,
    [owner, plan, now],
  )
  return rows.length
}
