import type { PGlite } from '@electric-sql/pglite'
import type pg from 'pg'
import type { PgliteLike } from '../src/store/pglite.ts'
import type { ClientLike, PoolLike } from '../src/store/postgres.ts'
import type { Life } from './life.ts'

/** What goes wrong between the processes and their database. */
export type DatabaseTrouble = {
  /** Asked for each statement: `down` it was not carried out, `lost` it was and the answer did not arrive. */
  strike(): 'down' | 'lost' | null
}

/** `undo`: what becomes of a result that nobody is told of, where it would stay with somebody. */
type Run = <Result>(sql: string, run: () => Promise<Result>, undo?: (result: Result) => void) => Promise<Result>

/** What pg-boss asks by itself comes when it comes: a boundary there would be another one in each run. */
const isPolling = (sql: string) => sql.includes('dues_jobs') || sql.includes('pgboss')

function through(life: Life, trouble: DatabaseTrouble): Run {
  return (sql, run, undo) =>
    life.guard(
      async () => {
        const struck = trouble.strike()
        if (struck === 'down') throw gone('ECONNREFUSED')
        const result = await run()
        if (struck !== 'lost') return result
        undo?.(result)
        throw gone('ECONNRESET')
      },
      { counts: !isPolling(sql) },
    )
}

const gone = (code: string) => Object.assign(new Error(`connect ${code} (a fault of the chaos run)`), { code })

/** One process's connection to a PGlite that outlives it. What it had not committed when it died is rolled back. */
export function fragilePglite(pglite: PGlite, life: Life, trouble: DatabaseTrouble): PgliteLike {
  const run = through(life, trouble)
  return {
    query: (sql, params) => run(sql, () => pglite.query(sql, params)),
    exec: (sql) => run(sql, () => pglite.exec(sql)),
    transaction: (work) =>
      run('begin', () =>
        pglite.transaction(async (tx) => {
          const inside = {
            query: (sql: string, params?: unknown[]) => run(sql, () => tx.query(sql, params)),
            exec: (sql: string) => run(sql, () => tx.exec(sql)),
          }
          const result = await Promise.race([work(inside), life.death])
          life.boundary()
          return result
        }),
      ),
    listen: (channel, heard) => pglite.listen(channel, (payload) => void (life.dead || heard(payload))),
  }
}

/** One process's connections to a PostgreSQL server. What it holds breaks when it dies, and the server rolls back. */
export function fragilePool(pool: pg.Pool, life: Life, trouble: DatabaseTrouble): PoolLike {
  const run = through(life, trouble)
  const lent = new Set<pg.PoolClient>()
  const giveBack = (client: pg.PoolClient, broken?: Error | boolean) => {
    if (lent.delete(client)) client.release(broken)
  }
  life.onDeath(() => {
    for (const client of lent) giveBack(client, true)
  })
  const fragile = (client: pg.PoolClient): ClientLike => ({
    query: (sql, params) => run(sql, () => client.query(sql, params)),
    release: (broken) => giveBack(client, broken),
    on: (name: string, heard: (what: never) => void) => client.on(name as 'error', heard as () => void),
    off: (name: string, heard: (what: never) => void) => client.off(name as 'error', heard as () => void),
  })
  return {
    query: (sql, params) => run(sql, () => pool.query(sql, params)),
    connect: () =>
      run(
        'connect',
        async () => {
          const client = await pool.connect()
          lent.add(client)
          if (life.dead) giveBack(client, true)
          return { client, fragile: fragile(client) }
        },
        // Nobody has it who could give it back: a few of those, and a process waits for a connection for ever.
        ({ client }) => giveBack(client, true),
      ).then((made) => made.fragile),
    end: async () => undefined,
    on: (name, heard) => pool.on(name, heard),
  }
}
