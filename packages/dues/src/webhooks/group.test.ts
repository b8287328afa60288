import { expect, test } from 'vitest'
import { createGroup } from './group.ts'

test('what arrives while a batch is worked on is the next batch', async () => {
  const batches: number[][] = []
  const gates: (() => void)[] = []
  const group = createGroup(async (batch: readonly number[]) => {
    batches.push([...batch])
    await new Promise<void>((resolve) => gates.push(resolve))
    return batch.map((n) => n * 10)
  })
  const results = [1, 2, 3].map((n) => group.add(n))
  gates[0]?.()
  expect(await results[0]).toBe(10)
  gates[1]?.()
  expect(await Promise.all(results)).toEqual([10, 20, 30])
  expect(batches).toEqual([[1], [2, 3]])
})

test('a batch that fails fails its members and nobody else', async () => {
  const group = createGroup(async (batch: readonly number[]) => {
    if (batch.includes(1)) throw new Error('no')
    return batch
  })
  const first = group.add(1)
  const second = group.add(2)
  await expect(first).rejects.toThrow('no')
  expect(await second).toBe(2)
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
  expect(sizes).toEqual([1, 4, 4, 1])
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
