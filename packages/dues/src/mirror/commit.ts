import type { Database, Executor } from '../store/database.ts'
import { markHooked, unhookedTransitions } from '../store/membership.ts'
import { isStale, type TransitionRow, type Write, type Written, write } from '../store/mirror.ts'
import type { Job, Outbox } from './outbox.ts'
import type { TransitionType } from './types.ts'

/** A write, the jobs that it makes, and what else has to happen in its transaction. */
export type Commit = Write & {
  jobs?: readonly Job[]
  /** Work of other concerns that belongs into the same transaction. */
  also?: readonly ((tx: Executor) => Promise<void>)[]
}

/** Whether a batch leaves nothing to be done later, so that its write needs no transaction around it. */
export function isOneStatement(
  outbox: Outbox,
  { jobs = [], also = [], transitions = [], links = [] }: Commit,
): boolean {
  const hooked = transitions.some(
    ({ type }) => outbox.hooked.has(type as TransitionType) || outbox.followUps?.has(type as TransitionType),
  )
  return jobs.length === 0 && also.length === 0 && !hooked && (links.length === 0 || outbox.hooked.size === 0)
}

/**
 * Writes a batch with everything that follows from it. One statement where nothing follows, one transaction where
 * something does. Throws a stale error when the batch has to be decided again.
 */
export function commit(
  database: Database,
  outbox: Outbox,
  batch: Commit,
  owned: ReadonlySet<string>,
): Promise<Written> {
  return tellChanged(outbox, () => committed(database, outbox, batch, owned))
}

/** Tells this process whose membership a write has changed, once it is committed and before the writer goes on. */
export async function tellChanged<Result extends object>(outbox: Outbox, work: () => Promise<Result>): Promise<Result> {
  try {
    const result = await work()
    if ('owners' in result) outbox.changed?.(result.owners as Written['owners'])
    return result
  } catch (error) {
    // A stale write was rolled back. Any other may have been committed before its answer was lost.
    if (!isStale(error)) outbox.changed?.('all')
    throw error
  }
}

async function committed(
  database: Database,
  outbox: Outbox,
  batch: Commit,
  owned: ReadonlySet<string>,
): Promise<Written> {
  if (isOneStatement(outbox, batch)) return write(database, batch)
  const { jobs = [], also = [], links = [] } = batch
  const transitions = (batch.transitions ?? []).map((transition) => ({
    ...transition,
    // A hook is told whose membership changed. While nobody knows, it waits for the link.
    hooked: outbox.hooked.has(transition.type as TransitionType) && owned.has(transition.customer),
  }))
  return database.transaction(async (tx) => {
    for (const work of also) await work(tx)
    const written = await write(tx, { ...batch, transitions })
    const recorded = new Set(written.recorded)
    const hooks = transitions.filter(({ key, hooked }) => hooked && recorded.has(key)).map(hookJob)
    const learned = links.map(({ customer }) => customer)
    const late = learned.length > 0 && outbox.hooked.size > 0 ? await awaited(tx, outbox, learned) : []
    const followUps = transitions.filter(({ key }) => recorded.has(key)).flatMap((one) => followUpJob(outbox, one))
    const all = [...jobs, ...hooks, ...late, ...followUps]
    if (all.length > 0) await outbox.enqueue(tx, all)
    return written
  })
}

/** Hooks of transitions that were recorded before anybody knew whose they are. */
async function awaited(tx: Executor, outbox: Outbox, customers: readonly string[]): Promise<Job[]> {
  const waiting = await unhookedTransitions(tx, customers, [...outbox.hooked])
  if (waiting.length > 0)
    await markHooked(
      tx,
      waiting.map(({ key }) => key),
    )
  return waiting.map(hookJob)
}

function followUpJob({ followUps }: Outbox, { key, type }: Pick<TransitionRow, 'key' | 'type'>): Job[] {
  const task = followUps?.get(type as TransitionType)
  return task === undefined ? [] : [{ name: 'followUp', task, id: key }]
}

function hookJob({ key, type }: Pick<TransitionRow, 'key' | 'type'>): Job {
  return { name: 'hook', transition: key, type: type as TransitionType }
}
