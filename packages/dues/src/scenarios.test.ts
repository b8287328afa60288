import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onEachDatabase } from '../../../testing/databases.ts'
import { duesInProcess, openLocalShop } from '../testing/scenarios/in-process.ts'
import { play } from '../testing/scenarios/stage.ts'
import { scenarios } from '../testing/scenarios/table.ts'

/** The table that `npm run scenarios` points at other people's handlers, too. */
onEachDatabase('two processes on one database', (open) => {
  describe('with Stripe Local', () => {
    let shop: Awaited<ReturnType<typeof openLocalShop>>
    let dues: Awaited<ReturnType<typeof duesInProcess>>
    let database: Awaited<ReturnType<typeof open>>
    beforeAll(async () => {
      shop = await openLocalShop()
      database = await open()
      dues = await duesInProcess(database, shop)
    })
    afterAll(async () => {
      await dues?.close()
      await database?.close()
      await shop?.close()
    })
    test.each(scenarios)('$name: $must', async (scenario) => {
      expect(await play(scenario, shop, dues)).toEqual({ outcome: 'right', because: null })
    })
  })
})
