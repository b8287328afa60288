import Stripe from 'stripe'

/** `down`: Stripe never hears of the call. `lost`: it does what it was asked for, and the answer does not come back. */
export type Failure = 'down' | 'lost'

/**
 * A client of which one call fails, and does not try again by itself: what a crash of the app between two calls looks like from outside.
 *
 * @example
 * const failing = failingStripe({ secretKey, port })
 * failing.at(2, 'lost') // the second call from now on
 */
export function failingStripe({ secretKey, port }: { secretKey: string; port: number }) {
  let made = 0
  let planned: { call: number; how: Failure } | null = null
  const call: typeof fetch = async (input, init) => {
    made += 1
    const how = planned?.call === made ? planned.how : null
    if (how === 'down') throw new TypeError('connection refused')
    const response = await fetch(input, init)
    if (how !== 'lost') return response
    await response.arrayBuffer()
    throw new TypeError('connection reset')
  }
  const client = new Stripe(secretKey, {
    host: 'localhost',
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    httpClient: Stripe.createFetchHttpClient(call),
  })
  const count = (from: { call: number; how: Failure } | null) => {
    made = 0
    planned = from
  }
  return {
    client,
    /** The n-th call from now on fails, the first being 1. */
    at: (call: number, how: Failure) => count({ call, how }),
    /** Nothing fails any more; counting begins anew. */
    mend: () => count(null),
    /** How many calls there were since then. */
    calls: () => made,
  }
}
