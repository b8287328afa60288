import { indexes as extractors, type IndexName } from './indexes.ts'
import type { AnyObject, Kind, Kinds } from './kinds.ts'
import type { AnswerUnderKey } from './protocol/idempotency.ts'

type Change = { kind: Kind; id: string; before: AnyObject | undefined; after: AnyObject | undefined }
type Collection = {
  byId: Map<string, AnyObject>
  /** Ids in the order of their creation. The id of a removed object stays and finds nothing. */
  order: string[]
  /** Ids of objects that were removed and still stand in the order. */
  removed: Set<string>
  /** Where ids stand in the order, as far as it was asked for: what a cursor of a list needs, and few kinds are paged through. */
  positions: Map<string, number>
  /** Those that were asked for: many accounts never look for an e-mail address, and each of a million customers would pay for it. */
  indexes: Index[]
}
/** The ids of each value: one alone as itself, for most values have only one (an e-mail address) and a set of one is large. */
type Index = {
  name: string
  extract: (object: AnyObject) => string | null | undefined
  ids: Map<string, string | Set<string>>
}

/** Objects in the order of their creation, without a copy of a million of them. A removed one is undefined. */
export type Ordered<T> = {
  length: number
  at: (position: number) => T | undefined
  /** Where an id stands; -1 where it does not. Without it the objects are looked through. */
  positionOf?: (id: string) => number
}

/** Told of what a unit of work keeps, at its end: its changes, and the answer that goes with them. */
export type ChangeListener = (changes: readonly Change[], answer: AnswerUnderKey | undefined) => void

/**
 * The objects of one account, by kind and id.
 *
 * Objects are immutable and replaced as a whole. So an event can hold the object itself as its snapshot, `restore(snapshot())`
 * costs nothing but maps, and what a failed request did is undone by putting the earlier objects back.
 */
export function createStore() {
  let collections = new Map<Kind, Collection>()
  let changes: Change[] = []
  const listeners: ChangeListener[] = []
  let generation = 0

  function collection(kind: Kind): Collection {
    let found = collections.get(kind)
    if (!found) {
      found = { byId: new Map(), order: [], removed: new Set(), positions: new Map(), indexes: [] }
      collections.set(kind, found)
    }
    return found
  }

  /** Puts an object where it belongs, or takes it away; answers what was there before. */
  function write(kind: Kind, id: string, after: AnyObject | undefined, place = placeLast): AnyObject | undefined {
    const found = collection(kind)
    const { byId, order, indexes } = found
    const before = byId.get(id)
    if (after) {
      if (!before) place(found, id)
      byId.set(id, after)
    } else if (before) {
      byId.delete(id)
      // What a rolled back request had added came last; only a true deletion leaves a hole.
      if (order.at(-1) === id) {
        order.pop()
        found.positions.delete(id)
      } else found.removed.add(id)
    }
    for (const { extract, ids } of indexes) {
      const was = before && extract(before)
      const is = after && extract(after)
      if (was === is) continue
      if (was) takeOut(ids, was, id)
      if (is) putIn(ids, is, id)
    }
    return before
  }

  function record(kind: Kind, id: string, after: AnyObject | undefined): void {
    changes.push({ kind, id, before: write(kind, id, after), after })
  }

  return {
    /** The object, or undefined when there is none of this kind and id. */
    find: <K extends Kind>(kind: K, id: string): Kinds[K] | undefined =>
      collections.get(kind)?.byId.get(id) as Kinds[K] | undefined,

    put<K extends Kind>(kind: K, object: Kinds[K]): Kinds[K] {
      record(kind, (object as AnyObject).id, object as AnyObject)
      return object
    },

    remove: (kind: Kind, id: string): void => record(kind, id, undefined),

    /** All objects of a kind, the oldest first. */
    all: <K extends Kind>(kind: K): Kinds[K][] => [...(collections.get(kind)?.byId.values() ?? [])] as Kinds[K][],

    /** All objects of a kind, the oldest first, to walk through from either end: what lists do. */
    ordered<K extends Kind>(kind: K): Ordered<Kinds[K]> {
      const found = collection(kind)
      const { byId, order } = found
      return {
        length: order.length,
        at: (position) => byId.get(order[position] ?? '') as Kinds[K] | undefined,
        positionOf: (id) => (byId.has(id) ? positionOf(found, id) : -1),
      }
    },

    size: (kind: Kind): number => collections.get(kind)?.byId.size ?? 0,

    /** The objects whose indexed value is this one, the oldest first, e.g. `by('invoice', 'customer', 'cus_x')`. */
    by<K extends Kind>(kind: K, index: IndexName<K>, value: string): Kinds[K][] {
      const found = collection(kind)
      const ids = indexOf(found, kind, index).ids.get(value) ?? []
      return Array.from(typeof ids === 'string' ? [ids] : ids, (id) => found.byId.get(id) as Kinds[K])
    },

    /** Ends the unit of work and keeps what it did. A listener that throws (a journal on a full disk) leaves it to be rolled back. */
    commit(answer?: AnswerUnderKey): void {
      if (changes.length === 0 && !answer) return
      try {
        for (const listener of listeners) listener(changes, answer)
      } catch (error) {
        // Another listener may have been told already.
        generation++
        throw error
      }
      changes = []
    },

    /** A point in the unit of work to which `rollback` can go back. */
    mark: (): number => changes.length,

    /** Undoes what the unit of work did since the mark (or since it began), the last change first. */
    rollback(mark = 0): void {
      for (const { kind, id, before } of changes.splice(mark).reverse()) write(kind, id, before, putBack)
    },

    onCommit: (listener: ChangeListener): void => void listeners.push(listener),

    /** What is kept now. Later changes do not touch it, since no object is ever changed in place. */
    snapshot: (): StoreSnapshot => Array.from(collections, ([kind, { byId }]) => [kind, [...byId.values()]]),

    /** Grows with each restore and each commit that failed: what was derived from objects of an earlier generation has to be derived anew. */
    get generation(): number {
      return generation
    },

    /** Puts a snapshot in place of everything. Listeners are not told: whoever derived something looks at `generation`. */
    restore(snapshot: StoreSnapshot): void {
      generation++
      collections = new Map()
      changes = []
      for (const [kind, objects] of snapshot) for (const object of objects) write(kind, object.id, object)
    },

    /** Replays one change of a journal, without telling anybody. */
    replay: (kind: Kind, id: string, after: AnyObject | undefined): void => void write(kind, id, after),
  }
}

export type Store = ReturnType<typeof createStore>
export type StoreSnapshot = [Kind, AnyObject[]][]

/** A new id comes last. One that was here before and was removed gives up its old place. */
function placeLast(collection: Collection, id: string): void {
  if (collection.removed.delete(id)) {
    collection.order = collection.order.filter((other) => other !== id)
    collection.positions.clear()
  }
  collection.order.push(id)
}

/** What was removed and is put back by a rollback has its old place still, unless it was the last. */
function putBack(collection: Collection, id: string): void {
  if (!collection.removed.delete(id)) collection.order.push(id)
}

/** Notes where the ids stand that came since the last question, so that a walk through a million pages asks each id once. */
function positionOf({ order, positions }: Collection, id: string): number {
  for (let at = positions.size; at < order.length; at++) positions.set(order[at] ?? '', at)
  return positions.get(id) ?? -1
}

/** An index. The first question makes it of what is there; from then on each write keeps it. */
function indexOf({ byId, indexes }: Collection, kind: Kind, name: string): Index {
  const known = indexes.find((index) => index.name === name)
  if (known) return known
  const extract = extractorOf(kind, name)
  const made: Index = { name, extract, ids: new Map() }
  for (const [id, object] of byId) {
    const value = extract(object)
    if (value) putIn(made.ids, value, id)
  }
  indexes.push(made)
  return made
}

function putIn(ids: Index['ids'], value: string, id: string): void {
  const there = ids.get(value)
  if (there === undefined) ids.set(value, id)
  else if (typeof there === 'string') ids.set(value, new Set([there, id]))
  else there.add(id)
}

function takeOut(ids: Index['ids'], value: string, id: string): void {
  const there = ids.get(value)
  if (typeof there === 'object') there.delete(id)
  else if (there === id) ids.delete(value)
}

function extractorOf(kind: Kind, name: string): Index['extract'] {
  const extractor = (extractors as Partial<Record<Kind, Record<string, unknown>>>)[kind]?.[name]
  if (!extractor) throw new Error(`${kind} has no index '${name}'.`)
  return extractor as Index['extract']
}
