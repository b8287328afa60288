import type { Database, Executor } from '../store/database.ts'
import { markHooked, unhookedTransitions } from '../store/membership.ts'
import { type TransitionRow, type Write, write } from '../store/mirror.ts'
import type { Job, Outbox } from './outbox.ts'
import type { TransitionType } from './types.ts'

/** A write, the jobs that it makes, and what else has to happen in its transaction. */
export type Commit = Write & {
  jobs?: readonly Job[]
  /** Work of other concerns that belongs into the same transaction. */
  also?: readonly ((tx: Executor) => Promise<void>)[]
}

/**
 * Writes a batch with everything that follows from it. One statement where nothing follows, one transaction where
 * something does. Throws a stale error when the batch has to be decided again.
 */
export async function commit(
  database: Database,
  outbox: Outbox,
  batch: Commit,
  owned: ReadonlySet<string>,
): Promise<void> {
  const { jobs = [], also = [], links = [] } = batch
  const transitions = (batch.transitions ?? []).map((transition) => ({
    ...transition,
    // A hook is told whose membership changed. While nobody knows, it waits for the link.
    hooked: outbox.hooked.has(transition.type as TransitionType) && owned.has(transition.customer),
  }))
  const hooks = transitions.filter(({ hooked }) => hooked)
  const learned = outbox.hooked.size > 0 ? links : []
  const all = { ...batch, transitions }
  if (jobs.length + also.length + hooks.length + learned.length === 0) {
    await write(database, all)
    return
  }
  await database.transaction(async (tx) => {
    for (const work of also) await work(tx)
    const recorded = new Set((await write(tx, all)).recorded)
    const due = hooks.filter(({ key }) => recorded.has(key)).map(hookJob)
    if (learned.length > 0)
      due.push(
        ...(await awaited(
          tx,
          outbox,
          learned.map(({ customer }) => customer),
        )),
      )
    if (jobs.length + due.length > 0) await outbox.enqueue(tx, [...jobs, ...due])
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

function hookJob({ key, type }: Pick<TransitionRow, 'key' | 'type'>): Job {
  return { name: 'hook', transition: key, type: type as TransitionType }
}
