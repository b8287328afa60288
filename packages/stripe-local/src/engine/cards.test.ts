import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ApiError } from '../protocol/errors.ts'
import { checkCardData, fingerprintOf, numberOfReadyMade, testCardOf, testCards } from './cards.ts'

const refusal = (work: () => unknown): Record<string, unknown> => {
  try {
    work()
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status, message: error.message, ...error.details }
    throw error
  }
  throw new Error('It was expected to be refused.')
}

describe('the test cards', () => {
  it('are found by number, with spaces or without', () => {
    expect(testCardOf('4242 4242 4242 4242')).toMatchObject({ brand: 'visa', funding: 'credit', country: 'US' })
    expect(testCardOf('4000056655665556').funding).toBe('debit')
    expect(testCardOf('4000002760003184')).toMatchObject({ authenticates: 'always', country: 'DE' })
  })

  it('stand behind ready-made payment methods and tokens', () => {
    expect(numberOfReadyMade('pm_card_visa')).toBe('4242424242424242')
    expect(numberOfReadyMade('tok_visa')).toBe('4242424242424242')
    expect(numberOfReadyMade('pm_card_chargeCustomerFail')).toBe('4000000000000341')
    expect(numberOfReadyMade('pm_card_threeDSecure2Required')).toBe('4000000000003220')
    expect(numberOfReadyMade('pm_card_visa_chargeDeclined')).toBe('4000000000000002')
    expect(numberOfReadyMade('pm_card_chargeDeclinedInsufficientFunds')).toBe('4000000000009995')
    expect(numberOfReadyMade('pm_card_br')).toBe('4000000760000002')
    expect(numberOfReadyMade('pm_1SRzprKXBGcbgpbZJCdVv9Ga')).toBeUndefined()
  })

  it('are known by a fingerprint that is the same for the same number, and for no other', () => {
    const prints = testCards().map(({ number }) => fingerprintOf('acct_1', number))
    expect(new Set(prints).size).toBe(prints.length)
    expect(prints.every((print) => /^[A-Za-z0-9]{16}$/.test(print))).toBe(true)
    expect(fingerprintOf('acct_2', '4242424242424242')).not.toBe(fingerprintOf('acct_1', '4242424242424242'))
  })
})

describe('a number that is no test card', () => {
  it('is refused as a typing error when its check digit is wrong', () => {
    expect(refusal(() => testCardOf('4242424242424241'))).toEqual({
      status: 402,
      message: 'Your card number is incorrect.',
      type: 'card_error',
      code: 'incorrect_number',
      param: 'number',
    })
  })

  it('is refused with the reason when it could be a real one', () => {
    expect(refusal(() => testCardOf('4012888888881881'))).toMatchObject({
      status: 402,
      code: 'card_declined',
      message: expect.stringContaining('Your request was in test mode, but used a non test (live) card.'),
    })
  })

  it('is refused whatever it is, and never with an error of our own', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 24 }), (number) => {
        fc.pre(!testCards().some((card) => card.number === number.replace(/[\s-]/g, '')))
        expect(refusal(() => testCardOf(number)).status).toBe(402)
      }),
    )
  })
})

describe('what is typed beside the number', () => {
  const visa = testCardOf('4242424242424242')
  const now = Date.UTC(2026, 5, 15) / 1000
  const check = (data: { exp_month?: number; exp_year?: number; cvc?: string }) =>
    checkCardData(visa, { exp_month: 12, exp_year: 2030, ...data }, now)

  it('is taken when it is sound, a short year too', () => {
    expect(check({ exp_month: 6, exp_year: 26, cvc: '123' })).toEqual({ exp_month: 6, exp_year: 2026 })
  })

  it('is refused in Stripe’s words when it is not', () => {
    expect(refusal(() => check({ exp_month: 13 })).message).toBe("Your card's expiration month is invalid.")
    expect(refusal(() => check({ exp_month: 5, exp_year: 2026 })).code).toBe('invalid_expiry_month')
    expect(refusal(() => check({ exp_year: 2025 })).message).toBe("Your card's expiration year is invalid.")
    expect(refusal(() => check({ cvc: '12' }))).toMatchObject({
      code: 'invalid_cvc',
      message: "Your card's security code is invalid.",
      param: 'cvc',
    })
  })
})
