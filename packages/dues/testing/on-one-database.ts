import { afterAll, beforeAll, describe } from 'vitest'
import { onEachDatabase, type TestDatabase } from '../../../testing/databases.ts'

/**
 * Runs a suite on PGlite and on PostgreSQL, all of its tests on one database of each, emptied before each test:
 * a new one for every test takes longer than the tests. `open` once in a test, and close what was opened.
 */
export function onOneDatabase(name: string, suite: (open: () => Promise<TestDatabase>) => void): void {
  onEachDatabase(name, (open) => {
    // A describe of its own, so that this afterAll runs before the one that looks for what was left open.
    describe('one database', () => {
      let shared: TestDatabase
      // Not in the first test: opening a PGlite takes seconds where much else runs.
      beforeAll(async () => {
        shared = await open()
      })
      suite(async () => {
        await empty(shared)
        return { ...shared, close: async () => undefined }
      })
      afterAll(() => shared?.close())
    })
  })
}

/** Empties the tables of Dues and of its jobs, and removes what a test has made beside them. The schema stays. */
async function empty(database: TestDatabase): Promise<void> {
  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where (schemaname = 'dues' and tablename <> 'migration') or (schemaname = 'dues_jobs' and tablename = 'job')`,
  )
  if (tables.length > 0) await database.query(`truncate ${tables.map(({ name }) => name).join(', ')}`)
  const made = await database.query<{ name: string }>(
    "select format('%I', tablename) as name from pg_tables where schemaname = 'public'",
  )
  for (const { name } of made) await database.query(`drop table ${name} cascade`)
}
