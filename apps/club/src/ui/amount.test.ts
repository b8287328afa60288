import fc from 'fast-check'
import { expect, test } from 'vitest'
import { amountToType, parseAmount } from './amount.ts'
import { formatAmount } from './format.ts'

test.each([
  ['5', 500],
  ['5.5', 550],
  [' $5.50 ', 550],
  ['0.01', 1],
  ['1,250.50', 125_050],
  ['19.00', 1900],
])('%j is an amount', (text, amount) => {
  expect(parseAmount(text, 'usd')).toBe(amount)
})

test.each([
  '',
  '0',
  '0.00',
  '-5',
  '+5',
  '5.001',
  '5,50',
  '5.',
  '.5',
  '1e3',
  '0x10',
  'five',
  '5 5',
  '٥',
  'Infinity',
  '9'.repeat(20),
])('%j is none', (text) => {
  expect(parseAmount(text, 'usd')).toBeNull()
})

test('a currency without minor units has no decimals', () => {
  expect([parseAmount('500', 'jpy'), parseAmount('5.00', 'jpy')]).toEqual([500, null])
})

test('what is shown can be typed again, in every currency', () => {
  const currency = fc.constantFrom('usd', 'eur', 'jpy', 'kwd')
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99_999_999 }), currency, (amount, of) => {
      expect(parseAmount(amountToType(amount, of), of)).toBe(amount)
    }),
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99_999_999 }), (amount) => {
      expect(parseAmount(formatAmount(amount, 'usd'), 'usd')).toBe(amount)
    }),
  )
})
