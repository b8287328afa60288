import type { Db } from 'pg-boss'
import type { Database, Executor } from '../store/database.ts'

/** Our database as pg-boss wants one. A script has no parameters and several statements. */
export function bossDatabase(database: Database): Db {
  return {
    async executeSql(text, values) {
      const rows = values?.length ? await database.query(text, values) : await database.script(text)
      return { rows }
    },
  }
}

/** One transaction of ours, so that a job is made in it or not at all. */
export function bossTransaction(tx: Executor): Db {
  return {
    async executeSql(text, values) {
      return { rows: await tx.query(text, values) }
    },
  }
}
