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
