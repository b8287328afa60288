import { expect, test } from 'vitest'
import { createFakeStripe } from '../../testing/fake-stripe.ts'
import { DuesError } from '../errors.ts'
import { createBreaker } from './breaker.ts'
import { paceReader } from './pace.ts'

const tooMany = (retryAfter: string) =>
  new DuesError('stripe_unavailable', 'too many requests', { details: { retryAfter } })

/** A paced reader whose clock stands still but for its own waiting. */
function aPaced({ perSecond = 10, refusals = [] as (DuesError | null)[] } = {}) {
  const stripe = createFakeStripe()
  const { list } = stripe
  stripe.list = async (kind, from) => {
    const refusal = refusals.shift()
    if (refusal) throw refusal
    return list(kind, from)
  }
  const waits: number[] = []
  let now = 0
  const sleep = async (ms: number) => {
    waits.push(ms)
    now += ms
  }
  const reader = paceReader(stripe, { perSecond, clock: () => now, sleep, patienceMs: 60_000 })
  const ask = () => reader.list('customer', { after: null, limit: 1 })
  return { ask, waits, now: () => now }
}

test('a second’s worth of questions goes at once, and the rest at its pace', async () => {
  const { ask, waits, now } = aPaced({ perSecond: 10 })
  for (let n = 0; n < 10; n++) await ask()
  expect(waits).toEqual([])
  for (let n = 0; n < 30; n++) await ask()
  expect(now()).toBeCloseTo(3_000)
})

test('"too many requests" is waited out for as long as Stripe says, and asked again', async () => {
  const { ask, waits } = aPaced({ refusals: [tooMany('7')] })
  expect((await ask()).hasMore).toBe(false)
  expect(waits).toHaveLength(1)
  expect(waits[0]).toBeGreaterThanOrEqual(7_000)
  expect(waits[0]).toBeLessThan(9_000)
})

test('without end it is given up', async () => {
  const { ask, now } = aPaced({ refusals: Array.from({ length: 100 }, () => tooMany('5')) })
  await expect(ask()).rejects.toMatchObject({ details: { retryAfter: '5' } })
  expect(now()).toBeGreaterThan(60_000)
})

test('what else goes wrong is not waited for', async () => {
  const { ask, waits } = aPaced({ refusals: [new DuesError('stripe_unavailable', 'down')] })
  await expect(ask()).rejects.toThrow('down')
  expect(waits).toEqual([])
})

test('the circuit breaker takes it for an answer', async () => {
  const guarded = createBreaker({ failures: 2 })
  for (let n = 0; n < 5; n++) await expect(guarded(() => Promise.reject(tooMany('1')))).rejects.toThrow('too many')
  expect(await guarded(async () => 'answered')).toBe('answered')
})
