import { DuesError } from '../errors.ts'
import type { Database, Executor, Listener } from './database.ts'
import { openPool } from './pool.ts'
import { translate } from './unavailable.ts'

type Results = { rows: unknown[] }
type Notification = { channel: string; payload?: string | undefined }

/** The part of a pg client that we need. */
export interface ClientLike {
  query(sql: string, params?: unknown[]): Promise<Results | Results[]>
  release(error?: Error | boolean): void
  on(event: 'notification', heard: (message: Notification) => void): unknown
  on(event: 'error' | 'end', heard: (error?: Error) => void): unknown
  off(event: 'notification', heard: (message: Notification) => void): unknown
  off(event: 'error' | 'end', heard: (error?: Error) => void): unknown
}

/** The part of a pg `Pool` that we need. */
export interface PoolLike {
  connect(): Promise<ClientLike>
  query(sql: string, params?: unknown[]): Promise<Results | Results[]>
  end(): Promise<void>
  on(event: 'error', heard: (error: Error) => void): unknown
}

/** Opens a pool of our own on a connection string. It is closed with the database. */
export function connectPostgres(connectionString: string): Database {
  const secrets = secretsOf(connectionString)
  try {
    return fromPool(openPool(connectionString), { secrets, owned: true })
  } catch (error) {
    throw translate(error, secrets)
  }
}

/** Makes a `Database` of a pg `Pool`. A pool that was handed in stays the app's: `close` leaves it open. */
export function fromPool(
  pool: PoolLike,
  { secrets = [], owned = false }: { secrets?: readonly string[]; owned?: boolean } = {},
): Database {
  const rethrow = (error: unknown): never => {
    throw translate(error, secrets)
  }
  const listeners = new Set<() => Promise<void>>()
  return {
    engine: 'postgres',
    query: async (sql, params) => rowsOf(await pool.query(sql, params && [...params]).catch(rethrow)),
    transaction: (work) => inTransaction(pool, work).catch(rethrow),
    script: async (sql) => rowsOf(await pool.query(sql).catch(rethrow)),
    async listen(channel, listener) {
      const stop = await listenOn(pool, channel, listener).catch(rethrow)
      listeners.add(stop)
      return async () => {
        listeners.delete(stop)
        await stop()
      }
    },
    async notify(channel, payload) {
      await pool.query('select pg_notify($1, $2)', [channel, payload]).catch(rethrow)
    },
    async close() {
      await Promise.all([...listeners].map((stop) => stop()))
      if (owned) await pool.end()
    },
  }
}

async function inTransaction<Result>(pool: PoolLike, work: (tx: Executor) => Promise<Result>): Promise<Result> {
  const client = await pool.connect()
  // A checked-out client has no listener of the pool's: a server that dies between two statements would end the process.
  let lost: Error | undefined
  const onLost = (error?: Error) => {
    lost ??= error ?? new Error('Connection terminated')
  }
  client.on('error', onLost)
  try {
    await client.query('begin')
    const result = await work({ query: async (sql, params) => rowsOf(await client.query(sql, params && [...params])) })
    await client.query('commit')
    client.off('error', onLost)
    client.release()
    return result
  } catch (error) {
    const rolledBack = await client.query('rollback').then(
      () => true,
      () => false,
    )
    client.off('error', onLost)
    // A client that cannot even roll back is in an unknown state: the pool drops it rather than lending it again.
    client.release(rolledBack && lost === undefined ? undefined : true)
    throw lost ?? error
  }
}

/**
 * Holds one client of the pool for LISTEN, and takes another with growing delays when it is lost.
 * The first one must succeed: an app that starts without its database should hear of it.
 */
async function listenOn(pool: PoolLike, channel: string, listener: Listener): Promise<() => Promise<void>> {
  if (!/^[a-z_]+$/.test(channel)) throw new DuesError('settings_invalid', `"${channel}" is not a channel name.`)
  let stopped = false
  let current: ClientLike | undefined
  let retry: NodeJS.Timeout | undefined

  const attach = async () => {
    const client = await pool.connect()
    const heard = (message: Notification) => {
      if (message.channel === channel) listener.onMessage(message.payload ?? '')
    }
    const letGo = () => {
      client.off('notification', heard)
      client.release(true)
    }
    // Stays on the client for good: one that is being destroyed may still report that its socket broke.
    const lost = () => {
      if (current !== client) return
      current = undefined
      letGo()
      listener.onLost?.()
      again(1)
    }
    client.on('error', lost)
    client.on('end', lost)
    client.on('notification', heard)
    try {
      await client.query(`listen ${channel}`)
    } catch (error) {
      letGo()
      throw error
    }
    // Whoever stopped it meanwhile had no client to give back.
    if (stopped) letGo()
    else current = client
  }
  const again = (attempt: number) => {
    if (stopped) return
    const delay = Math.min(30_000, 100 * 2 ** attempt) * (0.5 + Math.random() / 2)
    retry = setTimeout(() => {
      attach().then(
        () => void (stopped || listener.onGap?.()),
        () => again(attempt + 1),
      )
    }, delay)
    retry.unref()
  }
  await attach()
  return async () => {
    stopped = true
    clearTimeout(retry)
    const client = current
    current = undefined
    // Destroyed rather than returned: the session still listens.
    client?.release(true)
  }
}

/** node-postgres answers a script of several statements with a list of results. */
function rowsOf<Row>(results: Results | Results[]): Row[] {
  return (Array.isArray(results) ? results.flatMap(({ rows }) => rows) : results.rows) as Row[]
}

/** What of a connection string must never reach a log: the whole of it, and the password as written and as meant. */
function secretsOf(connectionString: string): string[] {
  if (connectionString === '') return []
  const password = /:\/\/[^:/@]*:([^@]*)@/.exec(connectionString)?.[1]
  if (password === undefined || password === '') return [connectionString]
  return [connectionString, password, ...decoded(password)]
}

/** What a password in a URL means. None where a stray percent sign makes it mean nothing but what is written. */
function decoded(written: string): string[] {
  try {
    return [decodeURIComponent(written)]
  } catch {
    return []
  }
}
