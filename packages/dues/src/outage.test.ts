import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgres, type TestDatabase } from '../../../testing/databases.ts'
import { type PostgresServer, startPostgres } from '../../../testing/postgres.ts'
import { secret, signed } from '../testing/deliveries.ts'
import { fastJobs, until } from '../testing/engine.ts'
import { createFakeStripe } from '../testing/fake-stripe.ts'
import { aSubscription } from '../testing/objects.ts'
import { createEngine } from './engine.ts'
import { openDatabase } from './store/database.ts'

const seconds = () => Math.floor(Date.now() / 1000)

/** Events of so many members, of each one its whole life, each second of it apart. */
function lives(members: number): { member: string; body: string }[] {
  const begun = seconds() - 100
  return Array.from({ length: members }, (_, n) =>
    (['created', 'updated', 'updated', 'deleted'] as const).map((what, age) => {
      const status = what === 'deleted' ? 'canceled' : age === 1 ? 'past_due' : 'active'
      const object = aSubscription({ id: `sub_${n}`, customer: `cus_${n}`, status, metadata: { age: `${age}` } })
      const event = {
        id: `evt_${n}_${age}`,
        object: 'event',
        type: `customer.subscription.${what}`,
        created: begun + age,
        data: { object },
      }
      return { member: object.id, body: JSON.stringify(event) }
    }),
  ).flat()
}

describe('the database server is killed', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ durable: true })
  })
  afterAll(() => server.stop())

  test('deliveries answer 503 until it is back, nothing that was acknowledged is lost, and the jobs go on', async () => {
    const database = openDatabase(server.url)
    const stripe = createFakeStripe({ clock: seconds() })
    const told = new Set<string>()
    const engine = createEngine({
      database,
      stripe,
      webhookSecrets: [secret],
      jobs: fastJobs,
      hooks: { ended: ({ key }) => void told.add(key) },
    })
    await engine.start()
    const events = lives(30).map(({ body }) => body.replace('"metadata":{', '"metadata":{"dues_owner":"user_1",'))
    const acknowledged = new Set<number>()
    const refused: unknown[] = []
    const deliver = async (n: number) => {
      const body = events[n] ?? ''
      await engine.receive(body, signed(body, { at: seconds() })).then(
        () => acknowledged.add(n),
        (error: unknown) => refused.push(error),
      )
    }
    const some = Array.from({ length: 40 }, (_, n) => deliver(n))
    await Promise.race(some)
    await server.crash()
    await Promise.all(some)
    for (let n = 40; n < 50; n++) await deliver(n)
    expect(refused.length).toBeGreaterThanOrEqual(10)
    for (const error of refused) expect(error).toMatchObject({ code: 'database_unavailable', status: 503 })

    await server.restart()
    await until(async () => {
      await deliver(50)
      return acknowledged.has(50)
    }, 'the first delivery after the restart')
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    const ids = async () => (await client.query<{ id: string }>('select id from dues.inbox')).rows.map(({ id }) => id)
    const kept = new Set(await ids())
    for (const n of acknowledged) expect(kept).toContain((JSON.parse(events[n] ?? '{}') as { id: string }).id)

    // Stripe delivers again what was not acknowledged.
    for (let n = 0; n < events.length; n++) if (!acknowledged.has(n)) await deliver(n)
    expect(acknowledged.size).toBe(events.length)
    const { rows } = await client.query("select distinct status, metadata ->> 'age' as age from dues.subscription")
    expect(rows).toEqual([{ status: 'canceled', age: '3' }])
    await client.end()
    await until(() => told.size === 30, 'all hooks')
    await engine.stop()
    await database.close()
  })
})

describe('a process is killed with SIGKILL under load', () => {
  let database: TestDatabase
  let nobody: Server
  beforeAll(async () => {
    database = await openPostgres()
    // A Stripe that answers that it is out of order.
    nobody = createServer((_, response) => response.writeHead(503).end('{}')).listen(0, '127.0.0.1')
    await once(nobody, 'listening')
  })
  afterAll(async () => {
    nobody.close()
    await database.close()
  })

  const startServer = async (): Promise<{ url: string; process: ChildProcess }> => {
    const program = join(import.meta.dirname, '../../../bench/server.ts')
    const child = spawn(process.execPath, ['--conditions=dues-source', program], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {
        ...process.env,
        PORT: '0',
        DATABASE_URL: String(database.database),
        STRIPE_WEBHOOK_SECRET: secret,
        STRIPE_API_BASE: `http://127.0.0.1:${(nobody.address() as AddressInfo).port}`,
      },
    })
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('ready ')) return { url: line.slice('ready '.length), process: child }
    }
    throw new Error('the server ended before it was ready')
  }

  test('everything it acknowledged is on disk, and the next process ends as Stripe has it', async () => {
    const events = lives(60)
    const acknowledged = new Set<number>()
    const post = async (url: string, n: number) => {
      const body = events[n]?.body ?? ''
      const headers = { 'stripe-signature': signed(body, { at: seconds() }) }
      const answer = await fetch(`${url}/billing/webhook`, { method: 'POST', body, headers }).catch(() => null)
      if (answer?.ok) acknowledged.add(n)
      return answer
    }
    const first = await startServer()
    const load = Array.from({ length: 16 }, async (_, worker) => {
      for (let n = worker; n < events.length; n += 16) if ((await post(first.url, n)) === null) return
    })
    await until(() => acknowledged.size > 40, 'the load')
    first.process.kill('SIGKILL')
    await Promise.all(load)
    const early = new Set(acknowledged)
    expect(early.size).toBeLessThan(events.length)

    const kept = new Set((await database.query<{ id: string }>('select id from dues.inbox')).map(({ id }) => id))
    for (const n of early) expect(kept).toContain((JSON.parse(events[n]?.body ?? '{}') as { id: string }).id)

    const second = await startServer()
    for (let n = 0; n < events.length; n++) if (!early.has(n)) await post(second.url, n)
    expect(acknowledged.size).toBe(events.length)
    for (const { member } of events) {
      const answer = await fetch(`${second.url}/subscriptions/${member}`)
      expect(await answer.json()).toMatchObject({ id: member, status: 'canceled', metadata: { age: '3' } })
    }
    expect((await fetch(`${second.url}/subscriptions/sub_unknown`)).status).toBe(404)
    second.process.kill('SIGTERM')
    const [code] = await once(second.process, 'exit')
    expect(code).toBe(0)
  })
})
