import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { type Driver, type Generated, Kysely, PGliteDialect, PostgresDialect } from 'kysely'
import pg from 'pg'

/** The tables of the club's own; Better Auth and Dues keep theirs in the same database. */
export type Tables = {
  /** `told` counts up: of two changes within a second it says which was told first. */
  club_history: { id: string; owner: string; at: Date; text: string; told: Generated<number> }
  club_print: { id: string; owner: string; project: string; ordered_at: Date }
  /** Better Auth's. */
  club_user: { id: string; name: string; email: string; createdAt: Date }
  club_project: { id: string; owner: string; name: string; character: string; created_at: Date }
}

/** One database for all: `shared` is handed to Dues, `sql` is for the club and Better Auth. */
export type Database = {
  readonly shared: PGlite | pg.Pool
  readonly sql: Kysely<Tables>
  close(): Promise<void>
}

/** Opens a PostgreSQL server's database, or the embedded one in a folder (`memory://` for a test). */
export async function openDatabase(source: { url: string | undefined; dataDir: string }): Promise<Database> {
  if (source.url !== undefined) {
    const pool = new pg.Pool({ connectionString: source.url, connectionTimeoutMillis: 5000 })
    // A connection that breaks while nobody uses it is replaced by the pool; unheard, the event would end the process.
    pool.on('error', () => undefined)
    const sql = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
    return { shared: pool, sql, close: () => sql.destroy() }
  }
  return fromPglite(await PGlite.create(await folderOf(source.dataDir)))
}

/** The same over a PGlite that is open already. */
export function fromPglite(pglite: PGlite): Database {
  const sql = new Kysely<Tables>({ dialect: new OneAtATime({ pglite }) })
  return { shared: pglite, sql, close: () => sql.destroy() }
}

async function folderOf(dataDir: string): Promise<string> {
  if (dataDir.startsWith('memory:')) return dataDir
  await mkdir(dataDir, { recursive: true })
  return join(dataDir, 'postgres')
}

/**
 * Kysely's PGlite dialect hands its one connection to everybody at once, so that a query of one request would run inside the
 * transaction of another. Here whoever takes the connection has it alone until it is given back.
 */
class OneAtATime extends PGliteDialect {
  override createDriver(): Driver {
    const driver = super.createDriver()
    const acquire = driver.acquireConnection.bind(driver)
    let free = Promise.resolve()
    let giveBack = () => {}
    driver.acquireConnection = async (options) => {
      const before = free
      let done = () => {}
      free = new Promise((resolve) => {
        done = resolve
      })
      await before
      giveBack = done
      return acquire(options)
    }
    driver.releaseConnection = async () => giveBack()
    return driver
  }
}
