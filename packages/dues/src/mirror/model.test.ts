import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Action,
  type Bounds,
  explore,
  holds,
  isQuiet,
  type Rules,
  rules,
  type State,
  start,
  take,
} from '../../testing/order-model.ts'

/** Two values and an end, so that the object can come back to what it showed before. */
const small: Bounds = { ticks: 2, ticksPerSecond: 1, changes: 2, syncs: 1, repeats: 0, values: [0, 1, 2], thin: true }

describe('the order scheme, in every schedule within bounds', () => {
  const cases: [string, Bounds][] = [
    ['two changes and a sync within a second and the next', { ...small, ticks: 1 }],
    ['two changes and a sync over three seconds, snapshot events', { ...small, thin: false }],
    ['three changes in one second', { ...small, ticks: 0, changes: 3, syncs: 0 }],
    [
      'three changes over two seconds of two ticks',
      { ...small, ticks: 3, ticksPerSecond: 2, changes: 3, syncs: 0, thin: false },
    ],
    ['two changes with an event that comes twice', { ...small, ticks: 1, syncs: 0, repeats: 1 }],
    ['one change and two syncs', { ...small, ticks: 2, changes: 1, syncs: 2, thin: false }],
  ]
  for (const [name, bounds] of cases) {
    test(name, () => {
      const { broken, states } = explore(rules, bounds)
      expect(broken).toBeNull()
      expect(states).toBeGreaterThan(1_000)
    })
  }
})

/** Each of these is a rule that somebody could think enough. The model finds what is wrong with it, so it has teeth. */
describe('a weaker scheme loses a change, and the model finds how', () => {
  const weaker: [string, Partial<Rules>, Bounds][] = [
    ['the last delivery wins', { judgeSnapshot: () => 'write' }, small],
    [
      'equal seconds are taken in the order of arrival',
      { judgeSnapshot: (row, it) => (row === null || it.created >= row.as_of_hi ? 'write' : 'ignore') },
      small,
    ],
    ['a fetch always wins', { judgeFetch: () => 'write' }, small],
    [
      'a fetch that lost to a snapshot is dropped',
      { judgeFetch: (row, reading) => (row === null || row.ticket < reading.ticket ? 'write' : 'drop') },
      small,
    ],
    [
      'a snapshot that shows what the row shows is ignored',
      { confirmTakesTicket: false },
      { ...small, ticks: 0, changes: 3, syncs: 1, thin: false, values: [1, 2] },
    ],
    [
      'the duration of a fetch is measured from the call and not from its ticket',
      { durationFrom: 'call' },
      { ...small, ticks: 3, changes: 1, syncs: 2, thin: false, values: [2] },
    ],
  ]
  for (const [name, change, bounds] of weaker) {
    test(name, () => {
      const { broken } = explore({ ...rules, ...change }, bounds)
      expect(broken).not.toBeNull()
    })
  }
})

/** The next thing of what is on its way, the oldest first. */
function oldest({ unstamped, undelivered }: State): Action {
  if (unstamped.length > 0) return { do: 'stamp' }
  return undelivered.length > 0 ? { do: 'deliver', event: 0 } : { do: 'step', fetch: 0 }
}

describe('the order scheme, at random', () => {
  const action: fc.Arbitrary<Action> = fc.oneof(
    { weight: 3, arbitrary: fc.constant<Action>({ do: 'tick' }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('change' as const), to: fc.nat({ max: 3 }), thin: fc.boolean() }),
    },
    { weight: 3, arbitrary: fc.constant<Action>({ do: 'stamp' }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver' as const), event: fc.nat({ max: 6 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), event: fc.nat({ max: 6 }) }) },
    { weight: 1, arbitrary: fc.constant<Action>({ do: 'sync' }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('step' as const), fetch: fc.nat({ max: 6 }) }) },
  )
  test('long schedules end as Stripe has it', () => {
    fc.assert(
      fc.property(
        fc.array(action, { minLength: 10, maxLength: 200 }),
        fc.integer({ min: 1, max: 5 }),
        (actions, rate) => {
          let state = start
          for (const one of actions) state = take(state, one, rules, rate) ?? state
          // Then everything that is on its way arrives, the oldest first.
          for (let turns = 0; !isQuiet(state) && turns < 10_000; turns++) {
            state = take(state, oldest(state), rules, rate) ?? state
          }
          return isQuiet(state) && holds(state)
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 5_000) },
    )
  })
})
