import { randomBytes } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The character of each byte. Bytes from 248 on have none: with them the first eight letters would come more often than the rest. */
const characters = Uint8Array.from({ length: 248 }, (_, byte) => alphabet.charCodeAt(byte % alphabet.length))

let pool = ''
let used = 0

/** Random characters of Stripe's alphabet. They are drawn in bulk, because a subscription alone needs a dozen ids. */
export function randomCharacters(length: number): string {
  if (used + length > pool.length) {
    pool = drawCharacters()
    used = 0
  }
  used += length
  return pool.slice(used - length, used)
}

/** Not too many: a part of this text that is kept keeps the whole. */
function drawCharacters(): string {
  const bytes = randomBytes(1024)
  let kept = 0
  for (let at = 0; at < bytes.length; at++) {
    const character = characters[bytes[at] ?? 0]
    if (character !== undefined) bytes[kept++] = character
  }
  return bytes.toString('latin1', 0, kept)
}

const base62 = (value: number, length: number): string => {
  let text = ''
  for (let rest = value; text.length < length; rest = Math.floor(rest / 62)) text = alphabet[rest % 62] + text
  return text
}

/** Prefixes whose ids are 14 random characters; the rest carry a time, the account and 8 random ones, 24 in all. */
const shortPrefixes = new Set(['cus', 'prod', 'si', 'price_tier'])

/** What belongs to a payment: ids that begin with a 3 where others have a 1. */
const paymentPrefixes = new Set(['pi', 'ch', 'py', 're', 'pyr', 'txn', 'payatt'])

/**
 * An id in Stripe's form: `cus_TOnRzwk3w8KAot`, `sub_1SRzqCKXBGcbgpbZ9C2XUF1a`, `cs_test_a1…`.
 *
 * @param prefix what stands before the underscore, e.g. `in`
 * @param accountId the account, of which ids of the long form carry ten characters
 * @param now Unix seconds
 */
export function newId(prefix: string, accountId: string, now: number): string {
  if (shortPrefixes.has(prefix)) return flat(prefix, '_', randomCharacters(14))
  if (prefix === 'cs') return flat('cs_test_a1', randomCharacters(56))
  const generation = paymentPrefixes.has(prefix) ? '3' : '1'
  return flat(prefix, '_', generation, stampOf(accountId, now), randomCharacters(8))
}

/** The id of a request. It belongs to no account until its key is known. */
export const newRequestId = (): string => flat('req_', randomCharacters(14))

let stamped = { accountId: '', now: 0, text: '' }

/** What ids that were made by one account in the same second have in common. */
function stampOf(accountId: string, now: number): string {
  if (stamped.now !== now || stamped.accountId !== accountId)
    stamped = { accountId, now, text: base62(now, 5) + accountId.slice(-10) }
  return stamped.text
}

/** Text in one piece. What `+` puts together stays in its pieces, and ids are kept by the million: they would take three times the memory. */
const flat = (...pieces: string[]): string => pieces.join('')
