import { createMiddleware } from 'hono/factory'

const harmless = ['GET', 'HEAD', 'OPTIONS']

/**
 * Refuses what another site makes a browser send. Browsers say where a request comes from (`Sec-Fetch-Site`, `Origin`); a
 * request that says neither comes from no browser, and nobody's cookies are borrowed by it.
 */
export const refuseCrossSite = createMiddleware(async (c, next) => {
  if (harmless.includes(c.req.method) || isSameSite(c.req.raw)) return next()
  return c.text('This request came from another site and was not carried out.', 403)
})

function isSameSite(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin' || site === 'none'
  const origin = request.headers.get('origin')
  if (origin === null) return true
  return URL.canParse(origin) && new URL(origin).host === new URL(request.url).host
}
