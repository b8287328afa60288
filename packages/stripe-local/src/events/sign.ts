import { createHmac } from 'node:crypto'

/**
 * The `Stripe-Signature` header of a body: HMAC-SHA256 over `t.body`.
 *
 * @param timestamp Unix seconds, by the account's clock: the receiver's tolerance is measured from it
 * @param secrets several while a secret is rolled; each gives a `v1`
 * @see https://docs.stripe.com/webhooks#verify-manually
 */
export function signatureHeader(body: string, secrets: readonly string[], timestamp: number): string {
  const signatures = secrets.map(
    (secret) => `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
  )
  return [`t=${timestamp}`, ...signatures].join(',')
}
