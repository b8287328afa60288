import { expect, test } from 'vitest'
import { DuesError } from '../errors.ts'
import { createBreaker } from './breaker.ts'

const down = () => Promise.reject(new DuesError('stripe_unavailable', 'down'))
const refused = () => Promise.reject(new DuesError('stripe_refused', 'no'))

/** A breaker on a clock of the test's, and how often its work was really done. */
function aBreaker() {
  let now = 0
  let asked = 0
  const guarded = createBreaker({ failures: 3, restMs: 1_000, clock: () => now })
  return {
    asked: () => asked,
    pass: (milliseconds: number) => {
      now += milliseconds
    },
    ask: (work: () => Promise<unknown>) =>
      guarded(() => {
        asked += 1
        return work()
      }).then(
        () => 'ok',
        (error: DuesError) => error.code,
      ),
  }
}

test('after some failures in a row Stripe is left alone, and then tried once', async () => {
  const { ask, asked, pass } = aBreaker()
  for (let n = 0; n < 3; n++) await ask(down)
  expect(await ask(async () => 1)).toBe('stripe_unavailable')
  expect(asked()).toBe(3)
  pass(1_000)
  expect(await ask(down)).toBe('stripe_unavailable')
  expect(await ask(async () => 1)).toBe('stripe_unavailable')
  expect(asked()).toBe(4)
  pass(1_000)
  expect(await ask(async () => 1)).toBe('ok')
  expect(await ask(async () => 1)).toBe('ok')
})

test('while one question tries whether Stripe is back, the others do not', async () => {
  const { ask, asked, pass } = aBreaker()
  for (let n = 0; n < 3; n++) await ask(down)
  pass(1_000)
  let answer = (_: unknown) => {}
  const probe = ask(
    () =>
      new Promise((resolve) => {
        answer = resolve
      }),
  )
  expect(await ask(async () => 1)).toBe('stripe_unavailable')
  answer(1)
  expect(await probe).toBe('ok')
  expect(asked()).toBe(4)
})

test('a refusal is an answer, and so is a success between failures', async () => {
  const { ask, asked } = aBreaker()
  for (const work of [down, down, refused, down, down, async () => 1, down, down]) await ask(work)
  expect(await ask(async () => 1)).toBe('ok')
  expect(asked()).toBe(9)
})
