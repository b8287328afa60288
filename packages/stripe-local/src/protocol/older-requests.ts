import { apiVersion } from '../version.ts'
import { notSupported } from './errors.ts'
import { defaults, rewordings } from './older-words.ts'

type Pair = readonly [name: string, value: string]

/**
 * An encoded form that was written for the version in `Stripe-Version`, in today's words: what was renamed has its new name, and what was meant by
 * saying nothing is said. What an older version had and this one has not stays, and is refused by its name.
 *
 *     formInTodaysWords('POST /v1/subscriptions/{id}', '2025-10-29.clover', 'billing_cycle_anchor=now')
 *     // 'billing_cycle_anchor%5Btype%5D=now'
 */
export function formInTodaysWords(request: string, version: string, form: string): string {
  if (version >= apiVersion) return form
  const renames = rewordings.filter((one) => version < one.before && one.request.test(request))
  const meant = defaults.filter((one) => version < one.before && one.request.test(request))
  if (renames.length === 0 && meant.length === 0) return form
  const pieces = form === '' ? [] : form.split('&').map((piece) => pieceInTodaysWords(renames, piece))
  const said = [...new URLSearchParams(pieces.join('&'))].map(([name, value]) => `${name}=${value}`)
  const implied = meant.filter(
    ({ when, unless }) => said.every((one) => !unless.test(one)) && (!when || said.some((one) => when.test(one))),
  )
  return [...pieces, ...implied.map(({ today }) => encoded(today))].join('&')
}

/** What cannot be decoded is left to those who say so. */
function pieceInTodaysWords(renames: typeof rewordings, piece: string): string {
  const [first] = new URLSearchParams(piece)
  if (!first || !renames.some(({ parameter }) => parameter.test(first[0]))) return piece
  const words = renames.reduce<Pair[]>(
    (pairs, { parameter, today }) => pairs.flatMap((pair) => (parameter.test(pair[0]) ? today(...pair) : [pair])),
    [first],
  )
  return words.map(encoded).join('&')
}

const encoded = ([name, value]: Pair): string => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`

/**
 * The request that took the place of one that is no more: the upcoming invoice is a preview since 2025-03-31.basil.
 *
 * https://docs.stripe.com/changelog/basil/2025-03-31/invoice-preview-api-deprecations
 */
export function requestInTodaysWords(version: string, method: string, path: string): { method: string; path: string } {
  const same = { method, path }
  if (version >= '2025-03-31.basil' || method !== 'GET') return same
  if (path === '/v1/invoices/upcoming/lines')
    throw notSupported('GET /v1/invoices/upcoming/lines: the lines are in GET /v1/invoices/upcoming')
  return path === '/v1/invoices/upcoming' ? { method: 'POST', path: '/v1/invoices/create_preview' } : same
}
