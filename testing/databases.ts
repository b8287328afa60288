import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { afterAll, describe, inject } from 'vitest'
import { startPgbouncer } from './pgbouncer.ts'

/** An empty database of one test's own. */
export type TestDatabase = {
  engine: 'PGlite' | 'PostgreSQL'
  /** What `createDues({ database })` takes: a PGlite, or the connection string of a PostgreSQL database. */
  database: PGlite | string
  /** Looks into the database beside the code under test. */
  query<Row extends object>(sql: string, parameters?: unknown[]): Promise<Row[]>
  /** Removes the database. Throws when the code under test has left a connection open. */
  close(): Promise<void>
}

/** A connection that is closed at this end takes a moment to be closed at the server's. */
const connectionsEndWithin = 3_000

/**
 * Runs one suite on PGlite and on a real PostgreSQL server. Each `open()` gives a new, empty database;
 * a database that is not closed when the suite ends fails it.
 *
 * @example
 * onEachDatabase('the inbox', (open) => {
 *   test('keeps an event once', async () => {
 *     const { database, query, close } = await open()
 *     …
 *     await close()
 *   })
 * })
 */
export function onEachDatabase(name: string, suite: (open: () => Promise<TestDatabase>) => void): void {
  for (const [engine, openOne] of [
    ['PGlite', openPGlite],
    ['PostgreSQL', openPostgres],
  ] as const) {
    describe(`${name}, on ${engine}`, () => {
      const opened = new Set<TestDatabase>()
      suite(async () => {
        const one = await openOne()
        const tracked = { ...one, close: () => (opened.delete(tracked) ? one.close() : Promise.resolve()) }
        opened.add(tracked)
        return tracked
      })
      afterAll(async () => {
        const forgotten = [...opened]
        await Promise.allSettled(forgotten.map((one) => one.close()))
        if (forgotten.length > 0) throw new Error(`${forgotten.length} test database(s) were not closed by their tests`)
      })
    })
  }
}

/** A new PGlite in memory, from a prepared image: a tenth of the time that its own initialisation takes. */
export async function openPGlite(): Promise<TestDatabase> {
  const pglite = await PGlite.create({ loadDataDir: await preparedImage() })
  return {
    engine: 'PGlite',
    database: pglite,
    query: async <Row extends object>(sql: string, parameters?: unknown[]) =>
      (await pglite.query<Row>(sql, parameters)).rows,
    close: async () => {
      if (!pglite.closed) await pglite.close()
    },
  }
}

/**
 * A new database on the run's PostgreSQL server. Its `database` is a connection string, good for several processes.
 * With `DUES_TEST_BEHIND=pgbouncer` in the environment it leads through a pgbouncer in transaction mode.
 */
export async function openPostgres(): Promise<TestDatabase> {
  const server = inject('postgres')
  if (server === '')
    throw new Error('No PostgreSQL was started: no test file of this run imports testing/databases.ts.')
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`
  await once(server, `create database ${name} template template0`)
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href
  const pooler = process.env.DUES_TEST_BEHIND === 'pgbouncer' ? await startPgbouncer(url) : null
  return {
    engine: 'PostgreSQL',
    database: pooler?.url ?? url,
    query: (sql, parameters) => once(url, sql, parameters),
    close: async () => {
      await pooler?.stop()
      const left = await connectionsLeft(server, name)
      await once(server, `drop database ${name} with (force)`)
      if (left.length > 0) throw new Error(`Connections were left open:\n${left.join('\n')}`)
    },
  }
}

async function once<Row extends object>(url: string, sql: string, parameters?: unknown[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'test' })
  await client.connect()
  try {
    return (await client.query<Row>(sql, parameters)).rows
  } finally {
    await client.end()
  }
}

async function connectionsLeft(server: string, name: string): Promise<string[]> {
  const until = Date.now() + connectionsEndWithin
  for (;;) {
    const rows = await once<{ line: string }>(
      server,
      `select format('%s, %s: %s', coalesce(nullif(application_name, ''), 'unnamed'), state, query) as line
       from pg_stat_activity where datname = $1 and backend_type = 'client backend' and application_name <> 'test'`,
      [name],
    )
    if (rows.length === 0 || Date.now() > until) return rows.map((row) => row.line)
    await wait(20)
  }
}

let image: Promise<Blob> | undefined

function preparedImage(): Promise<Blob> {
  image ??= readImage().catch((error: unknown) => {
    image = undefined
    throw error
  })
  return image
}

/** The data folder of a new PGlite, made once for each version of it and kept among the caches. */
async function readImage(): Promise<Blob> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const { version } = JSON.parse(await readFile(join(dirname(entry), '../package.json'), 'utf8')) as { version: string }
  const file = fileURLToPath(new URL(`../node_modules/.cache/dues/pglite-${version}.tar`, import.meta.url))
  const cached = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (cached) return new Blob([cached])
  const pglite = await PGlite.create()
  const made = await pglite.dumpDataDir('none')
  await pglite.close()
  await mkdir(dirname(file), { recursive: true })
  // Two processes may make it at once. Each writes a file of its own, and a rename replaces the whole.
  const draft = join(dirname(file), `${process.pid}.tmp`)
  await writeFile(draft, new Uint8Array(await made.arrayBuffer()))
  await rename(draft, file)
  return made
}
