import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onEachDatabase } from '../../../testing/databases.ts'
import { duesInProcess, openLocalShop } from '../testing/scenarios/in-process.ts'
import { naiveHandler } from '../testing/scenarios/naive.ts'
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

test('a handler that believes each event as it comes is caught', async () => {
  const shop = await openLocalShop()
  const naive = naiveHandler(shop)
  const wrong: string[] = []
  for (const scenario of scenarios) {
    const { outcome } = await play(scenario, shop, naive)
    if (outcome === 'wrong') wrong.push(scenario.name)
  }
  expect(wrong).toEqual([
    'an older event after a newer one',
    'an update before the purchase',
    'updated and created in one second',
    'two switches in one second',
    'an update after the deletion',
    'an update and the deletion in one second',
    'eight at once',
    'the member comes back',
    'the database is down',
    'Stripe is down',
    'a crash between two writes',
    'a delivery that never comes',
    'an endpoint of an older version of the API',
  ])
  await shop.close()
})

test('a handler that asks each time, and believes each answer as it comes, is caught by the late ones', async () => {
  const shop = await openLocalShop()
  const naive = naiveHandler(shop, shop.client)
  const late = scenarios.filter(({ needs }) => needs === 'questions to Stripe')
  const verdicts = []
  for (const scenario of late) verdicts.push((await play(scenario, shop, naive)).because)
  expect(verdicts).toEqual([
    'it believes active on ent, Stripe says active on pro',
    'it believes active on ent, Stripe says canceled on ent',
  ])
  await shop.close()
})
