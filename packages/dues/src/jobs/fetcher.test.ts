import { expect, test } from 'vitest'
import type { Wanted } from '../webhooks/fold.ts'
import { createFetcher } from './fetcher.ts'

const one: Wanted = { kind: 'subscription', object: 'sub_1', account: null }

/** A fetch that ends when the test says so. */
function held() {
  const gates: (() => void)[] = []
  const started: string[] = []
  const waiters: (() => void)[] = []
  return {
    started,
    release: () => gates.shift()?.(),
    fetch: async ({ object }: Wanted) => {
      started.push(object)
      for (const wake of waiters.splice(0)) wake()
      await new Promise<void>((resolve) => gates.push(resolve))
    },
    startedOf: async (count: number) => {
      while (started.length < count) await new Promise<void>((resolve) => waiters.push(resolve))
    },
  }
}

test('a burst of wishes for one object is one fetch, and one more for those that came while it ran', async () => {
  const { fetch, started, release, startedOf } = held()
  const fetcher = createFetcher({ fetch, spacingMs: 1 })
  fetcher.want([one, one])
  fetcher.want([one])
  await startedOf(1)
  fetcher.want([one])
  release()
  await startedOf(2)
  release()
  await fetcher.stop()
  expect(started).toEqual(['sub_1', 'sub_1'])
})

test('two fetches of one object are at least the spacing apart', async () => {
  const times: number[] = []
  let second = () => {}
  const done = new Promise<void>((resolve) => {
    second = resolve
  })
  const fetcher = createFetcher({
    spacingMs: 100,
    fetch: async () => {
      times.push(performance.now())
      if (times.length === 1) queueMicrotask(() => fetcher.want([one]))
      else second()
    },
  })
  fetcher.want([one])
  await done
  await fetcher.stop()
  // Timers may fire a millisecond early.
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(98)
})

test('no more fetches run at once than may', async () => {
  const { fetch, started, release, startedOf } = held()
  const fetcher = createFetcher({ fetch, atOnce: 2, spacingMs: 1 })
  fetcher.want(['a', 'b', 'c'].map((object) => ({ ...one, object })))
  await startedOf(2)
  expect(started).toEqual(['a', 'b'])
  release()
  await startedOf(3)
  release()
  release()
  await fetcher.stop()
  expect(started).toEqual(['a', 'b', 'c'])
})

test('a fetch that fails is left to its job, and holds no other up', async () => {
  const done: string[] = []
  const fetcher = createFetcher({
    atOnce: 1,
    fetch: async ({ object }) => {
      done.push(object)
      if (object === 'a') throw new Error('down')
    },
  })
  fetcher.want([
    { ...one, object: 'a' },
    { ...one, object: 'b' },
  ])
  await fetcher.stop()
  expect(done).toEqual(['a'])
  const other = createFetcher({
    fetch: async ({ object }) => {
      done.push(object)
      if (object === 'c') throw new Error('down')
    },
  })
  other.want([
    { ...one, object: 'c' },
    { ...one, object: 'd' },
  ])
  await other.stop()
  expect(done).toEqual(['a', 'c', 'd'])
})
