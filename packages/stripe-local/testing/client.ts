import Stripe from 'stripe'
import { expect, onTestFinished } from 'vitest'
import { type StripeLocal, type StripeLocalOptions, startStripeLocal } from '../src/index.ts'
import { faultsIn } from './check-answer.ts'

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
  const faults: string[] = []
  onTestFinished(async () => {
    await local.stop()
    expect(faults, 'what answers have otherwise than the SDK declares').toEqual([])
  })
  const stripe = new Stripe('sk_test_resources', {
    host: 'localhost',
    port: local.port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient: Stripe.createFetchHttpClient(checkedFetch(faults)),
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

/** Every answer in a test is held against the SDK's types: a field too few or too many fails the test. */
function checkedFetch(faults: string[]): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    if (!response.ok) return response
    const path = new URL(String(input)).pathname
    for (const fault of faultsIn(await response.clone().json())) faults.push(`${init?.method} ${path}: ${fault}`)
    return response
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
