import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eur, formatMoney, jpy, minorUnitDecimals, money, usd } from './money.ts'

describe('an amount as people say it becomes what Stripe counts', () => {
  test.each([
    [usd(19), { amount: 1900, currency: 'usd' }],
    [usd(19.9), { amount: 1990, currency: 'usd' }],
    [usd(0), { amount: 0, currency: 'usd' }],
    [eur(0.29), { amount: 29, currency: 'eur' }],
    [jpy(500), { amount: 500, currency: 'jpy' }],
    [money(5.12, 'kwd'), { amount: 5120, currency: 'kwd' }],
    [money(5, 'isk'), { amount: 500, currency: 'isk' }],
    [money(5, 'ugx'), { amount: 500, currency: 'ugx' }],
    [money(10.45, 'huf'), { amount: 1045, currency: 'huf' }],
  ])('%j', (made, expected) => {
    expect(made).toEqual(expected)
  })
})

describe('an amount that the currency cannot hold is refused and never rounded', () => {
  test.each([
    [() => usd(0.001), 'usd has 2 decimals'],
    [() => jpy(1.5), 'jpy has 0 decimals'],
    [() => money(5.5, 'isk'), 'in whole units only'],
    [() => money(5.123, 'kwd'), "the last of kwd's three decimals must be 0"],
    [() => usd(-1), 'give a number, 0 or more'],
    [() => usd(Number.NaN), 'give a number, 0 or more'],
    [() => usd(Infinity), 'give a number, 0 or more'],
    [() => usd(1e18), 'cannot be charged'],
    [() => money(1, 'USD'), 'three small letters'],
    [() => money(1, 'dollars'), 'three small letters'],
  ])('%s', (make, message) => {
    expect(make).toThrow(message)
  })
})

test('every number of cents comes back from what people would write for it', () => {
  const currencies = fc.constantFrom('usd', 'jpy', 'kwd', 'isk', 'huf')
  fc.assert(
    fc.property(fc.nat(100_000_000), currencies, (units, currency) => {
      const step = currency === 'kwd' ? 10 : currency === 'isk' ? 100 : 1
      const amount = units * step
      const decimals = minorUnitDecimals(currency)
      expect(money(Number((amount / 10 ** decimals).toFixed(decimals)), currency).amount).toBe(amount)
    }),
  )
})

describe('an amount as people read it', () => {
  test.each([
    [usd(19), {}, '$19.00'],
    [usd(19), { trimZeros: true }, '$19'],
    [usd(19.9), { trimZeros: true }, '$19.90'],
    [jpy(500), {}, '¥500'],
    [money(500, 'isk'), {}, 'ISK 500'],
    [money(12.34, 'huf'), {}, 'HUF 12.34'],
    [eur(1234.5), { locale: 'de' }, '1.234,50 €'],
  ])('%j %j', (amount, options, text) => {
    expect(formatMoney(amount, options).replace(/\s/gu, ' ')).toBe(text)
  })
})
