import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addIntervals, formatDate, formatRhythm, nextAnchor, type Period, periodContaining } from './calendar.ts'

const at = (iso: string): number => Date.parse(`${iso}Z`) / 1000
const iso = (time: number): string => new Date(time * 1000).toISOString().slice(0, 19)
const monthly = { interval: 'month', interval_count: 1 }
const yearly = { interval: 'year', interval_count: 1 }

describe('billing periods', () => {
  it('end on the last day of a shorter month and come back to the anchor day', () => {
    const anchor = { time: at('2025-01-31T10:20:30') }
    const edges = [1, 2, 3, 4, 13].map((count) => iso(addIntervals(anchor, monthly, count)))
    expect(edges).toEqual([
      '2025-02-28T10:20:30',
      '2025-03-31T10:20:30',
      '2025-04-30T10:20:30',
      '2025-05-31T10:20:30',
      '2026-02-28T10:20:30',
    ])
  })

  it('know leap years', () => {
    const anchor = { time: at('2024-02-29T00:00:00') }
    expect([1, 2, 4].map((count) => iso(addIntervals(anchor, yearly, count)))).toEqual([
      '2025-02-28T00:00:00',
      '2026-02-28T00:00:00',
      '2028-02-29T00:00:00',
    ])
  })

  it('of a recorded switch from month to year start at the anchor, not at the switch', () => {
    expect(periodContaining({ time: 1762799351 }, monthly, 1762799355)).toEqual({ start: 1762799351, end: 1765391351 })
    expect(periodContaining({ time: 1762799351 }, yearly, 1762799355)).toEqual({ start: 1762799351, end: 1794335351 })
  })

  it('before the anchor are counted backwards from it', () => {
    const anchor = { time: at('2025-03-31T00:00:00') }
    expect(iso(periodContaining(anchor, monthly, at('2025-03-01T00:00:00')).start)).toBe('2025-02-28T00:00:00')
  })

  const rhythm = fc.record({
    interval: fc.constantFrom('day', 'week', 'month', 'year'),
    interval_count: fc.integer({ min: 1, max: 12 }),
  })
  const time = fc.integer({ min: at('2015-01-01T00:00:00'), max: at('2035-01-01T00:00:00') })

  it('follow each other without a gap, and every time lies in exactly one', () => {
    fc.assert(
      fc.property(time, rhythm, time, (anchorTime, rhythm, time) => {
        const anchor = { time: anchorTime }
        const period = periodContaining(anchor, rhythm, time)
        expect(period.start).toBeLessThanOrEqual(time)
        expect(period.end).toBeGreaterThan(time)
        const next = periodContaining(anchor, rhythm, period.end)
        expect(next.start).toBe(period.end)
        expect(periodContaining(anchor, rhythm, period.start)).toEqual<Period>(period)
      }),
    )
  })

  it('keep the time of day', () => {
    fc.assert(
      fc.property(time, rhythm, fc.integer({ min: 0, max: 60 }), (anchor, rhythm, count) => {
        expect(addIntervals({ time: anchor }, rhythm, count) % 86_400).toBe(anchor % 86_400)
      }),
    )
  })
})

describe('a configured anchor', () => {
  const now = at('2025-02-10T12:34:56')
  const next = (config: Parameters<typeof nextAnchor>[0]): string => iso(nextAnchor(config, now).time)

  it('is the next time that the day comes', () => {
    expect(next({ day_of_month: 15 })).toBe('2025-02-15T12:34:56')
    expect(next({ day_of_month: 5 })).toBe('2025-03-05T12:34:56')
    expect(next({ day_of_month: 10 })).toBe('2025-02-10T12:34:56')
    expect(next({ day_of_month: 10, hour: 0, minute: 0, second: 0 })).toBe('2025-03-10T00:00:00')
    expect(next({ day_of_month: 1, month: 1, hour: 6 })).toBe('2026-01-01T06:00:00')
  })

  it('keeps day 31 in mind through February', () => {
    const anchor = nextAnchor({ day_of_month: 31 }, now)
    expect(iso(anchor.time)).toBe('2025-02-28T12:34:56')
    expect(iso(addIntervals(anchor, monthly, 1))).toBe('2025-03-31T12:34:56')
  })
})

describe('texts', () => {
  it('write dates and rhythms as Stripe does', () => {
    expect(formatDate(1762799355)).toBe('10 Nov 2025')
    expect(formatDate(at('2026-08-03T00:00:00'))).toBe('03 Aug 2026')
    expect(formatRhythm(monthly)).toBe('month')
    expect(formatRhythm({ interval: 'month', interval_count: 3 })).toBe('every 3 months')
  })
})
