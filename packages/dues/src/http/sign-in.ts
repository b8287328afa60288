import type { Paths } from '../options.ts'
import { ownPath } from './origin.ts'
import { seeOther } from './replies.ts'

/**
 * Sends a browser to sign in, and back afterwards: to where it wanted to go, or, since a POST cannot be come back to, to the page that the
 * form was on.
 */
export function toSignIn(request: Request, origin: string, { signIn, pricing }: Paths): Response {
  const { pathname, search } = new URL(request.url)
  const next =
    request.method === 'POST' ? (ownPath(request.headers.get('referer'), origin) ?? pricing) : pathname + search
  const target = new URL(signIn, origin)
  target.searchParams.set('next', next)
  return seeOther(target.pathname + target.search)
}
