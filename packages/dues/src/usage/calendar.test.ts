import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addMonths, monthOf } from './calendar.ts'

const at = (text: string): number => Date.parse(`${text}Z`) / 1000
const told = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 16)

describe('months from an anchor', () => {
  test.each([
    ['2027-01-31T10:00', 1, '2027-02-28T10:00'],
    ['2027-01-31T10:00', 2, '2027-03-31T10:00'],
    ['2028-01-31T10:00', 1, '2028-02-29T10:00'],
    ['2026-11-30T23:59', 3, '2027-02-28T23:59'],
    ['2026-12-15T00:00', 1, '2027-01-15T00:00'],
  ])('%s and %i more is %s', (anchor, months, then) => {
    expect(told(addMonths(at(anchor), months))).toBe(then)
  })

  test('from 1970 on are those of the calendar', () => {
    const { start, end } = monthOf(0, at('2026-11-23T12:00'))
    expect([told(start), told(end)]).toEqual(['2026-11-01T00:00', '2026-12-01T00:00'])
  })

  test('follow on each other without a gap, and each moment is in its own', () => {
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 })
    fc.assert(
      fc.property(seconds, seconds, (a, b) => {
        const [anchor, moment] = [Math.min(a, b), Math.max(a, b)]
        const { start, end } = monthOf(anchor, moment)
        expect(start <= moment && moment < end).toBe(true)
        expect(monthOf(anchor, end).start).toBe(end)
        expect(monthOf(anchor, end - 1)).toEqual({ start, end })
      }),
    )
  })
})
