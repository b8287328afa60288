import { createHash } from 'node:crypto'
import type { Database, Executor } from './database.ts'
import { functions } from './functions.ts'
import { migrations } from './migrations/index.ts'

/** One numbered step of the schema: never changed once released, only followed by another. */
export type Migration = {
  /** A number and a name, as in `0001_mirror`. Run in this order, each once. */
  id: string
  sql: string
}

/**
 * Brings the schema `dues` up to date: each migration that has not run yet, in order, and the functions if they are others, in one transaction.
 * An advisory lock lets several processes start at once: the others wait, then find nothing left to do.
 *
 * @returns the ids of the migrations that ran now
 */
export async function migrate(database: Database, steps: readonly Migration[] = migrations): Promise<string[]> {
  const ordered = [...steps].sort((a, b) => (a.id < b.id ? -1 : 1))
  return database.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock(hashtext('dues.migrate'))")
    await tx.query('create schema if not exists dues')
    await tx.query(
      'create table if not exists dues.migration (id text primary key, applied_at timestamptz not null default now())',
    )
    const done = new Set((await tx.query<{ id: string }>('select id from dues.migration')).map(({ id }) => id))
    const ran: string[] = []
    for (const { id, sql } of ordered) {
      if (done.has(id)) continue
      for (const statement of statementsOf(sql)) await tx.query(statement)
      await tx.query('insert into dues.migration (id) values ($1)', [id])
      ran.push(id)
    }
    await replaceFunctions(tx)
    return ran
  })
}

/** Written down beside the migrations under what their text comes to, so that a start finds with one look that they are the same. */
async function replaceFunctions(tx: Executor): Promise<void> {
  const id = `functions_${createHash('sha256').update(functions).digest('hex').slice(0, 16)}`
  if ((await tx.query('select 1 from dues.migration where id = $1', [id])).length > 0) return
  for (const statement of statementsOf(functions)) await tx.query(statement)
  await tx.query("delete from dues.migration where id like 'functions\\_%'")
  await tx.query('insert into dues.migration (id) values ($1)', [id])
}

/**
 * PGlite's `query` runs one statement at a time, so a migration is cut at the semicolons that end a line.
 * A function body keeps its semicolons inside `$$`.
 */
export function statementsOf(sql: string): string[] {
  const statements: string[] = []
  let inBody = false
  let current = ''
  for (const line of sql.split('\n')) {
    if ((line.match(/\$\$/g)?.length ?? 0) % 2 === 1) inBody = !inBody
    current += `${line}\n`
    if (inBody || !/;\s*(--.*)?$/.test(line)) continue
    statements.push(current.trim())
    current = ''
  }
  if (current.trim() !== '') statements.push(current.trim())
  return statements
}
