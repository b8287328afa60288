import type { PGlite } from '@electric-sql/pglite'
import { sql as rawSql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPGlite } from '../../../../testing/databases.ts'
import { createVisitor, openClub, pay } from '../../test/open-club.ts'
import type { RunningClub } from '../club.ts'
import { fromPglite } from '../database.ts'
import { createHistory, migrateHistory } from './history.ts'

let club: RunningClub
beforeAll(async () => {
  club = await openClub()
})
afterAll(() => club.stop())

/** The account page, once it says something that a webhook and a hook have to bring. */
async function accountThatSays(visitor: ReturnType<typeof createVisitor>, words: RegExp): Promise<string> {
  const end = Date.now() + 20_000
  for (;;) {
    const page = await (await visitor.get('/account')).text()
    if (words.test(page) || Date.now() > end) return page
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test('whoever bought twice reads on the account page what became of it and of the money', async () => {
  const ada = createVisitor(club.url)
  await ada.join('twice@house.example')
  const started = await ada.post('/billing/checkout', { plan: 'ent', interval: 'monthly' })
  await pay(started.headers.get('location') ?? '')
  await accountThatSays(ada, /Enterprise \(monthly\) began/)

  // A second one, made by hand.
  const stripe = club.stripe?.client
  const [first] = (await stripe?.subscriptions.list())?.data ?? []
  const prices = await stripe?.prices.list({ lookup_keys: ['dues_ent_yearly'] })
  await stripe?.subscriptions.create({
    customer: String(first?.customer),
    default_payment_method: String(first?.default_payment_method),
    items: [{ price: prices?.data[0]?.id ?? '' }],
    metadata: first?.metadata ?? {},
  })
  const words =
    /Bought twice: Enterprise \((monthly|yearly)\) was ended, Enterprise \((monthly|yearly)\) stays, and \$[\d.,]+ was paid back/
  const page = await accountThatSays(ada, words)
  expect(page).toMatch(words)
  // Somebody who goes on being a member gets no farewell.
  expect(page).not.toMatch(/Enterprise \((monthly|yearly)\) ended/)
}, 60_000)

test('what happened within a second stands in the order in which it was told, also in a club that is older than this order', async () => {
  const { database, close } = await openPGlite()
  const { sql } = fromPglite(database as PGlite)
  await anOlderClub(sql)
  await migrateHistory(sql)
  await migrateHistory(sql)
  const { hooks, list } = createHistory(sql)
  const at = new Date('2027-01-01T00:00:00Z')
  const told = { owner: { id: 'ada' }, at, before: null, after: null, detail: {} }
  await hooks.refunded?.({ ...told, id: 'z', type: 'refunded' })
  await hooks.disputed?.({ ...told, id: 'a', type: 'disputed' })
  // A hook runs at least once.
  await hooks.refunded?.({ ...told, id: 'z', type: 'refunded' })
  expect((await list('ada')).map(({ text }) => text)).toEqual([
    'A payment was disputed',
    'Money was paid back',
    'It began',
  ])
  await sql.destroy()
  await close()
})

test('print bundles that were added, changed and taken away are told in words', async () => {
  const { database, close } = await openPGlite()
  const { sql } = fromPglite(database as PGlite)
  await migrateHistory(sql)
  const { hooks, list } = createHistory(sql)
  const told = { owner: { id: 'ada' }, at: new Date('2027-01-01T00:00:00Z'), detail: {} }
  const having = (bundle: number) =>
    ({ plan: 'pro', interval: 'monthly', addOns: { bundle } }) as Parameters<
      NonNullable<typeof hooks.addOnsChanged>
    >[0]['after']
  for (const [id, before, after] of [
    ['a', 0, 3],
    ['b', 3, 1],
    ['c', 1, 0],
  ] as const)
    await hooks.addOnsChanged?.({ ...told, id, before: having(before), after: having(after), type: 'addOnsChanged' })
  expect((await list('ada')).map(({ text }) => text)).toEqual([
    '1 print bundle taken away',
    '1 print bundle in place of 3',
    '3 print bundles added',
  ])
  await sql.destroy()
  await close()
})

/** As a club of a year ago left it. */
async function anOlderClub(sql: ReturnType<typeof fromPglite>['sql']): Promise<void> {
  await rawSql`create table club_history (id text primary key, owner text not null, at timestamptz not null, text text not null)`.execute(
    sql,
  )
  await rawSql`insert into club_history values ('old', 'ada', '2026-01-01', 'It began')`.execute(sql)
}
