import pg from 'pg'
import type { ClientLike, PoolLike } from './postgres.ts'

/** A statement that hangs holds a delivery; after this Stripe has given up on it and sends it again. */
const longestStatementMs = 30_000

const settings = { application_name: 'dues', max: 10, connectionTimeoutMillis: 5_000 }

/**
 * Opens a pool of our own. The server ends a statement that hangs, by a setting that each session begins with. A pooler such as pgbouncer
 * refuses a session that brings a setting which it does not keep track of; then nothing is asked of the server, and whoever hangs is given
 * up at this end.
 *
 * @see https://www.pgbouncer.org/config.html#ignore_startup_parameters
 */
export function openPool(connectionString: string): PoolLike {
  const open = (limit: { statement_timeout: number } | { query_timeout: number }): PoolLike => {
    const opened = new pg.Pool({ connectionString, ...settings, ...limit })
    // An idle client whose server goes away emits 'error' on the pool; unheard, it would end the process.
    // Whoever queries next gets the error where it can be answered.
    opened.on('error', () => undefined)
    return opened
  }
  let pool = open({ statement_timeout: longestStatementMs })
  let behindPooler = false

  /** A session that was refused has done nothing, so whatever it was for can be begun again. */
  const withPool = async <Result>(work: (pool: PoolLike) => Promise<Result>): Promise<Result> => {
    const used = pool
    try {
      return await work(used)
    } catch (error) {
      if (!isRefusedSession(error)) throw error
      // Of several that were refused together, one has opened the other pool already.
      if (used === pool) {
        if (behindPooler) throw error
        behindPooler = true
        // The other is left as it is: it has no connection, and what is in line there is refused as well and comes here.
        pool = open({ query_timeout: longestStatementMs })
      }
      return work(pool)
    }
  }
  return {
    connect: () => withPool<ClientLike>((used) => used.connect()),
    query: (sql, params) => withPool((used) => used.query(sql, params)),
    end: () => pool.end(),
    on: (event, heard) => pool.on(event, heard),
  }
}

/** What pgbouncer and PgCat answer; the SQLSTATE alone (a protocol violation) could be a statement's. */
function isRefusedSession(error: unknown): boolean {
  return error instanceof Error && /unsupported startup parameter/i.test(error.message)
}
