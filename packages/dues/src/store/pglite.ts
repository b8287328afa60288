import type { Database, Executor } from './database.ts'
import { translate } from './unavailable.ts'

type Results = { rows: unknown[] }

/** The part of PGlite's transaction that we need. */
type PgliteTransaction = {
  query(sql: string, params?: unknown[]): Promise<Results>
  exec(sql: string): Promise<Results[]>
}

/** The part of PGlite that we need. Structural, so that PGlite stays an optional peer that is never imported. */
export interface PgliteLike {
  query(sql: string, params?: unknown[]): Promise<Results>
  exec(sql: string): Promise<Results[]>
  transaction<Result>(work: (tx: PgliteTransaction) => Promise<Result>): Promise<Result>
  listen(channel: string, callback: (payload: string) => void): Promise<() => Promise<void>>
}

export function isPglite(source: object): source is PgliteLike {
  return 'exec' in source && 'transaction' in source
}

/** A script that brings its own transaction, as pg-boss's do. */
const ownTransaction = /^\s*BEGIN;([\s\S]*)COMMIT;\s*$/i

/** Makes a `Database` of a PGlite: one connection, one process. */
export function fromPglite(pglite: PgliteLike): Database {
  const run = async <Row>(on: Pick<PgliteTransaction, 'query'>, sql: string, params?: readonly unknown[]) => {
    try {
      const { rows } = await on.query(sql, params && [...params])
      return rows as Row[]
    } catch (error) {
      throw withoutParameters(error)
    }
  }
  const flatten = (results: Results[]) => results.flatMap(({ rows }) => rows as Record<string, unknown>[])
  return {
    engine: 'pglite',
    query: (sql, params) => run<never>(pglite, sql, params).catch(rethrow),
    transaction: (work) =>
      pglite
        .transaction((tx) => {
          const executor: Executor = { query: (sql, params) => run(tx, sql, params) }
          return work(executor)
        })
        .catch(rethrow),
    async script(sql) {
      // A script that fails after its own BEGIN would leave PGlite's only connection in an aborted transaction,
      // and the next statement, anybody's, would fail. PGlite's own transaction is rolled back before that.
      const inner = ownTransaction.exec(sql)?.[1]
      const ran = inner === undefined ? pglite.exec(sql) : pglite.transaction((tx) => tx.exec(inner))
      return flatten(await ran.catch(rethrow))
    },
    // PGlite has no connection to lose, so there is never a gap to report.
    listen: (channel, { onMessage }) => pglite.listen(channel, onMessage).catch(rethrow),
    async notify(channel, payload) {
      await run(pglite, 'select pg_notify($1, $2)', [channel, payload]).catch(rethrow)
    },
    close: async () => undefined,
  }
}

/** PGlite's errors carry what the statement was given, whole events among it, and errors travel to logs. */
function withoutParameters(error: unknown): unknown {
  if (error instanceof Error) Reflect.deleteProperty(error, 'params')
  return error
}

function rethrow(error: unknown): never {
  throw translate(error)
}
