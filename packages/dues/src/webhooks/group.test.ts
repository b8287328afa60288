import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createGroup } from './group.ts'

test('what comes in one turn is one batch, and what arrives while it is worked on is the next', async () => {
  const batches: number[][] = []
  const gates: (() => void)[] = []
  let begun = () => {}
  const group = createGroup(async (batch: readonly number[]) => {
    batches.push([...batch])
    begun()
    await new Promise<void>((resolve) => gates.push(resolve))
    return batch.map((n) => n * 10)
  })
  const nextBatch = () =>
    new Promise<void>((resolve) => {
      begun = resolve
    })
  const first = nextBatch()
  const early = [1, 2].map((n) => group.add(n))
  await first
  const late = [3, 4, 5].map((n) => group.add(n))
  const second = nextBatch()
  gates[0]?.()
  expect(await Promise.all(early)).toEqual([10, 20])
  await second
  gates[1]?.()
  expect(await Promise.all(late)).toEqual([30, 40, 50])
  expect(batches).toEqual([
    [1, 2],
    [3, 4, 5],
  ])
})

test('a batch that fails fails its members and nobody else', async () => {
  const group = createGroup(async (batch: readonly number[]) => {
    if (batch.includes(1)) throw new Error('no')
    return batch
  })
  const first = group.add(1)
  await expect(first).rejects.toThrow('no')
  expect(await group.add(2)).toBe(2)
})

test('a batch is never larger than it may be', async () => {
  const sizes: number[] = []
  const group = createGroup(
    async (batch: readonly number[]) => {
      sizes.push(batch.length)
      return batch
    },
    { largest: 4 },
  )
  await Promise.all(Array.from({ length: 10 }, (_, n) => group.add(n)))
  expect(sizes).toEqual([4, 4, 2])
})

test('draining waits for what is under way', async () => {
  let done = false
  const group = createGroup(async (batch: readonly number[]) => {
    await Promise.resolve()
    done = true
    return batch
  })
  void group.add(1)
  await group.drain()
  expect(done).toBe(true)
})

test('a second batch begins beside the first as soon as enough have gathered', async () => {
  const open: (() => void)[] = []
  const sizes: number[] = []
  const group = createGroup(
    async (batch: readonly number[]) => {
      sizes.push(batch.length)
      await new Promise<void>((resolve) => open.push(resolve))
      return batch
    },
    { lanes: 2, enough: 3 },
  )
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const all = [group.add(1)]
  await turn()
  all.push(group.add(2), group.add(3))
  await turn()
  expect(sizes).toEqual([1])
  all.push(group.add(4))
  await turn()
  expect(sizes).toEqual([1, 3])
  for (const end of open) end()
  expect(await Promise.all(all)).toEqual([1, 2, 3, 4])
})

test('two that share a key are never in two batches at once, and keep their order, whatever else is under way', async () => {
  const members = fc.array(fc.record({ keys: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 2 }) }), {
    minLength: 1,
    maxLength: 30,
  })
  const options = fc.record({
    lanes: fc.integer({ min: 1, max: 4 }),
    enough: fc.integer({ min: 1, max: 4 }),
    largest: fc.integer({ min: 1, max: 6 }),
  })
  await fc.assert(
    fc.asyncProperty(members, options, fc.scheduler(), async (given, chosen, scheduler) => {
      const underWay = new Map<string, number>()
      const done: number[] = []
      let batches = 0
      const group = createGroup(
        async (batch: readonly (typeof given)[number][]) => {
          const id = ++batches
          for (const key of batch.flatMap(({ keys }) => keys)) {
            expect(underWay.get(key) ?? id).toBe(id)
            underWay.set(key, id)
          }
          await scheduler.schedule(Promise.resolve())
          for (const { keys } of batch) for (const key of keys) underWay.delete(key)
          done.push(...batch.map((member) => given.indexOf(member)))
          return batch
        },
        { ...chosen, keys: ({ keys }) => keys },
      )
      const results = Promise.all(given.map((member) => group.add(member)))
      await scheduler.waitFor(group.drain())
      expect(await results).toEqual(given)
      for (const key of ['a', 'b', 'c', 'd']) {
        const order = done.filter((index) => given[index]?.keys.some((one) => one === key))
        expect(order).toEqual([...order].sort((one, other) => one - other))
      }
    }),
  )
})
