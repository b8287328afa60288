import { createHash } from 'node:crypto'

/**
 * An idempotency key out of everything that makes a request what it is: two that are equal are one request to Stripe. It gives nothing away
 * of what it is made of.
 *
 * @see https://docs.stripe.com/api/idempotent_requests
 */
export const keyOf = (what: string, ...parts: readonly (string | number | null | undefined)[]): string =>
  `dues-${what}-${createHash('sha256').update(parts.map(String).join('\n')).digest('hex').slice(0, 40)}`
