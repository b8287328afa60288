import { randomBytes } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { ClubDues } from '../billing.ts'
import type { Tables } from '../database.ts'

/** A sheet that was ordered on paper. */
export type Print = { readonly id: string; readonly orderedAt: Date }

/** Prints on paper: so many a month, by the member's plan. */
export type Prints = {
  /**
   * Counts the print and puts it into the post, once for each order however often its form is sent. Throws the `limit_reached` of Dues when
   * the month has no print left.
   */
  order(owner: string, project: string, order: string): Promise<void>
  /** Those of one project, the newest first. */
  list(owner: string, project: string): Promise<Print[]>
}

/** What a form carries, so that two clicks on it are one order. */
export const newOrder = (): string => randomBytes(9).toString('base64url')
export const isOrder = (text: string): boolean => /^[\w-]{12}$/.test(text)

export async function migratePrints(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('club_print')
    .ifNotExists()
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('ordered_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addPrimaryKeyConstraint('club_print_pkey', ['owner', 'id'])
    .execute()
  await db.schema
    .createIndex('club_print_project')
    .ifNotExists()
    .on('club_print')
    .columns(['owner', 'project'])
    .execute()
}

export function createPrints(db: Kysely<Tables>, usage: ClubDues['usage'], now: () => Date = () => new Date()): Prints {
  return {
    async order(owner, project, order) {
      await usage.use(owner, 'prints', 1, { key: order })
      try {
        const row = { id: order, owner, project, ordered_at: now() }
        await db
          .insertInto('club_print')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute()
      } catch (error) {
        // What was not printed is not counted.
        await usage.release(owner, 'prints', 1, { key: order })
        throw error
      }
    },
    async list(owner, project) {
      const rows = db.selectFrom('club_print').selectAll().where('owner', '=', owner).where('project', '=', project)
      return (await rows.orderBy('ordered_at', 'desc').orderBy('id').execute()).map((row) => ({
        id: row.id,
        orderedAt: row.ordered_at,
      }))
    },
  }
}
