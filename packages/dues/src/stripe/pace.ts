import { setTimeout as wait } from 'node:timers/promises'
import { DuesError } from '../errors.ts'
import type { StripeReader } from './reader.ts'

export type PaceOptions = {
  /** Questions a second at most. Stripe allows 100 a second live, 25 in a sandbox, and the app wants some of them for its members. */
  perSecond?: number
  /** How long Stripe's "too many requests" is waited out before it is given up. */
  patienceMs?: number
  signal?: AbortSignal | undefined
  /** Milliseconds of a clock that only goes forward, and how to wait by it. */
  clock?: () => number
  sleep?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
}

/** Whether Stripe said "too many requests" (429). */
export const isRateLimited = (error: unknown): error is DuesError =>
  error instanceof DuesError && error.details.retryAfter !== undefined

/**
 * Asks no more often than so many times a second, and when Stripe says that it was too often, waits for as long as Stripe says
 * (`Retry-After`), or twice as long each time, and asks again.
 *
 * @see https://docs.stripe.com/rate-limits
 */
export function paceReader(
  reader: StripeReader,
  {
    perSecond = 20,
    patienceMs = 10 * 60_000,
    signal,
    clock = () => performance.now(),
    sleep = sleepUnlessStopped,
  }: PaceOptions = {},
): StripeReader {
  const between = 1_000 / perSecond
  let next = Number.NEGATIVE_INFINITY

  /** A second's worth may go at once, so that what is short does not wait at all. */
  const turn = async () => {
    const now = clock()
    next = Math.max(next, now - 1_000) + between
    if (next > now) await sleep(next - now, signal)
  }
  const paced = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const until = clock() + patienceMs
    for (let attempt = 0; ; attempt++) {
      await turn()
      try {
        return await work()
      } catch (error) {
        if (!isRateLimited(error) || clock() > until || signal?.aborted) throw error
        await sleep(restMs(error, attempt), signal)
      }
    }
  }
  return {
    retrieve: (kind, id, account) => paced(() => reader.retrieve(kind, id, account)),
    list: (kind, from) => paced(() => reader.list(kind, from)),
    events: (from) => paced(() => reader.events(from)),
    checkouts: (from) => paced(() => reader.checkouts(from)),
  }
}

/** Seconds, as Stripe sends it; at least doubling, with jitter, so that several who were refused together do not come back together. */
function restMs({ details }: DuesError, attempt: number): number {
  const asked = Number(details.retryAfter) * 1_000
  const doubling = Math.min(30_000, 500 * 2 ** attempt)
  return Math.max(Number.isFinite(asked) ? asked : 0, doubling) * (1 + Math.random() / 4)
}

const sleepUnlessStopped = async (milliseconds: number, signal: AbortSignal | undefined): Promise<void> => {
  await wait(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal?.aborted) throw error
  })
}
