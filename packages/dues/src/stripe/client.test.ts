import Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { callStripe, isMissing, isUndecided, openStripe } from './client.ts'

const { errors } = Stripe
const raw = { message: 'said Stripe', requestId: 'req_1' } as ConstructorParameters<typeof errors.StripeError>[0]

const refusalOf = (error: unknown) => callStripe(() => Promise.reject(error)).catch((refused: unknown) => refused)

describe('what Stripe says no with becomes a refusal', () => {
  test.each([
    [new errors.StripeConnectionError(raw), 'stripe_unavailable'],
    [new errors.StripeAPIError({ ...raw, statusCode: 500 } as typeof raw), 'stripe_unavailable'],
    [new errors.StripeAPIError({ ...raw, statusCode: 501 } as typeof raw), 'stripe_refused'],
    [new errors.StripeRateLimitError(raw), 'stripe_unavailable'],
    [new errors.StripeIdempotencyError({ ...raw, statusCode: 409 } as typeof raw), 'stripe_unavailable'],
    [new errors.StripeIdempotencyError({ ...raw, statusCode: 400 } as typeof raw), 'stripe_refused'],
    [new errors.StripeAuthenticationError(raw), 'settings_invalid'],
    [new errors.StripePermissionError(raw), 'settings_invalid'],
    [new errors.StripeCardError({ ...raw, decline_code: 'insufficient_funds' } as typeof raw), 'payment_failed'],
    [new errors.StripeInvalidRequestError(raw), 'stripe_refused'],
  ])('%s', async (error, code) => {
    expect(await refusalOf(error)).toMatchObject({ code, cause: error, details: { requestId: 'req_1' } })
  })

  test('also from another copy of the SDK', async () => {
    const foreign = Object.assign(new Error('No such price'), {
      type: 'StripeInvalidRequestError',
      code: 'resource_missing',
    })
    expect(await refusalOf(foreign)).toMatchObject({ code: 'stripe_refused' })
    expect(isMissing(foreign)).toBe(true)
  })

  test('and what is no error of Stripe’s stays what it is', async () => {
    const error = new TypeError('a bug')
    expect(await refusalOf(error)).toBe(error)
  })
})

describe('a call is repeated under its own key', () => {
  const failed = (headers: Record<string, string>) =>
    new errors.StripeAPIError({ ...raw, statusCode: 500, headers } as typeof raw)

  test('while nobody knows what became of it', () => {
    expect(isUndecided(new errors.StripeConnectionError(raw))).toBe(true)
    expect(isUndecided(failed({}))).toBe(true)
  })

  test('but not when its failure is what Stripe has written down', () => {
    expect(isUndecided(failed({ 'idempotent-replayed': 'true' }))).toBe(false)
    expect(isUndecided(new errors.StripeInvalidRequestError(raw))).toBe(false)
    expect(isUndecided(new Error('another'))).toBe(false)
  })
})

describe('the client', () => {
  test('talks to where Stripe is said to be', () => {
    const stripe = openStripe({ secretKey: 'sk_test_1', webhookSecret: 'whsec_1', apiBase: 'http://localhost:12111' })
    expect([stripe.getApiField('host'), stripe.getApiField('port'), stripe.getApiField('protocol')]).toEqual([
      'localhost',
      '12111',
      'http',
    ])
  })

  test('is the app’s own where it brings one', () => {
    const client = new Stripe('sk_test_1')
    expect(openStripe({ client, webhookSecret: 'whsec_1' })).toBe(client)
  })
})
