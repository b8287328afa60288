import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHeap } from './heap.ts'

describe('a heap', () => {
  it('gives back the least first, whatever came and went in between', () => {
    const actions = fc.array(fc.option(fc.integer({ min: 0, max: 50 })), { maxLength: 60 })
    fc.assert(
      fc.property(actions, (list) => {
        const heap = createHeap<number>((a, b) => a < b)
        let model: number[] = []
        for (const value of list) {
          if (value === null) {
            const [least, ...rest] = model.toSorted((a, b) => a - b)
            expect(heap.peek()).toBe(least)
            expect(heap.pop()).toBe(least)
            model = rest
          } else {
            heap.push(value)
            model.push(value)
          }
          expect(heap.size).toBe(model.length)
        }
      }),
    )
  })
})
