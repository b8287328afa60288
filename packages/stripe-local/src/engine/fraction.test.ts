import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { floor, fraction, over, plus, round, roundHalfDown, times } from './fraction.ts'

describe('fraction', () => {
  it('reads decimals as Stripe writes them', () => {
    expect(fraction('0.036')).toEqual({ numerator: 36n, denominator: 1000n })
    expect(fraction('-12.5')).toEqual({ numerator: -125n, denominator: 10n })
    expect(round(fraction('2500'))).toBe(2500)
    expect(round(times(fraction(1e-7), fraction(10_000_000)))).toBe(1)
  })

  it('refuses what is no decimal', () => {
    expect(() => fraction('1e5')).toThrow('Not a decimal')
    expect(() => fraction('twelve')).toThrow('Not a decimal')
  })

  it('rounds a half away from zero, and a half down for prorations', () => {
    expect([2.5, -2.5, 4.5, -0.4].map((value) => round(fraction(value)))).toEqual([3, -3, 5, 0])
    expect([2.5, -2.5, 4.5, 7.5, 0.49, -0.49].map((value) => roundHalfDown(fraction(value)))).toEqual([
      2, -3, 4, 7, 0, 0,
    ])
    expect(floor(fraction('-0.1'))).toBe(-1)
  })

  it('is exact where floating point is not', () => {
    expect(round(times(fraction('0.1'), fraction(30)))).toBe(3)
    expect(round(over(fraction(1), fraction(3)))).toBe(0)
    expect(round(plus(over(fraction(1), fraction(3)), over(fraction(1), fraction(6))))).toBe(1)
  })

  it('never rounds by more than a half', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 100_000 }), (numerator, denominator) => {
        const exact = over(fraction(numerator), fraction(denominator))
        for (const rounded of [round(exact), roundHalfDown(exact)]) {
          expect(Math.abs(rounded * denominator - numerator) * 2).toBeLessThanOrEqual(denominator)
        }
      }),
    )
  })
})
