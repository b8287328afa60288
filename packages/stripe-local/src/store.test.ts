import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Kinds } from './kinds.ts'
import { createStore } from './store.ts'

const charge = (id: string, customer: string | null): Kinds['charge'] =>
  ({ id, object: 'charge', customer, payment_intent: null }) as unknown as Kinds['charge']

const ids = (objects: readonly { id: string }[]): string[] => objects.map(({ id }) => id)

describe('the store', () => {
  it('finds by id and by indexed value, the oldest first', () => {
    const store = createStore()
    store.put('charge', charge('ch_1', 'cus_a'))
    store.put('charge', charge('ch_2', 'cus_b'))
    store.put('charge', charge('ch_3', 'cus_a'))
    expect(store.find('charge', 'ch_2')?.customer).toBe('cus_b')
    expect(ids(store.by('charge', 'customer', 'cus_a'))).toEqual(['ch_1', 'ch_3'])
    expect(store.by('charge', 'customer', 'cus_c')).toEqual([])
  })

  it('moves an object in its index when the value changes', () => {
    const store = createStore()
    store.put('charge', charge('ch_1', 'cus_a'))
    store.put('charge', charge('ch_1', 'cus_b'))
    expect(store.by('charge', 'customer', 'cus_a')).toEqual([])
    expect(ids(store.by('charge', 'customer', 'cus_b'))).toEqual(['ch_1'])
  })

  it('tells listeners of what was kept and not of what was undone', () => {
    const store = createStore()
    const told: string[] = []
    store.onCommit((changes) => told.push(...changes.map(({ id }) => id)))
    store.put('charge', charge('ch_1', null))
    store.rollback()
    store.put('charge', charge('ch_2', null))
    store.commit()
    expect(told).toEqual(['ch_2'])
    expect(store.find('charge', 'ch_1')).toBeUndefined()
  })

  it('knows where an id stands after objects came, went and were undone', () => {
    const store = createStore()
    const positions = (...ids: string[]) => ids.map((id) => store.ordered('charge').positionOf?.(id))
    for (const id of ['ch_1', 'ch_2', 'ch_3']) store.put('charge', charge(id, null))
    store.commit()
    expect(positions('ch_1', 'ch_2', 'ch_3', 'ch_4')).toEqual([0, 1, 2, -1])
    store.put('charge', charge('ch_4', null))
    expect(positions('ch_4')).toEqual([3])
    store.rollback()
    store.put('charge', charge('ch_5', null))
    store.commit()
    expect(positions('ch_4', 'ch_5')).toEqual([-1, 3])
    store.remove('charge', 'ch_2')
    expect(positions('ch_2', 'ch_3')).toEqual([-1, 2])
    store.put('charge', charge('ch_2', null))
    store.commit()
    expect(positions('ch_1', 'ch_3', 'ch_5', 'ch_2')).toEqual([0, 1, 2, 3])
  })

  it('undoes a part of a unit of work alone', () => {
    const store = createStore()
    store.put('charge', charge('ch_1', 'cus_a'))
    const mark = store.mark()
    store.put('charge', charge('ch_1', 'cus_b'))
    store.put('charge', charge('ch_2', 'cus_b'))
    store.rollback(mark)
    store.commit()
    expect(ids(store.all('charge'))).toEqual(['ch_1'])
    expect(ids(store.by('charge', 'customer', 'cus_a'))).toEqual(['ch_1'])
  })

  const step = fc.record({
    id: fc.constantFrom('ch_1', 'ch_2', 'ch_3', 'ch_4'),
    customer: fc.constantFrom('cus_a', 'cus_b', null),
    remove: fc.boolean(),
  })
  type Step = { id: string; customer: string | null; remove: boolean }
  const apply = (store: ReturnType<typeof createStore>, steps: readonly Step[]): void => {
    for (const { id, customer, remove } of steps) {
      if (remove) store.remove('charge', id)
      else store.put('charge', charge(id, customer))
    }
  }
  const seen = (store: ReturnType<typeof createStore>) => ({
    all: new Set(store.all('charge').map(({ id, customer }) => `${id}:${customer}`)),
    a: new Set(ids(store.by('charge', 'customer', 'cus_a'))),
    b: new Set(ids(store.by('charge', 'customer', 'cus_b'))),
  })

  it('is after a rollback what it was before, whatever was done in between', () => {
    fc.assert(
      fc.property(fc.array(step), fc.array(step), (kept, undone) => {
        const store = createStore()
        apply(store, kept)
        store.commit()
        const before = seen(store)
        apply(store, undone)
        store.rollback()
        expect(seen(store)).toEqual(before)
      }),
    )
  })

  it('finds the same by a value whether it was asked from the beginning or is asked late', () => {
    fc.assert(
      fc.property(fc.array(step), fc.array(step), (kept, undone) => {
        const [early, late] = [createStore(), createStore()]
        seen(early)
        for (const store of [early, late]) {
          apply(store, kept)
          store.commit()
          apply(store, undone)
          store.rollback()
        }
        expect(seen(late)).toEqual(seen(early))
      }),
    )
  })

  it('lists each object once, however often it was removed and put again', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const store = createStore()
        apply(store, steps)
        store.commit()
        const ordered = store.ordered('charge')
        const listed = Array.from({ length: ordered.length }, (_, i) => ordered.at(i)?.id).filter(Boolean)
        expect(listed.toSorted()).toEqual(ids(store.all('charge')).toSorted())
      }),
    )
  })

  it('comes back from a snapshot as it was, and the snapshot does not see what came later', () => {
    fc.assert(
      fc.property(fc.array(step), fc.array(step), (before, after) => {
        const store = createStore()
        apply(store, before)
        store.commit()
        const was = seen(store)
        const snapshot = store.snapshot()
        apply(store, after)
        store.commit()
        store.restore(snapshot)
        expect(seen(store)).toEqual(was)
      }),
    )
  })
})
