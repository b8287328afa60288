/** Every refusal of Dues: a stable code, the HTTP status that fits, and here what it means. The message says what to do. */
export const refusals = {
  /** The app is not set up right: a key, a price, an option. All that is wrong is named at once. */
  settings_invalid: 500,
  /** Nobody is signed in, as `identify` has it. */
  not_signed_in: 401,
  /** A POST that another site made a browser send. */
  cross_site: 403,
  not_found: 404,
  method_not_allowed: 405,
  payload_too_large: 413,
  /** A field is missing or malformed. */
  bad_request: 400,
  /** A delivery that Stripe did not sign, or whose signature is too old. */
  signature_invalid: 400,
  /** A signed body that is no event. */
  payload_invalid: 400,
  plan_unknown: 422,
  /** The plan is there and is not sold by this interval. */
  interval_unknown: 422,
  /** The plan has no price at Stripe yet. */
  price_unavailable: 409,
  /** A subscription that may still charge is there: switch instead of buying. `details`: plan, interval, status. */
  already_subscribed: 409,
  already_on_plan: 409,
  /** The amounts that were confirmed are out of date: preview again. */
  preview_expired: 409,
  /** There is no subscription that this could be about. */
  not_subscribed: 409,
  nothing_to_cancel: 409,
  nothing_to_resume: 409,
  /** A Checkout of somebody else's. */
  not_your_session: 403,
  /** The card was declined; nothing was changed. `details`: payUrl, declineCode. */
  payment_failed: 402,
  /** The bank wants the member's word first; nothing was changed yet. `details`: payUrl. */
  action_required: 402,
  /** Something else happens to the same membership at this moment: try again. */
  busy: 409,
  /** Stripe was not reached or is overloaded. Nothing was changed. */
  stripe_unavailable: 503,
  /** Stripe said no, in `message`. `details`: requestId, stripeCode, param. */
  stripe_refused: 502,
  /** The database was not reached. A delivery of Stripe's is not acknowledged then, and comes again. */
  database_unavailable: 503,
} as const

export type RefusalCode = keyof typeof refusals

/**
 * The one error class of Dues. `code` is stable and meant for programs, `message` says what to do and is meant for people.
 *
 * @example
 * try { await member.switchTo('ent', 'monthly') } catch (error) {
 *   if (error instanceof DuesError && error.code === 'payment_failed') showCardForm(error.message)
 * }
 */
export class DuesError extends Error {
  readonly code: RefusalCode
  /** The HTTP status that the handler answers with. */
  readonly status: number
  /** What a program can go on with: Stripe's decline code, where to pay, which plan it was. Never a secret. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>

  constructor(
    code: RefusalCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, string | number | boolean | null> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'DuesError'
    this.code = code
    this.status = refusals[code]
    this.details = options.details ?? {}
  }
}
