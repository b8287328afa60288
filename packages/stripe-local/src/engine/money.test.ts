import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exponentOf, formatMoney, isCurrency, minimumCharge, stepOf } from './money.ts'

describe('money', () => {
  it.each([
    [2500, 'usd', '$25.00'],
    [1900, 'eur', '€19.00'],
    [500, 'jpy', '¥500'],
    [175_000, 'chf', 'CHF 1,750.00'],
    [50_000, 'brl', 'R$ 500.00'],
    ['3.6', 'usd', '$0.036'],
    ['0', 'usd', '$0.00'],
    [5, 'usd', '$0.05'],
    [1_234_567_89, 'gbp', '£1,234,567.89'],
    [12_345, 'kwd', 'KWD 12.345'],
    [-250, 'usd', '-$2.50'],
  ])('writes %s %s as %s', (amount, currency, text) => {
    expect(formatMoney(amount, currency)).toBe(text)
  })

  it('has the exponents and steps of Stripe, not those of Intl', () => {
    expect(['usd', 'jpy', 'kwd', 'isk', 'ugx', 'huf', 'twd'].map(exponentOf)).toEqual([2, 0, 3, 2, 2, 2, 2])
    expect(['usd', 'kwd', 'isk', 'ugx'].map(stepOf)).toEqual([1, 10, 100, 100])
    expect([minimumCharge('usd'), minimumCharge('gbp'), minimumCharge('jpy')]).toEqual([50, 30, 50])
  })

  it('knows which currencies there are', () => {
    expect(isCurrency('usd')).toBe(true)
    expect(isCurrency('USD')).toBe(false)
    expect(isCurrency('doge')).toBe(false)
  })

  it('loses no digit', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('usd', 'jpy', 'kwd'), (amount, currency) => {
        expect(Number(formatMoney(amount, currency).replace(/\D/g, ''))).toBe(amount)
      }),
    )
  })
})
