import { DuesError } from '../errors.ts'
import { isRateLimited } from './pace.ts'
import type { StripeReader } from './reader.ts'

export type BreakerOptions = {
  /** Failures in a row after which Stripe is taken to be down. */
  failures?: number
  /** How long it is left alone then; one question is let through after that, and decides. */
  restMs?: number
  /** Milliseconds of a clock that only goes forward. */
  clock?: () => number
  /** Told of each change. */
  onState?: (state: BreakerState) => void
}

/** `open`: Stripe is left alone. `probing`: one question is on its way to see whether it is back. */
export type BreakerState = 'closed' | 'open' | 'probing'

/**
 * Makes a circuit breaker: while Stripe is down, questions are refused at once instead of each waiting for its timeouts
 * and retries. Only `stripe_unavailable` counts; a refusal is an answer, and so is "too many requests".
 */
export function createBreaker({
  failures = 5,
  restMs = 10_000,
  clock = () => performance.now(),
  onState = () => undefined,
}: BreakerOptions = {}) {
  let state: BreakerState = 'closed'
  const become = (next: BreakerState) => {
    if (next === state) return
    state = next
    onState(next)
  }
  let inARow = 0
  let openUntil = 0
  let probing = false

  return async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    const isOpen = inARow >= failures
    if (isOpen && (probing || clock() < openUntil)) {
      throw new DuesError(
        'stripe_unavailable',
        'Stripe has not answered for a while; it is asked again in some seconds.',
      )
    }
    if (isOpen) {
      probing = true
      become('probing')
    }
    try {
      const result = await work()
      inARow = 0
      become('closed')
      return result
    } catch (error) {
      if (error instanceof DuesError && error.code === 'stripe_unavailable' && !isRateLimited(error)) {
        inARow += 1
        openUntil = clock() + restMs
        if (inARow >= failures) become('open')
      } else {
        inARow = 0
        become('closed')
      }
      throw error
    } finally {
      // Another may end while the one that tries is on its way.
      if (isOpen) probing = false
    }
  }
}

/** A reader behind a breaker of its own. */
export function guardReader(reader: StripeReader, options?: BreakerOptions): StripeReader {
  const guarded = createBreaker(options)
  return {
    retrieve: (kind, id, account) => guarded(() => reader.retrieve(kind, id, account)),
    list: (kind, from) => guarded(() => reader.list(kind, from)),
    events: (from) => guarded(() => reader.events(from)),
    checkouts: (from) => guarded(() => reader.checkouts(from)),
  }
}
