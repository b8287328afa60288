import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { onOneDatabase } from '../../testing/on-one-database.ts'
import { openDatabase } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { countRelease, countUse, pruneUsage, usedOf } from '../store/usage.ts'

onOneDatabase('a counter', (open) => {
  async function aDatabase() {
    const opened = await open()
    const database = openDatabase(opened.database)
    await migrate(database)
    onTestFinished(() => database.close())
    return { database, query: opened.query }
  }
  const at = { feature: 'calls', period: 0, at: 1, meter: null }

  test('is never below nothing nor above its limit, and what was said of each call adds up', async () => {
    const { database } = await aDatabase()
    const call = fc.record({
      amount: fc.integer({ min: 1, max: 7 }),
      release: fc.boolean(),
      key: fc.option(fc.constantFrom('a', 'b', 'c')),
    })
    let owners = 0
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.array(call, { maxLength: 12 }), async (limit, calls) => {
        const owner = `owner_${++owners}`
        const said = await Promise.all(
          calls.map(async ({ amount, release, key }) => {
            const counting = { ...at, owner, amount, key }
            const answer = release
              ? await countRelease(database, counting)
              : await countUse(database, { ...counting, limit })
            expect(answer.used).toBeGreaterThanOrEqual(0)
            expect(answer.used).toBeLessThanOrEqual(limit)
            return { ...answer, amount, release, key }
          }),
        )
        const counted = said.filter(({ outcome, release }) => !release && outcome === 'counted')
        const used = (await usedOf(database, owner, [{ feature: 'calls', period: 0 }])).get('calls') ?? 0
        const sum = counted.reduce((total, { amount }) => total + amount, 0)
        expect(used).toBeLessThanOrEqual(sum)
        if (said.every(({ release }) => !release)) expect(used).toBe(sum)
        // Under a key, one call at the most was counted.
        const keys = counted.flatMap(({ key }) => (key === null ? [] : [key]))
        expect(new Set(keys).size).toBe(keys.length)
      }),
      { numRuns: 40 },
    )
  })

  test('forgets the keys of long ago, and never what Stripe has not been told', async () => {
    const { database, query } = await aDatabase()
    const meter = { event: 'calls', customer: 'cus_1' }
    await countUse(database, { ...at, owner: 'owner_1', amount: 1, key: 'old', limit: null })
    await countUse(database, { ...at, owner: 'owner_1', amount: 1, key: 'untold', limit: null, meter })
    await query("update dues.usage_entry set recorded_at = now() - interval '100 days'")
    await countUse(database, { ...at, owner: 'owner_1', amount: 1, key: 'new', limit: null })
    await pruneUsage(database, { olderThanDays: 90 })
    expect(await query('select key from dues.usage_entry order by key')).toEqual([{ key: 'new' }, { key: 'untold' }])
    expect(await query('select used::int from dues.usage')).toEqual([{ used: 3 }])
  })
})
