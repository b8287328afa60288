import pg from 'pg'
import type { ClientLike, PoolLike } from '../src/store/postgres.ts'

/** Rows of one table that one statement (or one transaction) read. */
export type Reading = { table: string; rows: number; sql: string }

const counters = `select relname as table, (seq_tup_read + coalesce(idx_tup_fetch, 0))::float8 as rows
  from pg_stat_xact_user_tables where schemaname = 'dues'`

/**
 * A pool that counts how many rows of each of Dues' tables every statement reads, those inside of functions and triggers too, and notes
 * whatever reads more than `most`. What the planner made of a statement is not asked: what counts is what it cost.
 */
export function watchReads(connectionString: string, { most }: { most: number }): PoolLike & { readings: Reading[] } {
  const pool = new pg.Pool({ connectionString, application_name: 'dues', max: 10 })
  const readings: Reading[] = []
  const count = async (client: pg.PoolClient) =>
    new Map(
      (await client.query<{ table: string; rows: number }>(counters)).rows.map(({ table, rows }) => [table, rows]),
    )
  const note = async (client: pg.PoolClient, before: Map<string, number>, sql: string) => {
    for (const [table, after] of await count(client)) {
      const rows = after - (before.get(table) ?? 0)
      if (rows > most) readings.push({ table, rows, sql: sql.replaceAll(/\s+/g, ' ') })
    }
  }

  const watched = async (sql: string, params?: unknown[]) => {
    const client = await pool.connect()
    try {
      // A script brings its own transaction, and is of the jobs or a migration.
      if (params === undefined && /;\s*\S/.test(sql)) return await client.query(sql)
      await client.query('begin')
      const before = await count(client)
      const result = await client.query(sql, params)
      await note(client, before, sql)
      await client.query('commit')
      return result
    } catch (error) {
      await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  }
  return {
    readings,
    query: watched,
    async connect() {
      const client = await pool.connect()
      let before = new Map<string, number>()
      let sqls: string[] = []
      const query: ClientLike['query'] = async (sql, params) => {
        if (sql === 'commit') await note(client, before, sqls.join('; '))
        const result = await client.query(sql, params)
        if (sql === 'begin') {
          before = await count(client)
          sqls = []
        } else sqls.push(sql)
        return result
      }
      return new Proxy(client, {
        get: (target, name) => {
          if (name === 'query') return query
          const value: unknown = Reflect.get(target, name)
          return typeof value === 'function' ? value.bind(target) : value
        },
      }) as unknown as ClientLike
    },
    end: () => pool.end(),
    on: (event, heard) => pool.on(event, heard),
  }
}
