/** Every refusal of Dues: a stable code, the HTTP status that fits, and what to do about it. */
export const refusals = {
  settings_invalid: 500,
  not_signed_in: 401,
  cross_site: 403,
  not_found: 404,
  method_not_allowed: 405,
  payload_too_large: 413,
  bad_request: 400,
  signature_invalid: 400,
  payload_invalid: 400,
  plan_unknown: 422,
  interval_unknown: 422,
  price_unavailable: 409,
  already_subscribed: 409,
  already_on_plan: 409,
  preview_expired: 409,
  not_subscribed: 409,
  nothing_to_cancel: 409,
  nothing_to_resume: 409,
  not_your_session: 403,
  payment_failed: 402,
  action_required: 402,
  busy: 409,
  stripe_unavailable: 503,
  stripe_refused: 502,
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
