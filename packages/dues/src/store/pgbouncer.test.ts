import { beforeEach, describe, expect, test } from 'vitest'
import { openPostgres, type TestDatabase } from '../../../../testing/databases.ts'
import { hasPgbouncer, startPgbouncer } from '../../../../testing/pgbouncer.ts'
import { anEngine, until } from '../../testing/engine.ts'
import { aSubscription } from '../../testing/objects.ts'
import { createMembershipCache } from '../entitlements/cache.ts'
import { createListening } from '../entitlements/listening.ts'
import { type Logger, silentLogger } from '../logger.ts'
import { openDatabase } from './database.ts'
import { migrate } from './migrate.ts'

const installed = hasPgbouncer()

/** A database of its own behind a pgbouncer of its own, and a way past it to look. */
async function openBehindPgbouncer(): Promise<TestDatabase> {
  const direct = await openPostgres()
  const bouncer = await startPgbouncer(String(direct.database))
  const close = async () => {
    await bouncer.stop()
    await direct.close()
  }
  return { ...direct, database: bouncer.url, close }
}

describe('behind pgbouncer in transaction mode', () => {
  beforeEach(({ skip }) => {
    if (!installed) skip('pgbouncer is not installed here: apt-get install pgbouncer')
  })

  test('statements and transactions are what they are without it', async () => {
    const { database: url, close } = await openBehindPgbouncer()
    const database = openDatabase(url)
    // Together, before anybody knows that there is a pooler, and more than there are connections.
    const all = await Promise.all(Array.from({ length: 40 }, (_, n) => database.query('select $1::int as n', [n])))
    expect(all.flat()).toEqual(Array.from({ length: 40 }, (_, n) => ({ n })))
    await database.query('create table kept (n int)')
    const failing = database.transaction(async (tx) => {
      await tx.query('insert into kept values (1)')
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await expect(database.script('BEGIN; insert into kept values (2); select nonsense; COMMIT;')).rejects.toThrow(
      'nonsense',
    )
    await database.transaction((tx) => tx.query('insert into kept values (3)'))
    for (let n = 0; n < 5; n++) expect(await database.query('select n from kept')).toEqual([{ n: 3 }])
    await database.close()
    await close()
  })

  test('nothing is remembered: notifications are not passed on, and that is said once', async () => {
    const { database: url, close } = await openBehindPgbouncer()
    const database = openDatabase(url)
    await migrate(database)
    const warned: string[] = []
    const logger: Logger = { ...silentLogger, warn: (_, message) => void warned.push(message) }
    const cache = createMembershipCache<number>()
    const listening = createListening({ database, cache, logger, signMs: 10 })
    await listening.start()
    let loads = 0
    await until(async () => {
      await cache.read('ada', async () => ++loads)
      return warned.length > 0
    }, 'the warning')
    expect(warned[0]).toContain('pooler in transaction mode')
    const before = loads
    for (let n = 0; n < 5; n++) await cache.read('ada', async () => ++loads)
    expect(loads).toBe(before + 5)
    await listening.stop()
    await database.close()
    await close()
  })

  test('two processes take deliveries, fetch what is doubtful and run each hook once', async () => {
    const runs: string[] = []
    const hooks = {
      started: ({ key }: { key: string }) => void runs.push(key),
      ended: ({ key }: { key: string }) => void runs.push(key),
    }
    const { engine, stripe, deliver, another, query, close } = await anEngine(openBehindPgbouncer, { hooks })
    const other = await another()
    const members = Array.from({ length: 20 }, (_, n) => ({
      id: `sub_${n}`,
      customer: `cus_${n}`,
      metadata: { dues_owner: `user_${n}` },
    }))
    await Promise.all(
      members.map(async (one) => deliver(stripe.emit('customer.subscription.created', aSubscription(one)))),
    )
    // Of the same second as what is there: Stripe has to be asked.
    await Promise.all(
      members.map(async (one) =>
        deliver(stripe.emit('customer.subscription.updated', aSubscription({ ...one, status: 'past_due' }))),
      ),
    )
    stripe.clock += 10
    await Promise.all(
      members.map(async (one) =>
        deliver(
          stripe.emit(
            'customer.subscription.deleted',
            aSubscription({ ...one, status: 'canceled', ended_at: stripe.clock }),
          ),
        ),
      ),
    )
    await until(async () => runs.length >= 40, 'the hooks')
    const waiting = async () => (await query("select 1 as n from dues.inbox where state = 'waiting'")).length
    await until(async () => (await waiting()) === 0, 'what is doubtful to be fetched')
    expect(
      await query<{ status: string; n: number }>('select status, count(*)::int as n from dues.subscription group by 1'),
    ).toEqual([{ status: 'canceled', n: 20 }])
    expect(new Set(runs).size).toBe(40)
    expect(runs.length).toBe(40)
    expect((await engine.health()).status).toBe('ok')
    await other.stop()
    await close()
  })
})
