import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allocate, allocateByWeight } from './allocate.ts'
import { fraction, plus, round } from './fraction.ts'

describe('allocate', () => {
  it('gives the leftover unit to the largest remainder', () => {
    expect(allocateByWeight(100, [1, 1, 1])).toEqual([34, 33, 33])
    expect(allocateByWeight(500, [3000, 1000])).toEqual([375, 125])
    expect(allocateByWeight(7, [0, 0])).toEqual([0, 0])
  })

  it('adds up to the total, whatever the shares and their signs', () => {
    const share = fc.record({
      numerator: fc.bigInt({ min: -1_000_000n, max: 1_000_000n }),
      denominator: fc.bigInt({ min: 1n, max: 1000n }),
    })
    fc.assert(
      fc.property(fc.array(share, { minLength: 1, maxLength: 12 }), (shares) => {
        const total = round(shares.reduce(plus, fraction(0)))
        const parts = allocate(total, shares)
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total)
        parts.forEach((part, i) => {
          const exact = shares[i] ?? fraction(0)
          expect(Math.abs(part - Number(exact.numerator) / Number(exact.denominator))).toBeLessThanOrEqual(1)
        })
      }),
    )
  })
})
