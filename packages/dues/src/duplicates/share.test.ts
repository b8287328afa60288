import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { paidTwice } from './share.ts'

const day = 86_400
const start = 1_800_000_000
const month = (amount: number, from = start) => ({ amount, period: { start: from, end: from + 30 * day } })

describe('what was paid twice', () => {
  test('is all of it on the day that it was paid', () => {
    expect(paidTwice([month(1900)], 1900, start)).toBe(1900)
    expect(paidTwice([month(1900)], 1900, start + 3600)).toBe(1900)
  })

  test('is the days that are left, and a day that has begun counts', () => {
    expect(paidTwice([month(3000)], 3000, start + 10 * day)).toBe(2000)
    expect(paidTwice([month(3000)], 3000, start + 10 * day + 1)).toBe(2000)
    expect(paidTwice([month(3000)], 3000, start + 11 * day)).toBe(1900)
  })

  test('is nothing of a period that was over', () => {
    expect(paidTwice([month(1900)], 1900, start + 31 * day)).toBe(0)
  })

  test('is a part of what was paid, where a discount or a balance took the rest', () => {
    expect(paidTwice([month(3000)], 1000, start + 15 * day)).toBe(500)
    expect(paidTwice([month(3000)], 0, start)).toBe(0)
  })

  test('of a switch counts each line for its own time', () => {
    const unused = { amount: -1000, period: { start: start + 10 * day, end: start + 30 * day } }
    const dearer = { amount: 4000, period: { start: start + 10 * day, end: start + 30 * day } }
    expect(paidTwice([unused, dearer], 3000, start + 20 * day)).toBe(1500)
  })

  test('never is more than was paid, nor less than nothing, nor more the later the second came', () => {
    const line = fc.record({
      amount: fc.integer({ min: -100_000, max: 100_000 }),
      period: fc
        .tuple(fc.integer({ min: 0, max: 400 * day }), fc.integer({ min: 0, max: 400 * day }))
        .map(([from, length]) => ({ start: start + from, end: start + from + length })),
    })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), fc.nat(100_000), fc.nat(900 * day), (lines, paid, later) => {
        const twice = paidTwice(lines, paid, start + later)
        return Number.isInteger(twice) && twice >= 0 && twice <= paid
      }),
    )
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(60 * day), fc.nat(60 * day), (paid, early, more) => {
        const line = [month(paid)]
        return paidTwice(line, paid, start + early) >= paidTwice(line, paid, start + early + more)
      }),
    )
  })
})
