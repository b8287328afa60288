import { expect, test } from 'vitest'
import { openPostgres } from '../../../../testing/databases.ts'
import { type App, anOwner, onEachApp } from '../../testing/app.ts'
import { anEngine, until } from '../../testing/engine.ts'
import { aSubscription } from '../../testing/objects.ts'
import type { Logger } from '../logger.ts'
import { changesChannel } from '../store/changes.ts'
import { openDatabase } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { createMembershipCache } from './cache.ts'
import { createListening } from './listening.ts'

/** How the last memberships were answered, by what the metrics of the process say. */
const hits = async ({ metrics }: Pick<App['dues'], 'metrics'>) =>
  Number(/dues_membership_reads_total\{cache="hit"\} (\d+)/.exec(await metrics())?.[1] ?? 0)

/** Resolves when a process answers from its cache. */
const remembers = (dues: App['dues'], owner: string) =>
  until(async () => {
    const before = await hits(dues)
    await dues.member(owner)
    return (await hits(dues)) > before
  }, 'an answer from the cache')

onEachApp(
  'a cache of memberships in two processes',
  (app) => {
    test('shows what a webhook to the other process changed', async () => {
      const { dues, other, stripe, subscribe, settled } = app()
      const { id } = anOwner()
      await remembers(other, id)
      expect((await other.member(id)).plan).toBe('free')
      const { subscription } = await subscribe(id)
      await until(async () => (await other.member(id)).plan === 'pro', 'the other process to see the subscription')
      await remembers(other, id)
      await stripe.subscriptions.cancel(subscription)
      await settled()
      expect((await dues.member(id)).ended()).toBe(true)
      await until(async () => (await other.member(id)).ended(), 'the other process to see the end')
    })

    test('shows at once what the process itself changed, and soon what the other did', async () => {
      const { dues, other } = app()
      const { id } = anOwner()
      await remembers(dues, id)
      await remembers(other, id)
      await dues.grants.give(id, 'pro', { reason: 'a prize' })
      expect((await dues.member(id)).plan).toBe('pro')
      await until(async () => (await other.member(id)).plan === 'pro', 'the other process to see the grant')
      await remembers(dues, id)
      await other.grants.takeBack(id)
      expect((await other.member(id)).plan).toBe('free')
      await until(async () => (await dues.member(id)).plan === 'free', 'this process to see the end of the grant')
    })

    test('shows what somebody did to the tables by hand', async () => {
      const { dues, query } = app()
      const { id } = anOwner()
      await remembers(dues, id)
      await query("insert into dues.granted (owner, plan, reason, granted_at) values ($1, 'pro', 'by hand', 0)", [id])
      await until(async () => (await dues.member(id)).plan === 'pro', 'the grant by hand')
    })
  },
  { cache: true },
)

async function aProcess(url: string) {
  const database = openDatabase(url)
  const warned: string[] = []
  const logger: Logger = { debug() {}, info() {}, error() {}, warn: (_, message) => void warned.push(message) }
  const cache = createMembershipCache<string>({ trustMs: 2_000 })
  const listening = createListening({ database, cache, logger, signMs: 50 })
  await listening.start()
  const read = () =>
    cache.read('ada', async () => {
      const [row] = await database.query<{ plan: string }>("select plan from dues.granted where owner = 'ada'")
      return row?.plan ?? 'free'
    })
  const stop = async () => {
    await listening.stop()
    await database.close()
  }
  return { database, cache, read, stop, warned }
}

/** Asks until the same question is answered without the database. */
async function trusting(cache: { read(owner: string, load: () => Promise<string>): Promise<string> }) {
  await until(async () => {
    let loaded = false
    await cache.read('sign', async () => {
      loaded = true
      return ''
    })
    return !loaded
  }, 'the cache to be believed')
}

const killListeners =
  "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen %'"

test('while its connection is dead a process believes nothing, and afterwards goes on', async () => {
  const { database: url, query, close } = await openPostgres()
  const writer = openDatabase(String(url))
  await migrate(writer)
  const { cache, read, stop, warned } = await aProcess(String(url))
  await writer.query("insert into dues.granted (owner, plan, reason, granted_at) values ('ada', 'pro', 'x', 0)")
  for (let round = 0; round < 3; round++) {
    await trusting(cache)
    await read()
    await query(killListeners)
    // Nobody is told of this change: the connection that would have told is dead.
    const plan = round % 2 === 0 ? 'ent' : 'pro'
    await writer.query("update dues.granted set plan = $1 where owner = 'ada'", [plan])
    await until(() => warned.length > round, 'the loss to be noticed')
    expect(await read()).toBe(plan)
  }
  await trusting(cache)
  await stop()
  await writer.close()
  await close()
})

const grantTo = "insert into dues.granted (owner, plan, reason, granted_at) values ('ada', $1, 'x', 0)"
const grantNow = "update dues.granted set plan = $1 where owner = 'ada'"

test('a webhook that one process takes is seen by the others within a tenth of a second, from its arrival on', async () => {
  const { stripe, deliver, opened, close } = await anEngine(openPostgres)
  const { database, cache, stop } = await aProcess(String(opened.database))
  const read = () =>
    cache.read('ada', async () => {
      const [row] = await database.query<{ seen: string }>("select metadata ->> 'n' as seen from dues.subscription")
      return row?.seen ?? ''
    })
  const took: number[] = []
  for (let n = 0; n < 21; n++) {
    await trusting(cache)
    await read()
    stripe.clock += 1
    const metadata = { dues_owner: 'ada', n: `${n}` }
    const event = stripe.emit('customer.subscription.updated', aSubscription({ metadata }))
    const began = performance.now()
    const delivered = deliver(event)
    await until(async () => (await read()) === `${n}`, 'the change to be seen', 5_000, 1)
    took.push(performance.now() - began)
    await delivered
  }
  // The median: on a busy machine one or the other of them waits for its turn at the processor.
  expect(took.toSorted((a, b) => a - b)[10]).toBeLessThan(100)
  await stop()
  await close()
})

test('nobody is told of a change while nobody remembers anything', async () => {
  const { database: url, close } = await openPostgres()
  const database = openDatabase(String(url))
  await migrate(database)
  const told: string[] = []
  await database.listen(changesChannel, { onMessage: (message) => void told.push(message) })
  /** All that was told of up to now. */
  const toldSoFar = async () => {
    await database.notify(changesChannel, 'end')
    await until(() => told.includes('end'), 'the end to be heard')
    return told.splice(0).filter((message) => message.startsWith('['))
  }
  await database.query(grantTo, ['pro'])
  expect(await toldSoFar()).toEqual([])
  const { stop } = await aProcess(String(url))
  await database.query(grantNow, ['ent'])
  expect(await toldSoFar()).toEqual(['["ada"]'])
  await stop()
  await database.query(grantNow, ['pro'])
  expect(await toldSoFar()).toEqual([])
  await database.close()
  await close()
})

test('a process that comes while somebody writes believes nothing until that is over: the writer saw nobody to tell', async () => {
  const { database: url, close } = await openPostgres()
  const writer = openDatabase(String(url))
  await migrate(writer)
  await writer.query(grantTo, ['pro'])
  const held = await writer.transaction(async (tx) => {
    await tx.query(grantNow, ['ent'])
    const process = await aProcess(String(url))
    let loads = 0
    for (let n = 0; n < 5; n++) await process.cache.read('eve', async () => `${++loads}`)
    expect(loads).toBe(5)
    expect(await process.read()).toBe('pro')
    return process
  })
  await trusting(held.cache)
  expect(await held.read()).toBe('ent')
  await held.stop()
  await writer.close()
  await close()
})

test('a process that was silent for too long forgets what it was not told of', async () => {
  const { database: url, close } = await openPostgres()
  const writer = openDatabase(String(url))
  await migrate(writer)
  await writer.query(grantTo, ['pro'])
  const { cache, read, stop } = await aProcess(String(url))
  await trusting(cache)
  expect(await read()).toBe('pro')
  // As if its minute were over, and it came back from a sleep.
  await writer.query("update dues.listener set until = now() - interval '1 second'")
  await writer.query(grantNow, ['ent'])
  await until(async () => (await read()) === 'ent', 'the change to be seen')
  await trusting(cache)
  await stop()
  await writer.close()
  await close()
})

test('behind a pooler that passes no notifications on the cache stays off, and says so', async () => {
  const { database: url, close } = await openPostgres()
  const database = openDatabase(String(url))
  await migrate(database)
  const warned: string[] = []
  const logger: Logger = { debug() {}, info() {}, error() {}, warn: (_, message) => void warned.push(message) }
  const cache = createMembershipCache<number>()
  // LISTEN succeeds, as it does on pgbouncer in transaction mode, on a connection that somebody else has a moment later.
  const deaf = { ...database, listen: async () => async () => undefined }
  const listening = createListening({ database: deaf, cache, logger, signMs: 5 })
  await listening.start()
  let loads = 0
  const read = () => cache.read('ada', async () => ++loads)
  await until(async () => {
    await read()
    return warned.length > 0
  }, 'the warning')
  expect(warned[0]).toContain('pooler in transaction mode')
  const before = loads
  await read()
  await read()
  expect(loads).toBe(before + 2)
  await listening.stop()
  await database.close()
  await close()
})

test('a process that cannot listen starts all the same', async () => {
  const { database: url, close } = await openPostgres()
  const database = openDatabase(String(url))
  const refusing = { ...database, listen: () => Promise.reject(new Error('LISTEN is not supported here')) }
  const cache = createMembershipCache<number>()
  const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }
  const listening = createListening({ database: refusing, cache, logger: silent })
  await listening.start()
  expect(await cache.read('ada', async () => 1)).toBe(1)
  expect(await cache.read('ada', async () => 2)).toBe(2)
  await listening.stop()
  await database.close()
  await close()
})
