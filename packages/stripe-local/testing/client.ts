import Stripe from 'stripe'
import { onTestFinished } from 'vitest'
import { type StripeLocal, type StripeLocalOptions, startStripeLocal } from '../src/index.ts'

/** What a test of a resource works with: the official SDK against a Stripe Local of the test's own. */
export type TestStripe = {
  local: StripeLocal
  stripe: Stripe
  /** The types of the events that an action causes, sorted: Stripe promises no order. */
  eventsOf: (action: () => Promise<unknown>) => Promise<string[]>
  /** The newest event of a type. */
  lastEvent: (type: string) => Promise<Stripe.Event>
}

/** Starts a Stripe Local that ends with the test. */
export async function startTestStripe(options: StripeLocalOptions = {}): Promise<TestStripe> {
  const local = await startStripeLocal(options)
  onTestFinished(() => local.stop())
  const stripe = new Stripe('sk_test_resources', {
    host: 'localhost',
    port: local.port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  })
  const allEvents = () => stripe.events.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 })
  return {
    local,
    stripe,
    async eventsOf(action) {
      const before = new Set((await allEvents()).map(({ id }) => id))
      await action()
      return (await allEvents()).flatMap(({ id, type }) => (before.has(id) ? [] : [type as string])).sort()
    },
    async lastEvent(type) {
      const [event] = (await stripe.events.list({ type, limit: 1 })).data
      if (!event) throw new Error(`There is no ${type} among the events.`)
      return event
    },
  }
}

/** What Stripe refused a request with: what stands in the envelope, without links. */
export async function refusalOf(
  request: Promise<unknown>,
): Promise<{ status: number; message: string; code?: string; param?: string }> {
  try {
    await request
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error
    const { statusCode = 0, code, param, message } = error
    return { status: statusCode, message, ...(code !== undefined && { code }), ...(param !== undefined && { param }) }
  }
  throw new Error('The request was expected to be refused, and was carried out.')
}
