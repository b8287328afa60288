import { createMiddleware } from 'hono/factory'
import type { User } from '../accounts/auth.ts'
import type { Env } from '../http/context.ts'
import type { Settings } from '../settings.ts'
import { demoStaff, isDemo } from './demo.ts'
import type { People } from './people.ts'

/** Whether somebody works for the club. */
export type IsStaff = (user: Pick<User, 'email'>) => boolean

/** The addresses of those who work for the club. */
export const staffOf = (settings: Settings): readonly string[] =>
  settings.staff ?? (isDemo(settings) ? [demoStaff.email] : [])

export function createIsStaff(emails: readonly string[]): IsStaff {
  const known = new Set(emails)
  return ({ email }) => known.has(email.toLowerCase())
}

/** Everybody else finds nothing here: an answer that differs from that of an address that is nowhere would be a hint. */
export const staffOnly = createMiddleware<Env>(async (c, next) => (c.get('visitor')?.staff ? next() : c.notFound()))

/**
 * Addresses that are named as staff's and have not joined, in a sentence; null when there are none. An address that is named cannot
 * join any more: nobody has shown that it is theirs, and whoever came first would be staff.
 */
export async function missingStaff(people: People, emails: readonly string[]): Promise<string | null> {
  const joined = new Set((await people.byEmails(emails)).map(({ email }) => email))
  const missing = emails.filter((email) => !joined.has(email))
  if (missing.length === 0) return null
  return `CLUB_STAFF names ${missing.join(', ')}, with whom nobody has joined. Start once without the setting, join, and name them again.`
}
