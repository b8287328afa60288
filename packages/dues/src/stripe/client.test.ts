import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Stripe from 'stripe'
import { describe, expect, onTestFinished, test } from 'vitest'
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

  /** A Stripe that does what it is told with each request, and the keys that came with them. */
  const aServer = async (answer: 503 | 'never') => {
    const keys: (string | undefined)[] = []
    const server = createServer((request, response) => {
      keys.push(request.headers['idempotency-key'] as string | undefined)
      if (answer !== 'never') response.writeHead(answer).end('{"error":{"type":"api_error","message":"busy"}}')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
      server.closeAllConnections()
    })
    return { keys, port: (server.address() as AddressInfo).port }
  }

  test('gives up after ten seconds, and asks three times under one key, each time a little later', async () => {
    const { keys, port } = await aServer(503)
    const apiBase = `http://127.0.0.1:${port}`
    const stripe = openStripe({ secretKey: 'sk_test_1', webhookSecret: 'whsec_1', apiBase })
    expect(stripe.getApiField('timeout')).toBe(10_000)
    const began = performance.now()
    await expect(callStripe(() => stripe.customers.create({}))).rejects.toMatchObject({ code: 'stripe_unavailable' })
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toBeTruthy()
    // Half a second and a second, each less up to its half; and not for ever.
    expect(performance.now() - began).toBeGreaterThan(500)
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  test('that is never answered is told like one that cannot be reached', async () => {
    const { keys, port } = await aServer('never')
    const stripe = new Stripe('sk_test_1', {
      host: '127.0.0.1',
      port,
      protocol: 'http',
      timeout: 50,
      maxNetworkRetries: 1,
    })
    stripe.getInitialNetworkRetryDelay = () => 0.01
    await expect(callStripe(() => stripe.customers.create({}))).rejects.toMatchObject({ code: 'stripe_unavailable' })
    expect(keys).toHaveLength(2)
  })
})
