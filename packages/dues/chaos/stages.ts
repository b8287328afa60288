import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import Stripe from 'stripe'
import { type StripeLocal, startStripeLocal } from 'stripe-local'
import { startPostgres } from '../../../testing/postgres.ts'
import { assembleDues } from '../src/dues.ts'
import { bossDatabase } from '../src/jobs/executor.ts'
import { jobsSchema } from '../src/jobs/queues.ts'
import { silentLogger } from '../src/logger.ts'
import { openDatabase } from '../src/store/database.ts'
import { openPostbox, type Postbox, webhookSecret } from './postbox.ts'
import { plans } from './process.ts'

/** What worlds stand on, one after the other, because making it takes longer than a program does: a database and a Stripe. */
export type Stage = {
  readonly engine: 'PGlite' | 'PostgreSQL'
  /** The database as each of the two processes has it: all have one PGlite, each has connections of its own to PostgreSQL. */
  readonly databases: readonly [PGlite | pg.Pool, PGlite | pg.Pool]
  /** Asks the database past everything that may fail. */
  query<Row extends object>(sql: string, parameters?: unknown[]): Promise<Row[]>
  readonly local: StripeLocal
  readonly secretKey: string
  /** Where Stripe's events arrive. */
  readonly postbox: Postbox
  /** The part of pg-boss that sees to jobs whose process has died, beside those of the processes, which look once a minute. */
  overseer(): Promise<PgBoss>
  /** Makes it what it was before the first world: a schema without rows, and at Stripe nothing but the prices. */
  clear(): Promise<void>
}

type Opened = { stage: Stage; close(): Promise<void> }

/** Stages side by side: one on PGlite, the others on a PostgreSQL server that ends with them. */
export async function openStages(count: number): Promise<{ stages: Stage[]; close(): Promise<void> }> {
  const server = count > 1 ? await startPostgres() : null
  const opened = [await onPglite()]
  for (let n = 1; server !== null && n < count; n++) opened.push(await onPostgres(server.url, `chaos_${n}`))
  return {
    stages: opened.map(({ stage }) => stage),
    async close() {
      await Promise.all(opened.map(({ close }) => close()))
      await server?.stop()
    },
  }
}

async function onPglite(): Promise<Opened> {
  const pglite = await PGlite.create()
  const query: Stage['query'] = async (sql, parameters) => (await pglite.query<never>(sql, parameters)).rows
  const { stage, close } = await withStripe({ engine: 'PGlite', databases: [pglite, pglite], query })
  return {
    stage,
    async close() {
      await close()
      await pglite.close()
    },
  }
}

/** Connections are kept from one world to the next: a new one costs the server more than most programs do. */
async function onPostgres(server: string, name: string): Promise<Opened> {
  const admin = new pg.Client({ connectionString: server })
  await admin.connect()
  await admin.query(`create database ${name} template template0`)
  await admin.end()
  const connectionString = Object.assign(new URL(server), { pathname: `/${name}` }).href
  const own = deafPool({ connectionString, max: 2 })
  const databases = [deafPool({ connectionString, max: 5 }), deafPool({ connectionString, max: 5 })] as const
  const query: Stage['query'] = async (sql, parameters) => (await own.query(sql, parameters)).rows
  const { stage, close } = await withStripe({ engine: 'PostgreSQL', databases, query })
  return {
    stage,
    async close() {
      await close()
      await Promise.all([own, ...databases].map((pool) => pool.end()))
    },
  }
}

/** A pool whose clients may break when nobody waits for them, as they do when their server ends. Unheard, that would end the run. */
function deafPool(options: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({ ...options, application_name: 'dues-chaos' })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => void client.on('error', () => undefined))
  return pool
}

async function withStripe(database: Pick<Stage, 'engine' | 'databases' | 'query'>): Promise<Opened> {
  const secretKey = 'sk_test_chaos'
  const postbox = await openPostbox()
  const local = await startStripeLocal({ webhooks: [{ url: postbox.url, secret: webhookSecret }] })
  const dues = assembleDues({
    stripe: { client: new Stripe(secretKey, { host: '127.0.0.1', port: local.port, protocol: 'http' }), webhookSecret },
    database: database.databases[0],
    plans,
    identify: () => null,
    logger: silentLogger,
  })
  await dues.catalogue.push()
  await local.settled(secretKey)
  const prices = local.snapshot(secretKey)
  const empty = emptier(database)
  let overseer: Promise<PgBoss> | null = null
  return {
    stage: {
      ...database,
      local,
      secretKey,
      postbox,
      overseer: () => {
        overseer ??= startOverseer(database.databases[0])
        return overseer
      },
      async clear() {
        await empty()
        local.restore(secretKey, prices)
      },
    },
    async close() {
      await (await overseer)?.stop({ graceful: false, close: false })
      await local.stop()
      postbox.close()
    },
  }
}

async function startOverseer(source: PGlite | pg.Pool): Promise<PgBoss> {
  const database = openDatabase(source)
  const boss = new PgBoss({
    db: bossDatabase(database),
    schema: jobsSchema,
    backend: database.engine,
    supervise: false,
    schedule: false,
    migrate: false,
    registerInstance: false,
  })
  boss.on('error', (error) => {
    throw error
  })
  await boss.start()
  return boss
}

/** After so many worlds what was deleted has become more than what is there. */
const worldsUntilTruncated = 50

/** Makes what takes out everything but the schema. To truncate so many tables takes longer than most programs do. */
function emptier({ query }: Pick<Stage, 'query'>): () => Promise<void> {
  let worlds = 0
  return async () => {
    const tables = await query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where (schemaname = 'dues' and tablename <> 'migration') or (schemaname = 'dues_jobs' and tablename = 'job')`,
    )
    if (tables.length === 0) return
    const names = tables.map(({ name }) => name)
    worlds = (worlds + 1) % worldsUntilTruncated
    if (worlds === 0) await query(`truncate ${names.join(', ')}`)
    else await query(`do $$ begin ${names.map((name) => `delete from ${name};`).join(' ')} end $$`)
  }
}
