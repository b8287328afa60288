import { randomUUID } from 'node:crypto'
import Stripe from 'stripe'
import { type StripeLocal, type StripeLocalOptions, startStripeLocal } from 'stripe-local'
import { onTestFinished } from 'vitest'

/** A Stripe of one test's own, and the official SDK that talks to it. */
export type TestStripe = { local: StripeLocal; stripe: Stripe; secretKey: string; now: () => number }

/** Starts Stripe Local, with an account that is empty. Whoever starts it stops it. */
export async function startTestStripe(options: StripeLocalOptions = {}): Promise<TestStripe> {
  const local = await startStripeLocal(options)
  const secretKey = `sk_test_${randomUUID().replaceAll('-', '')}`
  const stripe = new Stripe(secretKey, { host: 'localhost', port: local.port, protocol: 'http', telemetry: false })
  return { local, stripe, secretKey, now: () => local.now(secretKey) }
}

/** Starts Stripe Local for this test; it is stopped when the test ends. */
export async function openTestStripe(options: StripeLocalOptions = {}): Promise<TestStripe> {
  const test = await startTestStripe(options)
  onTestFinished(() => test.local.stop())
  return test
}
