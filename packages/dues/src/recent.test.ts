import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRecent } from './recent.ts'

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g')
const step = fc.oneof(
  fc.record({ do: fc.constant('keep' as const), key, value: fc.nat() }),
  fc.record({ do: fc.constant('forget' as const), key }),
  fc.record({ do: fc.constant('clear' as const) }),
)

test('what was kept last is there as it was kept last, and never more than the limit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(step, { maxLength: 40 }), (limit, steps) => {
      const recent = createRecent<number>(limit)
      let all = new Map<string, number>()
      for (const one of steps) {
        if (one.do === 'keep') recent.keep(one.key, one.value)
        if (one.do === 'forget') recent.forget(one.key)
        if (one.do === 'clear') recent.clear()
        // The latest at the end.
        if (one.do === 'clear') all = new Map()
        else all.delete(one.key)
        if (one.do === 'keep') all.set(one.key, one.value)

        const found = [...all].filter(([name]) => recent.get(name) !== undefined)
        for (const [name, value] of found) expect(recent.get(name)).toBe(value)
        expect(found.length).toBeLessThanOrEqual(limit)
        const last = [...all].slice(Math.max(0, all.size - Math.floor(limit / 2)))
        for (const [name, value] of last) expect(recent.get(name)).toBe(value)
      }
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g'])
        if (!all.has(name)) expect(recent.get(name)).toBeUndefined()
    }),
  )
})
