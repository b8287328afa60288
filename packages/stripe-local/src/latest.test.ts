import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLatest } from './latest.ts'

test('what is kept are the last ones, in the order in which they came', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 20 }), (items, kept) => {
      const latest = createLatest<number>(kept)
      for (const item of items) latest.add(item)
      expect(latest.all()).toEqual(items.slice(-kept))
    }),
  )
})
