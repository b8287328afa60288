import type { IncomingMessage } from 'node:http'
import { PageError } from './page.ts'

/**
 * The headers that keep a page to itself: one stylesheet and one script, both from here, and no frame around it.
 *
 * `form-action` reaches further on the pages that end at the merchant's own address, because browsers check it against every redirect
 * that follows a form: `success_url` may lead on to anywhere.
 */
export const securityHeaders = (leadsOut: boolean): Record<string, string> => ({
  'content-security-policy': [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    `form-action 'self'${leadsOut ? ' http: https:' : ''}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
})

/**
 * Refuses what another site makes a browser send. Browsers say where a request comes from (`Sec-Fetch-Site`, `Origin`); a request that
 * says neither comes from no browser.
 */
export function refuseForeignPost(request: IncomingMessage): void {
  const { host } = request.headers
  const site = request.headers['sec-fetch-site']
  const { origin } = request.headers
  const own = site === undefined ? origin === undefined || hostOf(origin) === host : site === 'same-origin'
  if (!own) {
    throw new PageError(
      403,
      'This form came from another site',
      'Nothing was changed. Open the page here and send the form from it.',
    )
  }
}

/**
 * On loopback, refuses a name that is not this machine's: a site on the internet can point a name of its own at 127.0.0.1 and would
 * then read these pages as if they were its own. Whoever listens on another address has chosen to be found there.
 */
export function refuseForeignName(request: IncomingMessage, pagesUrl: string): void {
  if (new URL(pagesUrl).hostname !== 'localhost') return
  const name = hostOf(`http://${request.headers.host ?? 'localhost'}`)?.replace(/:\d+$/, '') ?? ''
  if (name === 'localhost' || name.endsWith('.localhost') || name === '127.0.0.1' || name === '[::1]') return
  throw new PageError(
    403,
    `Stripe Local is not called ${name} here`,
    'Open it as localhost, or start it with --host to make it known by another address.',
  )
}

const hostOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).host : undefined)
