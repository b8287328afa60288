/** The kinds of error that Stripe's envelope knows: https://docs.stripe.com/api/errors */
export type StripeErrorType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'

/** What stands in the envelope beside type, message, doc_url and request_log_url. */
export type ErrorDetails = {
  type?: StripeErrorType
  code?: string
  param?: string
  decline_code?: string
  advice_code?: string
  network_decline_code?: string
  charge?: string
  payment_intent?: unknown
  payment_method?: unknown
  setup_intent?: unknown
}

/**
 * An answer that is an error. A handler throws it; the server writes Stripe's envelope.
 *
 * What a handler changed before it threw is rolled back, unless `keepChanges` is set: a declined payment leaves the payment
 * intent, the charge and the attempt behind although the answer is a 402.
 */
export class ApiError extends Error {
  readonly status: number
  readonly details: ErrorDetails
  readonly keepChanges: boolean

  constructor(status: number, message: string, details: ErrorDetails = {}, options: { keepChanges?: boolean } = {}) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.details = { type: 'invalid_request_error', ...details }
    this.keepChanges = options.keepChanges ?? false
  }
}

/** The error, with the objects that it shows as a version of the API knows them. */
export const shownIn = (error: ApiError, shape: <T>(answer: T) => T): ApiError =>
  Object.assign(error, { details: shape(error.details) })

/** 400: the request is well formed and cannot be carried out, e.g. `invalidRequest('…', 'items', 'resource_missing')`. */
export const invalidRequest = (message: string, param?: string, code?: string): ApiError =>
  new ApiError(400, message, { ...(code && { code }), ...(param && { param }) })

const errorNames: Partial<Record<string, string>> = {
  payment_method: 'PaymentMethod',
  'checkout.session': 'checkout.session',
  'billing_portal.configuration': 'configuration',
  'test_helpers.test_clock': 'test_clock',
  'billing.meter': 'meter',
  'entitlements.feature': 'feature',
  promotion_code: 'promotion code',
  tax_rate: 'tax rate',
}

/** How Stripe names a kind in "No such …". */
export const nameInErrors = (kind: string): string => errorNames[kind] ?? kind

/** `No such price: 'price_x'`: 404 when the id stood in the path, 400 when it was a parameter. */
export const noSuch = (
  what: string,
  id: string,
  param = 'id',
  status: 400 | 404 = param === 'id' ? 404 : 400,
): ApiError => new ApiError(status, `No such ${what}: '${id}'`, { code: 'resource_missing', param })

/** `Missing required param: items.` */
export const missingParameter = (param: string): ApiError =>
  new ApiError(400, `Missing required param: ${param}.`, { code: 'parameter_missing', param })

/** `Received unknown parameter: cancel_url` (or `parameters: a, b`). */
export const unknownParameters = (params: string[]): ApiError =>
  new ApiError(400, `Received unknown parameter${params.length > 1 ? 's' : ''}: ${params.join(', ')}`, {
    code: 'parameter_unknown',
    param: params[0] ?? '',
  })

/** 501: Stripe has this, Stripe Local does not, and it says so instead of making data up. */
export const notSupported = (what: string): ApiError =>
  new ApiError(
    501,
    `Stripe Local does not support ${what} yet. Nothing was changed. docs/stripe-local-support.md lists what it does.`,
    {
      type: 'api_error',
      code: 'not_supported_by_stripe_local',
    },
  )
