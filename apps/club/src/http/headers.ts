import { createMiddleware } from 'hono/factory'
import type { Env } from './context.ts'

/**
 * The headers that keep a page to itself: no script at all, nothing from elsewhere, no frame around it. Forms lead to the club,
 * and by a redirect to Stripe's pages, which a browser checks against `form-action`, too.
 */
export const secureHeaders = (checkoutOrigins: readonly string[]) => {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    `form-action 'self' ${checkoutOrigins.join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return createMiddleware<Env>(async (c, next) => {
    await next()
    const { headers } = c.res
    if (!headers.has('content-security-policy')) headers.set('content-security-policy', policy)
    headers.set('x-content-type-options', 'nosniff')
    headers.set('x-frame-options', 'DENY')
    headers.set('referrer-policy', 'same-origin')
    headers.set('cross-origin-opener-policy', 'same-origin')
    if (!headers.has('cache-control')) headers.set('cache-control', 'private, no-store')
  })
}
