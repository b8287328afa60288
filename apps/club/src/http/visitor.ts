import { createMiddleware } from 'hono/factory'
import { userOf } from '../accounts/auth.ts'
import type { Club, ClubContext, Env, Visitor } from './context.ts'

/** Finds out who is asking and what they have, once for each request. */
export const knowVisitor = (club: Pick<Club, 'auth' | 'dues' | 'isStaff'>) =>
  createMiddleware<Env>(async (c, next) => {
    const user = await userOf(club.auth, c.req.raw.headers)
    c.set('visitor', user && { user, member: await club.dues.member(user), staff: club.isStaff(user) })
    await next()
  })

/** The visitor of a page for members; a stranger is led to the sign-in page and back again. */
export const membersOnly = createMiddleware<Env>(async (c, next) => {
  if (c.get('visitor')) return next()
  const { pathname, search } = new URL(c.req.url)
  const back = c.req.method === 'GET' ? pathname + search : '/members'
  return c.redirect(`/sign-in?next=${encodeURIComponent(back)}`, 303)
})

/** The visitor behind `membersOnly`. */
export function visitorOf(c: ClubContext): Visitor {
  const visitor = c.get('visitor')
  if (!visitor) throw new Error(`${c.req.path} is not behind membersOnly`)
  return visitor
}

/** A word of the address, without NUL as in a field. */
export const asked = (c: ClubContext, name: string): string => (c.req.query(name) ?? '').replaceAll('\0', '')

/** One field of a posted form, as text without space around it, and without NUL, which PostgreSQL cannot keep. */
export async function field(c: ClubContext, name: string): Promise<string> {
  const value = (await c.req.parseBody())[name]
  return typeof value === 'string' ? value.replaceAll('\0', '').trim() : ''
}
