import { setTimeout as wait } from 'node:timers/promises'
import type { Database, Executor } from './database.ts'

/** Where the database tells whose membership has changed, to every process on it. Fixed, for triggers cannot ask. */
export const changesChannel = 'dues_membership'

/** What is heard there: owners whose membership has changed (`all`: anybody's may have), or a sign of life of some process. */
export type Change = { readonly owners: readonly string[] | 'all' } | { readonly sign: string }

/** A sign of life, sent to oneself: when it is heard, all that was told before it has been heard. */
export const signOf = (process: string, n: number): string => `sign ${process} ${n}`

/** Reads a message. One that cannot be read is taken to mean everybody: to forget too much is safe. */
export function readChange(payload: string): Change {
  if (payload.startsWith('sign ')) return { sign: payload }
  if (!payload.startsWith('[')) return { owners: 'all' }
  try {
    const owners: unknown = JSON.parse(payload)
    return Array.isArray(owners) ? { owners: owners.map(String) } : { owners: 'all' }
  } catch {
    return { owners: 'all' }
  }
}

/** How long a listener is told of changes after it has last been heard of, and what must be left of that for it to go on. */
const [toldFor, leftAtLeast] = ['60 seconds', '30 seconds']

/** How long is waited at most for those who began to write before there was a listener. */
const longestWaitMs = 2_000

/**
 * Has a process told of changes from now on. True when all that is told of has been heard of or will be: whoever was writing when the
 * process came may have looked and seen no listener, so these are waited for. What they wrote can be read then. False when they take too long:
 * then ask again.
 */
export async function beginListening(database: Database, process: string): Promise<boolean> {
  await database.query(
    `insert into dues.listener (process, until) values ($1, now() + interval '${toldFor}')
     on conflict (process) do update set until = excluded.until`,
    [process],
  )
  await database.query("delete from dues.listener where until < now() - interval '1 day'")
  // Whoever tells has written before, and has a number therefore.
  const [begun] = await database.query<{ next: string }>('select pg_snapshot_xmax(pg_current_snapshot())::text as next')
  const end = performance.now() + longestWaitMs
  for (let pause = 1; ; pause = Math.min(100, pause * 2)) {
    const [over] = await database.query<{ over: boolean }>(
      'select pg_snapshot_xmin(pg_current_snapshot()) >= $1::text::xid8 as over',
      [begun?.next],
    )
    if (over?.over) return true
    if (performance.now() > end) return false
    await wait(pause)
  }
}

/**
 * Tells a sign of life to whoever listens, and has its process told of changes for longer. False, and nothing is told, where it was silent for
 * so long that there may have been changes of which it was not told.
 */
export async function signLife(executor: Executor, process: string, sign: string): Promise<boolean> {
  const told = await executor.query(
    `with kept as (update dues.listener set until = now() + interval '${toldFor}'
       where process = $1 and until > now() + interval '${leftAtLeast}' returning process)
     select pg_notify($2, $3) from kept`,
    [process, changesChannel, sign],
  )
  return told.length > 0
}

/** Has a process told of nothing any more. */
export async function endListening(executor: Executor, process: string): Promise<void> {
  await executor.query('delete from dues.listener where process = $1', [process])
}
