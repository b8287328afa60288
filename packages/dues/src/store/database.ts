import { fromPglite, isPglite, type PgliteLike } from './pglite.ts'
import { connectPostgres, fromPool, type PoolLike } from './postgres.ts'

export type { PgliteLike } from './pglite.ts'
export type { PoolLike } from './postgres.ts'

/**
 * Where SQL can be run: the database itself, or one transaction of it.
 * JSON goes in as text with a cast (`$1::jsonb`), and `bigint` comes out through `to_jsonb` or a cast to `float8`:
 * node-postgres and PGlite disagree about how either travels as a value.
 */
export interface Executor {
  query<Row = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<Row[]>
}

/** What is heard on a channel, and what to do when something may have been missed. */
export type Listener = {
  onMessage: (payload: string) => void
  /** Called when the connection is lost: until `onGap` nothing is heard. */
  onLost?: () => void
  /** Called after a lost connection is back: what was sent meanwhile is gone, so forget what you cached. */
  onGap?: () => void
}

/** The one database of Dues, whatever it is made of. Failures to reach it are `DuesError` `database_unavailable`. */
export interface Database extends Executor {
  readonly engine: 'postgres' | 'pglite'
  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it throws.
   * Inside it use the executor it is given and nothing else: PGlite has one connection, and the database's own
   * `query` would wait for the transaction that waits for it.
   */
  transaction<Result>(work: (tx: Executor) => Promise<Result>): Promise<Result>
  /** Runs several statements without parameters, such as a migration or a script of pg-boss's. */
  script(sql: string): Promise<Record<string, unknown>[]>
  /** Hears `notify` of every process on the same database. Resolves to the function that stops it. */
  listen(channel: string, listener: Listener): Promise<() => Promise<void>>
  notify(channel: string, payload: string): Promise<void>
  /** Closes what Dues opened. A pool or a PGlite that was handed in stays open: it belongs to the app. */
  close(): Promise<void>
}

/** What `createDues({database})` takes: a connection string, a pg `Pool`, or a PGlite. */
export type DatabaseSource = string | PoolLike | PgliteLike

/**
 * Makes the one `Database` interface out of a connection string, a pg `Pool` or a PGlite.
 * Nothing is connected yet: the first query does that.
 *
 * @example
 * const database = openDatabase('postgres://app@localhost/app')
 * const rows = await database.query<{ n: number }>('select 1 as n') // [{ n: 1 }]
 */
export function openDatabase(source: DatabaseSource): Database {
  if (typeof source === 'string') return connectPostgres(source)
  return isPglite(source) ? fromPglite(source) : fromPool(source)
}
