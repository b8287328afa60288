import Stripe from 'stripe'
import { createVerifier, type Received, readEvent } from '../src/webhooks/verify.ts'

export const secret = 'whsec_test'

/** Signs a body as Stripe does. */
export function signed(payload: string, { at = 1_800_000_000, with: key = secret } = {}): string {
  return Stripe.webhooks.generateTestHeaderString({ payload, secret: key, timestamp: at })
}

/** An event as it is after the signature was checked. */
export function received(event: object): Received {
  const payload = JSON.stringify(event)
  const read = readEvent(JSON.parse(payload), payload)
  if (read === null) throw new Error('not an event')
  return read
}

/** An event through the real signature check. */
export function delivered(event: object, at = 1_800_000_000): Received {
  const payload = JSON.stringify(event)
  return createVerifier({ secrets: [secret], now: () => at })(payload, signed(payload, { at }))
}

let serial = 0

/** A thin event: it names an object and says nothing of it. */
export function aThinEvent(
  type: string,
  related: { id: string; type: string } | null,
  created = 1_800_000_000,
): object {
  serial += 1
  return {
    id: `evt_thin_${serial}`,
    object: 'v2.core.event',
    type,
    livemode: false,
    created: new Date(created * 1000).toISOString(),
    related_object: related && { ...related, url: `/v1/${related.type}s/${related.id}` },
  }
}
