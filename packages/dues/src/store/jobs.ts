import type { Executor } from './database.ts'

/**
 * Keeps jobs that wait for their turn (`short` of pg-boss's policies) from being taken before this transaction has ended. Such a job is not
 * made once more, and serves what is being written as well; taken before that can be seen it would end without, and leave nothing behind that
 * does it. Workers pass over a row that is locked.
 */
export async function keepWaiting(tx: Executor, queue: string, keys: readonly string[]): Promise<void> {
  await tx.query(
    `select 1 as n from dues_jobs.job
     where name = $1 and state = 'created' and policy = 'short' and coalesce(singleton_key, '') = any($2::text[]) for share`,
    [queue, keys],
  )
}
