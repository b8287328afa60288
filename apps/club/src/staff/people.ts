import { type Kysely, sql } from 'kysely'
import type { Tables } from '../database.ts'

/** Somebody who has joined. */
export type Person = { readonly id: string; readonly name: string; readonly email: string; readonly createdAt: Date }

/** Who has joined the club, as Better Auth keeps them. */
export function createPeople(db: Kysely<Tables>) {
  const people = () => db.selectFrom('club_user').select(['id', 'name', 'email', 'createdAt'])
  return {
    async byIds(ids: readonly string[]): Promise<Map<string, Person>> {
      const found = ids.length === 0 ? [] : await people().where('id', 'in', ids).execute()
      return new Map(found.map((person) => [person.id, person]))
    },
    async byEmails(emails: readonly string[]): Promise<Person[]> {
      return emails.length === 0 ? [] : people().where('email', 'in', emails).execute()
    },
    /** By a part of the name or the address, the newest first. */
    async search(text: string, most = 50): Promise<Person[]> {
      const part = `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
      const like = sql<boolean>`(lower(name) like ${part} or email like ${part})`
      return people().where(like).orderBy('createdAt', 'desc').orderBy('id').limit(most).execute()
    },
  }
}

export type People = ReturnType<typeof createPeople>
