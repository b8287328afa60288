import type { ClubDues } from '../billing.ts'
import type { People, Person } from './people.ts'

/** Somebody whom the club knows; or whom Dues alone knows, after a database was lost. */
export type Known = Pick<Person, 'id' | 'name' | 'email'> & { readonly joined: Date | null }

export const knownFrom = (person: Person | undefined, id: string): Known =>
  person
    ? { ...person, joined: person.createdAt }
    : { id, name: id, email: 'Nobody with this id has joined', joined: null }

/** Whom a page is about; null for somebody of whom neither the club nor Dues has ever heard. */
export async function personOf(club: { people: People; dues: ClubDues }, id = ''): Promise<Known | null> {
  if (id.includes('\0')) return null
  const person = (await club.people.byIds([id])).get(id)
  if (!person && (await club.dues.member(id)).state === 'none') return null
  return knownFrom(person, id)
}
