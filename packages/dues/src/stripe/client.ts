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
 * `stripe_refused` (everything else). The details carry Stripe's request id and codes, never a key.
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
  if (!(error instanceof Stripe.errors.StripeError)) return error
  const details = detailsOf(error)
  if (error instanceof Stripe.errors.StripeCardError)
    return new DuesError('payment_failed', error.message, { cause: error, details })
  if (isUnavailable(error))
    return new DuesError(
      'stripe_unavailable',
      'Stripe cannot be reached just now. Nothing was changed; try again in a minute.',
      {
        cause: error,
        details,
      },
    )
  if (error instanceof Stripe.errors.StripeAuthenticationError || error instanceof Stripe.errors.StripePermissionError)
    return new DuesError(
      'settings_invalid',
      'Stripe does not accept the secret key for this. Check that it is right, not revoked, and allowed to do it.',
      { cause: error, details },
    )
  return new DuesError('stripe_refused', `Stripe refused: ${error.message}`, { cause: error, details })
}

function isUnavailable(error: InstanceType<typeof Stripe.errors.StripeError>): boolean {
  // Stripe Local says so of what it cannot do; waiting would not help.
  if (error.statusCode === 501) return false
  return (
    error instanceof Stripe.errors.StripeConnectionError ||
    error instanceof Stripe.errors.StripeAPIError ||
    error instanceof Stripe.errors.StripeRateLimitError ||
    // The same idempotency key is being worked on by another request, and went on being so through all retries.
    error.statusCode === 409
  )
}

function detailsOf(error: InstanceType<typeof Stripe.errors.StripeError>): Record<string, string> {
  const { requestId, code, decline_code: declineCode, param } = error
  const known = { requestId, stripeCode: code, declineCode, param }
  return Object.fromEntries(
    Object.entries(known).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** Whether Stripe said that there is no such object; with `param`, that it is the one in this parameter. */
export const isMissing = (error: unknown, param?: string): boolean =>
  error instanceof Stripe.errors.StripeInvalidRequestError &&
  error.code === 'resource_missing' &&
  (param === undefined || error.param === param)

/**
 * Whether a call may have been carried out although its answer is not known: then it must be repeated under its own key. An answer that
 * Stripe kept under the key and gives again is known, though it be a failure.
 */
export const isUndecided = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeError &&
  isUnavailable(error) &&
  error.headers?.['idempotent-replayed'] !== 'true'

/** Whether it was Stripe that failed, and not the request that was wrong. */
export const isFailure = (error: unknown): boolean => error instanceof Stripe.errors.StripeAPIError
