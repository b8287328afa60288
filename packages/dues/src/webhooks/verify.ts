import Stripe from 'stripe'
import { DuesError } from '../errors.ts'
import { keepable } from '../mirror/text.ts'

/** A delivery that Stripe signed, read once. Nothing before `verify` looks into a body. */
export type Received = {
  id: string
  type: string
  /** Unix seconds, by Stripe's clock. */
  created: number
  /** The Connect account that the event is about; null for our own. */
  account: string | null
  /** The body as it was signed. */
  payload: string
  /** What the event's object looked like at `created`. Null for a thin event, which only names it. */
  snapshot: { id?: string; object: string } | null
  /** What a thin event is about. */
  related: { id: string; type: string } | null
}

export type VerifyOptions = {
  /** One secret for each endpoint, and two for one whose secret is being rolled. */
  secrets: readonly string[]
  /** Unix seconds; real time unless told. */
  now?: () => number
}

/** A signature older than this is refused, so that a recorded delivery cannot be played back. Never 0: that is "for ever". */
const toleranceSeconds = 300

/**
 * Makes the check that a body was signed by Stripe, over the raw body, against each secret, in constant time.
 * Snapshot events and thin events ("event notifications") both pass; they are told apart by their `object`.
 *
 * @throws DuesError `signature_invalid` (400): not from Stripe, changed on its way, or older than five minutes.
 * @throws DuesError `payload_invalid` (400): signed, but not an event.
 * @see https://docs.stripe.com/webhooks/signature
 */
export function createVerifier({ secrets, now = () => Math.floor(Date.now() / 1000) }: VerifyOptions) {
  const usable = secrets.filter((secret) => secret.trim() !== '')
  return (body: string | Uint8Array, header: string | null): Received => {
    if (usable.length === 0) {
      throw new DuesError(
        'settings_invalid',
        'There is no webhook secret, so no delivery can be believed. Set STRIPE_WEBHOOK_SECRET to the `whsec_…` of the endpoint.',
      )
    }
    const payload = typeof body === 'string' ? body : textOf(body)
    let refused: unknown
    for (const secret of usable) {
      try {
        Stripe.webhooks.signature?.verifyHeader(
          payload,
          header ?? '',
          secret,
          toleranceSeconds,
          undefined,
          now() * 1000,
        )
        return read(payload)
      } catch (error) {
        if (error instanceof DuesError) throw error
        refused = error
      }
    }
    throw new DuesError(
      'signature_invalid',
      'The signature does not fit this body. Check that STRIPE_WEBHOOK_SECRET is the secret of this very endpoint, that the body arrives unchanged, and that the clock of this machine is right.',
      // The SDK's error carries header and payload; its first line says which check failed.
      { details: { reason: refused instanceof Error ? (refused.message.split('\n')[0] ?? '') : '' } },
    )
  }
}

/**
 * The text of exactly these bytes. A decoder that mends what is no UTF-8, or drops a byte order mark, would let a body that was changed on its
 * way pass as the one that was signed.
 */
function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch (cause) {
    throw new DuesError('signature_invalid', 'The body is not UTF-8, so it is not what Stripe signed.', { cause })
  }
}

function read(payload: string): Received {
  const invalid = (what: string) =>
    new DuesError('payload_invalid', `The body is signed but is not an event: ${what}. Is this endpoint Stripe's?`)
  let parsed: unknown
  try {
    parsed = JSON.parse(payload)
  } catch {
    throw invalid('it is not JSON')
  }
  const event = readEvent(parsed, payload)
  if (event === null) throw invalid('it has no id, type and time that could be kept')
  return event
}

/** Reads an event as it travels: a snapshot event (`object: event`) or a thin one (`object: v2.core.event`). */
export function readEvent(parsed: unknown, payload: string): Received | null {
  if (!isRecord(parsed) || !isName(parsed.id) || !isName(parsed.type)) return null
  const common = { id: parsed.id, type: parsed.type, payload }
  if (parsed.object === 'v2.core.event') {
    const created = typeof parsed.created === 'string' ? Math.floor(Date.parse(parsed.created) / 1000) : Number.NaN
    if (Number.isNaN(created)) return null
    const related = parsed.related_object
    return {
      ...common,
      created,
      account: accountOf(parsed.context),
      snapshot: null,
      related:
        isRecord(related) && isName(related.id) && isName(related.type) ? { id: related.id, type: related.type } : null,
    }
  }
  if (!Number.isInteger(parsed.created)) return null
  const object = isRecord(parsed.data) ? parsed.data.object : null
  return {
    ...common,
    created: parsed.created as number,
    account: accountOf(parsed.account),
    snapshot: isRecord(object) && typeof object.object === 'string' ? (object as Received['snapshot']) : null,
    related: null,
  }
}

/** Text that the database keeps as it is, and can look for: an index takes no more. What names something is never mended. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 255 && keepable(value) === value
}

/** A thin event's context may be a path of accounts; the last one is where the object is. */
function accountOf(value: unknown): string | null {
  const last = isName(value) ? value.split('/').at(-1) : undefined
  return last?.startsWith('acct_') ? last : null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
