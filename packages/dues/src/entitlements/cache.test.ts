import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMembershipCache } from './cache.ts'

function aCache(options: { limit?: number } = {}) {
  const clock = { now: 0 }
  const cache = createMembershipCache<number>({ ...options, clock: () => clock.now, trustMs: 5_000, oldestMs: 60_000 })
  let loads = 0
  const read = (owner: string, value: number) =>
    cache.read(owner, async () => {
      loads += 1
      return value
    })
  const trusted = () => {
    cache.opened()
    cache.heard(clock.now)
  }
  return { cache, clock, read, trusted, loads: () => loads }
}

describe('the cache of memberships', () => {
  test('is off until changes can be heard', async () => {
    const { read, loads } = aCache()
    await read('ada', 1)
    expect(await read('ada', 2)).toBe(2)
    expect(loads()).toBe(2)
  })

  test('answers from what it read once it has heard a sign of life', async () => {
    const { read, trusted, loads } = aCache()
    trusted()
    await read('ada', 1)
    expect(await read('ada', 2)).toBe(1)
    expect(loads()).toBe(1)
  })

  test('forgets whose membership has changed, and nobody else', async () => {
    const { cache, read, trusted } = aCache()
    trusted()
    await read('ada', 1)
    await read('bob', 1)
    cache.forget(['ada'])
    expect([await read('ada', 2), await read('bob', 2)]).toEqual([2, 1])
  })

  test('believes nothing once it has heard nothing for its time', async () => {
    const { clock, read, trusted } = aCache()
    trusted()
    await read('ada', 1)
    clock.now = 4_999
    expect(await read('ada', 2)).toBe(1)
    clock.now = 5_000
    expect(await read('ada', 3)).toBe(3)
  })

  test('reads anew after a minute, whatever it has heard', async () => {
    const { cache, clock, read, trusted } = aCache()
    trusted()
    await read('ada', 1)
    clock.now = 60_000
    cache.heard(clock.now)
    expect(await read('ada', 2)).toBe(2)
  })

  test('forgets everything with a connection that is lost, and needs a new sign after it', async () => {
    const { cache, read, trusted } = aCache()
    trusted()
    await read('ada', 1)
    cache.lost()
    expect(await read('ada', 2)).toBe(2)
    cache.opened()
    await read('ada', 3)
    expect(await read('ada', 4)).toBe(4)
  })

  test('does not keep what was read while it changed', async () => {
    const { cache, read, trusted } = aCache()
    trusted()
    let answer: (value: number) => void = () => undefined
    const slow = cache.read('ada', () => new Promise((resolve) => (answer = resolve)))
    cache.forget(['ada'])
    answer(1)
    expect(await slow).toBe(1)
    expect(await read('ada', 2)).toBe(2)
  })

  test('remembers so many owners, those asked for last', async () => {
    const { read, trusted } = aCache({ limit: 4 })
    trusted()
    for (const owner of ['ada', 'bob', 'ada', 'cyd']) await read(owner, 1)
    expect([await read('ada', 2), await read('cyd', 2), await read('bob', 2)]).toEqual([1, 1, 2])
  })

  test('keeps nothing of a read that failed', async () => {
    const { cache, read, trusted } = aCache()
    trusted()
    await expect(cache.read('ada', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(await read('ada', 1)).toBe(1)
  })
})

/** One thing that happens to a process, to the database and to what lies between them. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('read' as const), owner: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('answer' as const), which: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('write here' as const), owner: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('write elsewhere' as const), owner: fc.nat(1) }) },
  { weight: 6, arbitrary: fc.record({ does: fc.constant('hear one' as const) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('sign' as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('pass' as const), ms: fc.nat(3_000) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('lose' as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('silence' as const) }) },
)

test('whatever happens, no read is older than what this process wrote, nor older than five seconds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), async (steps) => {
      const { cache, clock } = aCache()
      cache.opened()
      /** What the database has, and since when, by owner: the newest last. */
      const versions = [[0], [0]].map(([value]) => [{ value: value as number, at: 0 }])
      const wroteHere = [0, 0]
      const under: { owner: number; answer: () => void }[] = []
      let wire: (() => void)[] = []
      let silent = false
      const done: Promise<void>[] = []
      const newest = (owner: number) => versions[owner]?.at(-1)?.value ?? 0
      const write = (owner: number) => {
        versions[owner]?.push({ value: newest(owner) + 1, at: clock.now })
        if (!silent) wire.push(() => cache.forget([`${owner}`]))
      }
      for (const one of steps) {
        if (one.does === 'read') {
          const { owner } = one
          const ownAtStart = wroteHere[owner] ?? 0
          const startedAt = clock.now
          const oldestAllowed = versions[owner]?.filter(({ at }) => at <= startedAt - 5_000).at(-1)?.value ?? 0
          const load = () =>
            new Promise<number>((resolve) => {
              // The database answers with what it has when it looks, and the answer is on its way for a while.
              const value = newest(owner)
              under.push({ owner, answer: () => resolve(value) })
            })
          done.push(
            cache.read(`${owner}`, load).then((value) => {
              expect(value).toBeGreaterThanOrEqual(ownAtStart)
              expect(value).toBeGreaterThanOrEqual(oldestAllowed)
            }),
          )
        } else if (one.does === 'answer') {
          under.splice(one.which, 1)[0]?.answer()
        } else if (one.does === 'write here') {
          write(one.owner)
          cache.forget([`${one.owner}`])
          wroteHere[one.owner] = newest(one.owner)
        } else if (one.does === 'write elsewhere') write(one.owner)
        else if (one.does === 'hear one') wire.shift()?.()
        else if (one.does === 'sign') {
          const sentAt = clock.now
          if (!silent) wire.push(() => cache.heard(sentAt))
        } else if (one.does === 'pass') clock.now += one.ms
        else if (one.does === 'silence') {
          // The connection is gone and nobody has said so: what is sent from now on is lost, what is on its way may still come.
          silent = true
        } else {
          wire = []
          silent = false
          cache.lost()
          cache.opened()
        }
        await Promise.resolve()
      }
      for (const { answer } of under) answer()
      await Promise.all(done)
    }),
    { numRuns: 2_000 },
  )
})
