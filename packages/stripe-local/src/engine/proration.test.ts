import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { day } from './calendar.ts'
import { creditsFor, prorate, remaining } from './proration.ts'

const start = 1_788_271_200
const period = { start, end: start + 30 * day }
const third = period.end - 10 * day

describe('a proration', () => {
  it('is that of the recorded switch from $25 a month to $250 a year, four seconds in', () => {
    const monthly = { start: 1762799351, end: 1765391351 }
    const yearly = { start: 1762799351, end: 1794335351 }
    expect(prorate(-2500, monthly, 1762799355)).toBe(-2500)
    expect(prorate(25_000, yearly, 1762799355)).toBe(25_000)
  })

  it('rounds each line for itself', () => {
    expect([prorate(-2000, period, third), prorate(1000, period, third)]).toEqual([-667, 333])
  })

  it('rounds a half down, as recorded', () => {
    const fourHundredth = period.end - (30 * day) / 400
    expect([prorate(-1000, period, fourHundredth), prorate(1800, period, fourHundredth)]).toEqual([-3, 4])
    expect(prorate(3000, period, fourHundredth)).toBe(7)
  })

  it('of a time outside the period is all of it or nothing', () => {
    expect(prorate(1000, period, start - 999)).toBe(1000)
    expect(prorate(1000, period, period.end + 999)).toBe(0)
    expect(remaining({ start, end: start }, start)).toEqual({ numerator: 0n, denominator: 1n })
  })
})

describe('credits of flexible billing', () => {
  const amounts = fc.integer({ min: 1, max: 1_000_000 })
  const moments = fc.integer({ min: period.start, max: period.end - 1 })

  it('give back what was debited, not what the price is now', () => {
    const debits = [
      { amount: 2500, period, source: 'first invoice' },
      { amount: 333, period: { start: third, end: period.end }, source: 'pending item' },
    ]
    expect(creditsFor(debits, third).map(({ amount, debit }) => [amount, debit.source])).toEqual([
      [-833, 'first invoice'],
      [-333, 'pending item'],
    ])
  })

  it('never give back more than was debited, nor take anything', () => {
    fc.assert(
      fc.property(amounts, moments, (amount, at) => {
        for (const credit of creditsFor([{ amount, period, source: null }], at)) {
          expect(credit.amount).toBeGreaterThanOrEqual(-amount)
          expect(credit.amount).toBeLessThanOrEqual(0)
        }
      }),
    )
  })

  it('of a switch and of a switch back at the same second cancel out, to the unit that a half is rounded by', () => {
    fc.assert(
      fc.property(amounts, amounts, moments, (first, second, at) => {
        const credit = prorate(-first, period, at)
        const debit = prorate(second, period, at)
        const [back] = creditsFor([{ amount: debit, period: { start: at, end: period.end }, source: null }], at)
        const again = prorate(first, period, at)
        expect(debit + (back?.amount ?? 0)).toBe(0)
        expect([0, -1]).toContain(credit + again)
      }),
    )
  })

  it('of debits that are over are none', () => {
    expect(creditsFor([{ amount: 2500, period, source: null }], period.end)).toEqual([])
    expect(creditsFor([{ amount: 0, period, source: null }], start)).toEqual([])
  })
})
