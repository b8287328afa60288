import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { startPostgres } from '../../../testing/postgres.ts'
import type { WorldDatabase } from './world.ts'

/** A pool whose clients may break when nobody waits for them, as they do when their server ends. Unheard, that would end the run. */
export function deafPool(connectionString: string, options: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({ connectionString, ...options })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => void client.on('error', () => undefined))
  return pool
}

/** Databases for worlds side by side: one PGlite, the others on a PostgreSQL server that ends with them. */
export async function openDatabases(count: number): Promise<{ databases: WorldDatabase[]; close(): Promise<void> }> {
  const pglite = await PGlite.create()
  const databases: WorldDatabase[] = [
    {
      engine: 'PGlite',
      database: pglite,
      query: async (sql, parameters) => (await pglite.query<never>(sql, parameters)).rows,
    },
  ]
  const server = count > 1 ? await startPostgres() : null
  const pools: pg.Pool[] = []
  for (let n = 1; server !== null && n < count; n++) {
    const name = `chaos_${n}`
    const admin = new pg.Client({ connectionString: server.url })
    await admin.connect()
    await admin.query(`create database ${name} template template0`)
    await admin.end()
    const url = Object.assign(new URL(server.url), { pathname: `/${name}` }).href
    const pool = deafPool(url, { max: 2, application_name: 'chaos' })
    pools.push(pool)
    databases.push({
      engine: 'PostgreSQL',
      database: url,
      query: async (sql, parameters) => (await pool.query(sql, parameters)).rows,
    })
  }
  return {
    databases,
    async close() {
      await Promise.all(pools.map((pool) => pool.end()))
      await server?.stop()
      await pglite.close()
    },
  }
}
