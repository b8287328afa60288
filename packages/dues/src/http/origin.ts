import { DuesError } from '../errors.ts'
import { isJson } from './body.ts'

/**
 * Refuses (`cross_site`) a POST that another site made a browser send with the member's cookies. No token is needed for it:
 *
 * - Every browser of today says where a request comes from, in `Sec-Fetch-Site` (over https and on localhost) and in `Origin` (with
 *   every POST), and no page can change either header.
 * - What carries neither comes from no browser, unless a very old one. That one can send another site's form, so forms are
 *   refused then; JSON is not, because a browser asks before it sends JSON to another site and is never answered yes here.
 *
 * `Sec-Fetch-Site` comes first: behind a proxy that ends TLS the app sees `http:` where the page has `https:`, and `Origin` would seem
 * to be another. A neighbour (`same-site`) is refused like a stranger: subdomains are not always in the same hands.
 *
 * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function refuseCrossSite(request: Request, ownOrigin: string): void {
  if (isFromOwnSite(request, ownOrigin)) return
  throw new DuesError(
    'cross_site',
    'This request came from another site and was not carried out. Open the page here and try again.',
  )
}

function isFromOwnSite({ headers }: Request, ownOrigin: string): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  const origin = headers.get('origin')
  if (origin !== null) return origin === ownOrigin
  return isJson(headers.get('content-type') ?? '')
}

/** The app's own origin: the configured one, or that of the request. */
export const ownOrigin = (request: Request, baseUrl: string | null): string => new URL(baseUrl ?? request.url).origin

/**
 * A path of the app, out of something that came from outside: a full URL, a path, a Referer. Null for whatever a browser would take for
 * another site, such as `//evil.example` and `/\evil.example`.
 */
export function ownPath(given: string | null | undefined, origin: string): string | null {
  if (!given || !URL.canParse(given, origin)) return null
  const url = new URL(given, origin)
  // `/.//evil.example` becomes a path that is itself an address of another site.
  if (url.origin !== origin || url.pathname.startsWith('//')) return null
  return url.pathname + url.search
}
