import type { Account } from '../account.ts'
import type { Kind, Kinds } from '../kinds.ts'
import { createHeap, type Heap } from './heap.ts'

/**
 * What has time in it: a subscription's period ends, a draft is finalized, an open Checkout expires.
 *
 * When something is due is derived from the object each time it is asked, never kept, so an account that was restored goes on by itself.
 */
export type Due<K extends Kind> = {
  kind: K
  /** Unix seconds at which `run` must be called next; null while nothing is due. */
  dueAt: (account: Account, object: Kinds[K]) => number | null
  /** Does what is due, in a unit of work of its own, with `account.now` at its time. Afterwards `dueAt` must be later, or null. */
  run: (account: Account, object: Kinds[K]) => void
}

const dues = new Map<Kind, Due<Kind> & { rank: number }>()

/** Registers what falls due for a kind of object. */
export function defineDue<K extends Kind>(due: Due<K>): void {
  dues.set(due.kind, { ...(due as unknown as Due<Kind>), rank: dues.size })
}

type Entry = { time: number; order: number; kind: Kind; id: string }

/** Entries of one clock that may be out of date: each is checked against its object when its turn comes. */
type Queue = { heap: Heap<Entry>; reached: number }

/** What is due next on each clock of an account: its own, whose name is '', and its test clocks. */
export type Agenda = {
  /** The next due thing of a clock at or before a time, taken off; undefined when there is none. */
  take: (clock: string, until: number) => { time: number; kind: Kind; id: string } | undefined
}

type Current = { agenda: Agenda; note: (kind: Kind, id: string) => void; generation: number }

const agendas = new WeakMap<Account, Current>()

/** The agenda of an account, built from its objects the first time and after a restore. */
export function agendaOf(account: Account): Agenda {
  const { generation } = account.store
  const known = agendas.get(account)
  if (known?.generation === generation) return known.agenda
  // After a restore nothing is dated before the time that was restored; a process that was down makes up for what fell due meanwhile.
  const current = { ...createAgenda(account, known ? account.clock.now() : 0), generation }
  agendas.set(account, current)
  if (!known) followChanges(account)
  return current.agenda
}

function followChanges(account: Account): void {
  account.store.onCommit((changes) => {
    const note = agendas.get(account)?.note
    for (const { kind, id } of changes) {
      if (kind === 'local.billing') for (const owner of ownersOfNotes) note?.(owner, id)
      else note?.(kind, id)
    }
  })
}

function createAgenda(account: Account, start: number): Omit<Current, 'generation'> {
  const queues = new Map<string, Queue>()
  const orders = new Map<string, number>()

  function queueOf(clock: string): Queue {
    let queue = queues.get(clock)
    if (!queue) {
      const frozen = account.find('test_helpers.test_clock', clock)?.frozen_time
      queue = { heap: createHeap(isBefore), reached: frozen ?? start }
      queues.set(clock, queue)
    }
    return queue
  }

  function note(kind: Kind, id: string): void {
    const due = dues.get(kind)
    const object = due && account.find(kind, id)
    if (!due || !object || 'deleted' in object) return
    const time = due.dueAt(account, object as never)
    if (time === null) return
    const order = orders.get(id) ?? orders.size
    orders.set(id, order)
    queueOf(clockOf(account, object)).heap.push({ time, order, kind, id })
  }

  for (const kind of dues.keys()) for (const object of account.store.all(kind)) note(kind, object.id as string)

  const agenda: Agenda = {
    take(clock, until) {
      const queue = queueOf(clock)
      for (;;) {
        const entry = queue.heap.peek()
        if (!entry || entry.time > until) {
          queue.reached = Math.max(queue.reached, until)
          return undefined
        }
        queue.heap.pop()
        const object = account.find(entry.kind, entry.id)
        if (!object || 'deleted' in object || clockOf(account, object) !== clock) continue
        const time = dues.get(entry.kind)?.dueAt(account, object as never) ?? null
        if (time === null) continue
        if (time > entry.time) {
          queue.heap.push({ ...entry, time })
          continue
        }
        queue.reached = Math.max(queue.reached, time)
        return { time: queue.reached, kind: entry.kind, id: entry.id }
      }
    },
  }
  return { agenda, note }
}

/** Does one due thing. It is an error of ours when it is due again at once: without this check the clock would stand still for ever. */
export function runDueOf(account: Account, kind: Kind, id: string): void {
  const due = dues.get(kind)
  const object = account.find(kind, id)
  if (!due || !object) return
  const before = due.dueAt(account, object as never)
  due.run(account, object as never)
  const after = account.find(kind, id)
  if (before !== null && after && due.dueAt(account, after as never) === before && after === object) {
    throw new Error(`${kind} ${id} was due at ${before} and is still due after its turn.`)
  }
}

/** Kinds whose due time depends on what `local.billing` remembers of them. */
const ownersOfNotes: Kind[] = ['subscription', 'invoice']

/** Earlier first; at the same time by kind, and the object that came first: so every run has the same order, and one that was restored too. */
function isBefore(a: Entry, b: Entry): boolean {
  if (a.time !== b.time) return a.time < b.time
  return a.kind === b.kind ? a.order < b.order : rankOf(a.kind) < rankOf(b.kind)
}

const rankOf = (kind: Kind): number => dues.get(kind)?.rank ?? 0

/** The test clock that an object lives on, or ''. */
function clockOf(account: Account, object: object): string {
  if ('test_clock' in object) return (object.test_clock as string | null) ?? ''
  const customer = 'customer' in object ? (object.customer as string | null) : null
  return (customer && account.find('customer', customer)?.test_clock) || ''
}
