/** What happens in a run is drawn from its seed alone, so that a run can be had again. */
export type Random = {
  /** Between 0 and 1, without 1. */
  next(): number
  chance(probability: number): boolean
  /** A whole number from 0, below `bound`. */
  below(bound: number): number
  pick<Value>(values: readonly Value[]): Value
  shuffled<Value>(values: readonly Value[]): Value[]
}

/** https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function createRandom(seed: number): Random {
  let state = seed | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = (bound: number) => Math.floor(next() * bound)
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick(values) {
      const value = values[below(values.length)]
      if (value === undefined) throw new Error('There is nothing to pick from.')
      return value
    },
    shuffled(values) {
      const rest = [...values]
      return values.flatMap(() => rest.splice(below(rest.length), 1))
    },
  }
}
