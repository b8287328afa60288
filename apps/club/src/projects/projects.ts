import { randomBytes } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../database.ts'
import { type Character, characters } from '../sheets/terrain.ts'

/** A member's invented place. */
export type Project = {
  readonly id: string
  readonly name: string
  readonly character: Character
  readonly createdAt: Date
}

/** The projects of members, each seen by its owner alone. */
export type Projects = {
  list(owner: string): Promise<Project[]>
  count(owner: string): Promise<number>
  find(owner: string, id: string): Promise<Project | null>
  /** Null when the owner has as many as `limit` allows. */
  add(owner: string, what: { name: string; character: Character; limit: number }): Promise<Project | null>
  remove(owner: string, id: string): Promise<void>
}

export const isCharacter = (text: unknown): text is Character => characters.some((one) => one === text)

export async function migrateProjects(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('club_project')
    .ifNotExists()
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('character', 'text', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .execute()
  await db.schema.createIndex('club_project_owner').ifNotExists().on('club_project').column('owner').execute()
}

export function createProjects(db: Kysely<Tables>): Projects {
  return {
    async list(owner) {
      const rows = db.selectFrom('club_project').selectAll().where('owner', '=', owner)
      return (await rows.orderBy('created_at', 'desc').orderBy('id').execute()).map(shown)
    },
    count: async (owner) => (await counted(db, owner)).n,
    async find(owner, id) {
      const found = db.selectFrom('club_project').selectAll().where('owner', '=', owner).where('id', '=', id)
      const row = await found.executeTakeFirst()
      return row ? shown(row) : null
    },
    add: (owner, { name, character, limit }) =>
      db.transaction().execute(async (tx) => {
        // One owner's additions wait for each other: counted apart, two at once would both be the last that fits.
        await sql`select pg_advisory_xact_lock(hashtext(${`club_project/${owner}`}))`.execute(tx)
        if ((await counted(tx, owner)).n >= limit) return null
        const row = { id: randomBytes(9).toString('base64url'), owner, name, character, created_at: new Date() }
        await tx.insertInto('club_project').values(row).execute()
        return shown(row)
      }),
    async remove(owner, id) {
      await db.deleteFrom('club_project').where('owner', '=', owner).where('id', '=', id).execute()
    },
  }
}

const counted = (db: Kysely<Tables>, owner: string): Promise<{ n: number }> =>
  db
    .selectFrom('club_project')
    .select(sql<number>`count(*)::int`.as('n'))
    .where('owner', '=', owner)
    .executeTakeFirstOrThrow()

function shown(row: Tables['club_project']): Project {
  return {
    id: row.id,
    name: row.name,
    character: isCharacter(row.character) ? row.character : 'highland',
    createdAt: row.created_at,
  }
}
