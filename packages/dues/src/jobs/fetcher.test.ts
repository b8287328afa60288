import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DuesError } from '../errors.ts'
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

describe('by a clock that the test moves', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** When each question was asked, in milliseconds from the first; each takes `tookMs` and then does what `answer` says. */
  const asking = (tookMs: number, answer: (n: number) => void = () => undefined) => {
    const asked: number[] = []
    const began = Date.now()
    const fetch = async () => {
      asked.push(Date.now() - began)
      const n = asked.length
      await new Promise((resolve) => setTimeout(resolve, tookMs))
      answer(n)
    }
    return { asked, fetch }
  }

  test('two fetches of one object are at least the spacing apart, counted from the answer: the next question may be quicker', async () => {
    const { asked, fetch } = asking(300)
    const fetcher = createFetcher({ fetch, spacingMs: 1_000 })
    fetcher.want([one])
    await vi.advanceTimersByTimeAsync(100)
    fetcher.want([one])
    await vi.advanceTimersByTimeAsync(5_000)
    await fetcher.stop()
    expect(asked).toEqual([0, 1_300])
  })

  test('an answer that lost is asked for again, and not within the second', async () => {
    const { asked, fetch } = asking(5, (n) => {
      if (n < 4) throw new DuesError('busy', 'It lost.')
    })
    const fetcher = createFetcher({ fetch })
    fetcher.want([one])
    await vi.advanceTimersByTimeAsync(10_000)
    await fetcher.stop()
    expect(asked).toEqual([0, 1_015, 2_030, 3_045])
  })

  test('what a job and an event want of one object is never two questions in one second', async () => {
    const { asked, fetch } = asking(5)
    const fetcher = createFetcher({ fetch, spacingMs: 1_000 })
    fetcher.want([one])
    await vi.advanceTimersByTimeAsync(2)
    const ended: string[] = []
    const job = fetcher.fetched(one).then(() => ended.push('job'))
    fetcher.want([one])
    // The fetch that is under way may have read too early for it.
    await vi.advanceTimersByTimeAsync(900)
    expect(ended).toEqual([])
    await vi.advanceTimersByTimeAsync(2_000)
    await job
    await fetcher.stop()
    expect(asked).toEqual([0, 1_005])
  })
})

test('a job learns that its fetch failed, and one that is still waiting when the process stops is left to another', async () => {
  const failing = createFetcher({
    fetch: async () => {
      throw new Error('Stripe is down')
    },
  })
  await expect(failing.fetched(one)).rejects.toThrow('Stripe is down')
  const late = failing.fetched(one)
  await Promise.all([failing.stop(), expect(late).rejects.toMatchObject({ code: 'busy' })])
  await expect(failing.fetched(one)).rejects.toMatchObject({ code: 'busy' })
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
