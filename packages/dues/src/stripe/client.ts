import Stripe from 'stripe'
import { DuesError } from '../errors.ts'
import type { StripeClient, StripeKeys } from '../options.ts'

/**
 * The client that Dues speaks to Stripe with: the app's own, or one made of its keys. A member waits at the other end, so a call is
 * given up after ten seconds and repeated twice; the SDK repeats it under the same idempotency key.
 */
export function openStripe(options: StripeKeys | StripeClient): Stripe {
  if ('client' in options) return options.client
  const base = options.apiBase ? new URL(options.apiBase) : undefined
  return new Stripe(options.secretKey ?? '', {
    timeout: 10_000,
    maxNetworkRetries: 2,
    telemetry: false,
    appInfo: { name: 'dues' },
    ...(base && {
      host: base.hostname,
      port: base.port || undefined,
      protocol: base.protocol === 'http:' ? 'http' : 'https',
    }),
  })
}

/**
 * Runs a call to Stripe, and turns what Stripe says no with into a refusal of ours.
 *
 * Errors: `stripe_unavailable` (not reached, overloaded, broken), `payment_failed` (the card), `settings_invalid` (the key),
 * `price_archived`, `stripe_refused` (everything else). The details carry Stripe's request id and codes, never a key.
 */
export async function callStripe<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw translateStripeError(error)
  }
}

/** What Stripe's SDK threw, as a `DuesError`; anything else as it is. */
export function translateStripeError(error: unknown): unknown {
  if (!isStripeError(error)) return error
  const options = { cause: error, details: detailsOf(error) }
  if (error.type === 'StripeCardError') return new DuesError('payment_failed', error.message, options)
  if (isUnavailable(error))
    return new DuesError(
      'stripe_unavailable',
      'Stripe cannot be reached just now. Nothing was changed; try again in a minute.',
      options,
    )
  if (error.type === 'StripeAuthenticationError' || error.type === 'StripePermissionError')
    return new DuesError(
      'settings_invalid',
      'Stripe does not accept the secret key for this. Check that it is right, not revoked, and allowed to do it.',
      options,
    )
  if (isArchivedPrice(error))
    return new DuesError(
      'price_archived',
      'That price is no longer sold. Nothing was changed. Look at the prices again; whoever runs this app puts them right with `dues push`.',
      options,
    )
  return new DuesError('stripe_refused', `Stripe refused: ${error.message}`, options)
}

type StripeError = InstanceType<typeof Stripe.errors.StripeError>

/** By its shape and not by its class: a client that the app brings may be of another copy of the SDK. */
const isStripeError = (error: unknown): error is StripeError =>
  error instanceof Error && 'type' in error && typeof error.type === 'string' && error.type.startsWith('Stripe')

/** Stripe gives it no code of its own. */
const isArchivedPrice = ({ message }: StripeError): boolean => message.startsWith('The price specified is inactive.')

function isUnavailable({ type, statusCode }: StripeError): boolean {
  // Stripe Local says 501 of what it cannot do; waiting would not help.
  if (statusCode === 501) return false
  // 409: the same idempotency key is being worked on by another request, and went on being so through all retries.
  return ['StripeConnectionError', 'StripeAPIError', 'StripeRateLimitError'].includes(type) || statusCode === 409
}

function detailsOf({ type, headers, requestId, code, decline_code, param }: StripeError): Record<string, string> {
  const retryAfter = type === 'StripeRateLimitError' ? (headers?.['retry-after'] ?? '1') : undefined
  const known = { requestId, stripeCode: code, declineCode: decline_code, param, retryAfter }
  return Object.fromEntries(
    Object.entries(known).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** Whether Stripe said that there is no such object; with `param`, that it is the one in this parameter. */
export const isMissing = (error: unknown, param?: string): boolean =>
  isStripeError(error) && error.code === 'resource_missing' && (param === undefined || error.param === param)

/** Whether Stripe said of a meter event that it has one by this identifier: it was counted before. */
export const isCountedAlready = (error: unknown): boolean =>
  isStripeError(error) && error.statusCode === 400 && /already exists with identifier/.test(error.message)

/**
 * Whether a call may have been carried out although its answer is not known: then it must be repeated under its own key. An answer that
 * Stripe kept under the key and gives again is known, though it be a failure.
 */
export const isUndecided = (error: unknown): boolean =>
  isStripeError(error) && isUnavailable(error) && error.headers?.['idempotent-replayed'] !== 'true'

/** Whether Stripe said no to the request as it is: the object is in another state than was thought. Nothing was done. */
export const isRefused = (error: unknown): boolean => isStripeError(error) && error.type === 'StripeInvalidRequestError'

/** Whether Stripe has given its answer to an idempotency key, and it was no: it will not give another for a day. */
export const isDecided = (error: unknown): boolean => isStripeError(error) && !isUndecided(error)

/** Whether what Stripe was asked to charge at once was not paid: declined, or the bank wants to ask its customer first. */
export const isUnpaid = (error: unknown): boolean => isStripeError(error) && error.statusCode === 402

/** Whether an invoice was to be previewed on which nothing would stand. */
export const isNothingToBill = (error: unknown): boolean =>
  isStripeError(error) && error.code === 'invoice_upcoming_none'

/** Whether money cannot go back because the bank has taken it back. */
export const isDisputed = (error: unknown): boolean => isStripeError(error) && error.code === 'charge_disputed'

/** Whether it was Stripe that failed, and not the request that was wrong. */
export const isFailure = (error: unknown): boolean => isStripeError(error) && error.type === 'StripeAPIError'
