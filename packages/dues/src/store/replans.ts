import type { Executor } from './database.ts'

export type PlannedItems = readonly { readonly price: string; readonly quantity: number | null }[]

/** A planned change that was taken from its schedule and has to be planned again, whatever dies meanwhile. */
export type Replan = {
  subscription: string
  /** What the subscription had: by that it is told whether the change was made. */
  before: PlannedItems
  planned: PlannedItems
  /** What is wanted of the plan once the change was made; null for nothing. */
  kept: PlannedItems | null
  /** When it was written down, in Unix seconds; 0 when whoever did has given up. */
  at: number
}

/**
 * Writes a plan down, for one change at a time: two changes that each plan anew what they have taken would each plan without the other's.
 *
 * @param free whoever wrote one down before this second (Unix) has given up or died; Infinity takes it from anybody
 * @returns null when another change has it in hand. The same change, asked for twice, has it in hand together: `isNew` to the first.
 */
export async function reserveReplan(
  executor: Executor,
  replan: Replan,
  free: number,
): Promise<{ isNew: boolean } | null> {
  const { subscription, before, planned, kept, at } = replan
  const [reserved] = await executor.query<{ isNew: boolean }>(
    `insert into dues.replan as r (subscription, before, planned, kept, at) values ($1, $2::jsonb, $3::jsonb, $4::jsonb, $5)
     on conflict (subscription) do update
       set before = excluded.before, planned = excluded.planned, kept = excluded.kept, at = excluded.at
       where r.at < $6::float8 or ${isSame}
     returning xmax = 0 as "isNew"`,
    [subscription, JSON.stringify(before), JSON.stringify(planned), kept && JSON.stringify(kept), at, String(free)],
  )
  return reserved ?? null
}

const isSame = '(r.before, r.planned, r.kept) is not distinct from (excluded.before, excluded.planned, excluded.kept)'

/** Takes in hand what somebody has left. @returns false when somebody else has taken it since it was read */
export async function takeReplan(
  executor: Executor,
  { subscription, at }: Pick<Replan, 'subscription' | 'at'>,
  now: number,
): Promise<boolean> {
  const taken = await executor.query(
    'update dues.replan set at = $3 where subscription = $1 and at = $2 returning 1 as n',
    [subscription, at, now],
  )
  return taken.length > 0
}

export async function findReplan(executor: Executor, subscription: string): Promise<Replan | null> {
  const [found] = await executor.query<{ row: Replan }>(
    'select to_jsonb(r) as row from dues.replan r where subscription = $1',
    [subscription],
  )
  return found?.row ?? null
}

/** Whoever is to plan again has given up: a job may do it now. */
export async function leaveReplan(executor: Executor, subscription: string): Promise<void> {
  await executor.query('update dues.replan set at = 0 where subscription = $1', [subscription])
}

/** It is planned again, or wanted no more. @returns whether there was one */
export async function dropReplan(executor: Executor, subscription: string): Promise<boolean> {
  const dropped = await executor.query('delete from dues.replan where subscription = $1 returning 1 as n', [
    subscription,
  ])
  return dropped.length > 0
}
