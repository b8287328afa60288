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

/** Work that ends when it is told to. */
function aSlowOne() {
  let end = (_: 'well' | 'badly') => {}
  const work = () =>
    new Promise((resolve, reject) => {
      end = (how) => (how === 'well' ? resolve(1) : reject(new DuesError('stripe_unavailable', 'down')))
    })
  return { work, end: (how: 'well' | 'badly') => end(how) }
}

test('while one question tries whether Stripe is back, the others do not, though one from before ends meanwhile', async () => {
  const { ask, asked, pass } = aBreaker()
  const [before, probing] = [aSlowOne(), aSlowOne()]
  const late = ask(before.work)
  for (let n = 0; n < 3; n++) await ask(down)
  pass(1_000)
  const probe = ask(probing.work)
  expect(await ask(async () => 1)).toBe('stripe_unavailable')
  before.end('badly')
  expect(await late).toBe('stripe_unavailable')
  pass(1_000)
  expect(await ask(async () => 1)).toBe('stripe_unavailable')
  probing.end('well')
  expect(await probe).toBe('ok')
  expect(asked()).toBe(5)
})

test('a refusal is an answer, and so is a success between failures', async () => {
  const { ask, asked } = aBreaker()
  for (const work of [down, down, refused, down, down, async () => 1, down, down]) await ask(work)
  expect(await ask(async () => 1)).toBe('ok')
  expect(asked()).toBe(9)
})
