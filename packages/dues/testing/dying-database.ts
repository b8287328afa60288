import { DuesError } from '../src/errors.ts'
import type { Database, Executor } from '../src/store/database.ts'

/**
 * A database that a process loses after so many statements: that one and all later ones fail, as they do when the
 * process dies. What was committed before stays; a transaction that was open is rolled back.
 */
export function dyingDatabase(database: Database): Database & {
  /** @param failures how many of those that follow fail; all of them unless told, as of a process that is dead. */
  dieAfter(statements: number, failures?: number): void
  spent(): number
  died(): boolean
  /** A step of the process that is no statement: a call to Stripe, say. */
  step(): Promise<void>
} {
  let left = Number.POSITIVE_INFINITY
  let failing = Number.POSITIVE_INFINITY
  let spent = 0
  let died = false
  const gate = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    if (left <= 0 && failing > 0) {
      died = true
      failing -= 1
      throw new DuesError('database_unavailable', 'The process died here.')
    }
    left -= 1
    spent += 1
    return run()
  }
  return {
    ...database,
    dieAfter: (statements, failures = Number.POSITIVE_INFINITY) => {
      left = statements
      failing = failures
      spent = 0
      died = false
    },
    spent: () => spent,
    died: () => died,
    step: () => gate(async () => undefined),
    query: (sql, params) => gate(() => database.query(sql, params)),
    script: (sql) => gate(() => database.script(sql)),
    transaction: (work) =>
      gate(() =>
        database.transaction(async (tx) => {
          const inside: Executor = { query: (sql, params) => gate(() => tx.query(sql, params)) }
          const result = await work(inside)
          // The commit is a statement, too.
          await gate(async () => undefined)
          return result
        }),
      ),
  }
}
