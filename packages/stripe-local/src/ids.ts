import { randomBytes } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

let pool: Buffer = Buffer.alloc(0)
let used = 0

/** Random characters of Stripe's alphabet. They are drawn in bulk, because a subscription alone needs a dozen ids. */
export function randomCharacters(length: number): string {
  if (used + length > pool.length) {
    pool = drawCharacters()
    used = 0
  }
  used += length
  return pool.toString('latin1', used - length, used)
}

/** Bytes from 248 on are left out: with them the first eight letters would come more often than the rest. */
function drawCharacters(): Buffer {
  const bytes = randomBytes(8192)
  let kept = 0
  for (const byte of bytes) if (byte < 248) bytes[kept++] = alphabet.charCodeAt(byte % 62)
  return bytes.subarray(0, kept)
}

const base62 = (value: number, length: number): string => {
  let text = ''
  for (let rest = value; text.length < length; rest = Math.floor(rest / 62)) text = alphabet[rest % 62] + text
  return text
}

/** Prefixes whose ids are 14 random characters; the rest carry a time, the account and 8 random ones, 24 in all. */
const shortPrefixes = new Set(['cus', 'prod', 'si', 'req', 'price_tier'])

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
  if (shortPrefixes.has(prefix)) return `${prefix}_${randomCharacters(14)}`
  if (prefix === 'cs') return `cs_test_a1${randomCharacters(56)}`
  if (prefix === 'bps') return `bps_1${base62(now, 5)}${accountId.slice(-10)}${randomCharacters(8)}`
  const generation = paymentPrefixes.has(prefix) ? '3' : '1'
  return `${prefix}_${generation}${base62(now, 5)}${accountId.slice(-10)}${randomCharacters(8)}`
}
