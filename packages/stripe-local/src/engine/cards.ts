import { createHash } from 'node:crypto'
import { ApiError } from '../protocol/errors.ts'
import type { DeclineName } from './declines.ts'

/** What is special about a test card. None of it: it pays. */
export type Behaviour = {
  /** Refused already when it is saved, and whenever it is charged. */
  declines?: DeclineName
  /** Can be saved; refused when it is charged, and after an authentication that succeeded. */
  declinesCharges?: DeclineName
  /**
   * When the customer has to approve (3D Secure): always; unless it was set up for off-session use, and always with the customer there; not
   * off session, as though it had been set up; or only where it is asked for.
   */
  authenticates?: 'always' | 'unless_set_up' | 'already_set_up' | 'on_request'
  /** What its charges are disputed for. An inquiry is the bank's question before it takes any money. */
  disputes?: 'fraudulent' | 'product_not_received' | 'inquiry'
  /** Its refunds are pending for a while, or fail a while after they succeeded. */
  refunds?: 'pending' | 'failing'
  /** The money can be paid out at once instead of in a week. */
  availableAtOnce?: true
  checks?: { cvc?: 'fail'; line1?: 'fail' | 'unavailable'; postalCode?: 'fail' | 'unavailable' }
  risk?: 'elevated' | 'highest'
}

/** A card number of https://docs.stripe.com/testing and what it stands for. */
export type TestCard = { number: string; brand: string; funding: string; country: string } & Behaviour

type Row = [number: string, brand: string, names: string, traits?: Partial<TestCard>]

/**
 * Number, brand, and the names of ready-made payment methods and tokens: `visa` is `pm_card_visa` and `tok_visa`. Credit cards of the United
 * States that pay, where nothing else is said.
 */
const rows: Row[] = [
  ['4242424242424242', 'visa', 'visa us'],
  ['4000056655665556', 'visa', 'visa_debit', { funding: 'debit' }],
  ['5555555555554444', 'mastercard', 'mastercard'],
  ['2223003122003222', 'mastercard', ''],
  ['5200828282828210', 'mastercard', 'mastercard_debit', { funding: 'debit' }],
  ['5105105105105100', 'mastercard', 'mastercard_prepaid', { funding: 'prepaid' }],
  ['371449635398431', 'amex', 'amex'],
  ['378282246310005', 'amex', 'amex_threeDSecureNotSupported'],
  ['6011000990139424', 'discover', 'discover'],
  ['6011111111111117', 'discover', ''],
  ['6011981111111113', 'discover', 'discover_debit', { funding: 'debit' }],
  ['3056930009020004', 'diners', 'diners'],
  ['36227206271667', 'diners', ''],
  ['6555900000604105', 'discover', 'bccard'],
  ['3566002020360505', 'jcb', 'jcb'],
  ['6200000000000005', 'unionpay', 'unionpay'],
  ['6200000000000047', 'unionpay', 'unionpay_debit', { funding: 'debit' }],
  ['6205500000000000004', 'unionpay', ''],
  ['4000002500001001', 'visa', 'visa_cartesBancaires', { country: 'FR' }],
  ['5555552500001001', 'mastercard', 'mastercard_cartesBancaires', { country: 'FR' }],

  ['4000000000000002', 'visa', 'visa_chargeDeclined chargeDeclined', { declines: 'generic_decline' }],
  [
    '4000000000009995',
    'visa',
    'visa_chargeDeclinedInsufficientFunds chargeDeclinedInsufficientFunds',
    { declines: 'insufficient_funds' },
  ],
  ['4000000000009987', 'visa', 'visa_chargeDeclinedLostCard chargeDeclinedLostCard', { declines: 'lost_card' }],
  ['4000000000009979', 'visa', 'visa_chargeDeclinedStolenCard chargeDeclinedStolenCard', { declines: 'stolen_card' }],
  ['4000000000000069', 'visa', 'chargeDeclinedExpiredCard', { declines: 'expired_card' }],
  ['4000000000000127', 'visa', 'chargeDeclinedIncorrectCvc', { declines: 'incorrect_cvc' }],
  ['4000000000000119', 'visa', 'chargeDeclinedProcessingError', { declines: 'processing_error' }],
  [
    '4000000000006975',
    'visa',
    'visa_chargeDeclinedVelocityLimitExceeded chargeDeclinedVelocityLimitExceeded',
    { declines: 'card_velocity_exceeded' },
  ],
  ['4000000000000341', 'visa', 'chargeCustomerFail', { declinesCharges: 'generic_decline' }],

  ['4100000000000019', 'visa', 'radarBlock chargeDeclinedFraudulent', { declinesCharges: 'fraudulent' }],
  ['4000000000004954', 'visa', 'riskLevelHighest', { risk: 'highest' }],
  ['4000000000009235', 'visa', 'riskLevelElevated', { risk: 'elevated' }],
  ['4000000000000101', 'visa', 'cvcCheckFail', { checks: { cvc: 'fail' } }],
  ['4000000000000036', 'visa', 'avsZipFail', { checks: { postalCode: 'fail' } }],
  ['4000000000000028', 'visa', 'avsLine1Fail', { checks: { line1: 'fail' } }],
  ['4000000000000010', 'visa', 'avsFail', { checks: { line1: 'fail', postalCode: 'fail' } }],
  ['4000000000000044', 'visa', 'avsUnchecked', { checks: { line1: 'unavailable', postalCode: 'unavailable' } }],

  ['4000000000000259', 'visa', 'createDispute', { disputes: 'fraudulent' }],
  ['4000000000002685', 'visa', 'createDisputeProductNotReceived', { disputes: 'product_not_received' }],
  ['4000000000001976', 'visa', 'createDisputeInquiry', { disputes: 'inquiry' }],
  ['4000000000007726', 'visa', 'pendingRefund', { refunds: 'pending' }],
  ['4000000000005126', 'visa', 'refundFail', { refunds: 'failing' }],
  ['4000000000000077', 'visa', 'bypassPending', { availableAtOnce: true }],
  ['4000003720000278', 'visa', 'bypassPendingInternational', { availableAtOnce: true, country: 'IE' }],

  ['4000002500003155', 'visa', 'authenticationRequiredOnSetup', { authenticates: 'unless_set_up', country: 'FR' }],
  ['4000002760003184', 'visa', 'authenticationRequired', { authenticates: 'always', country: 'DE' }],
  [
    '4000003800000446',
    'visa',
    'authenticationRequiredSetupForOffSession',
    { authenticates: 'already_set_up', country: 'IT' },
  ],
  [
    '4000008260003178',
    'visa',
    'authenticationRequiredChargeDeclinedInsufficientFunds',
    { authenticates: 'unless_set_up', declinesCharges: 'insufficient_funds', country: 'GB' },
  ],
  ['4000000000003220', 'visa', 'threeDSecure2Required', { authenticates: 'always' }],
  ['4000000000003063', 'visa', 'threeDSecureRequired', { authenticates: 'always' }],
  [
    '4000008400001629',
    'visa',
    'threeDSecureRequiredChargeDeclined',
    { authenticates: 'always', declinesCharges: 'generic_decline' },
  ],
  ['4000008400001280', 'visa', 'threeDSecureRequiredProcessingError', { declinesCharges: 'generic_decline' }],
  ['4000000000003055', 'visa', 'threeDSecureOptional', { authenticates: 'on_request' }],
  ['4000582600000094', 'visa', '', { authenticates: 'always' }],
  ['4000582600000045', 'visa', '', { authenticates: 'always' }],
  ['4000582600000102', 'visa', '', { authenticates: 'always' }],
  ['4000582600000110', 'visa', '', { authenticates: 'always' }],
]

/** Visa cards that pay, by the country of their bank; `pm_card_br` and `tok_br` have them too. */
const ofCountries = `
  ar 4000000320000021, br 4000000760000002, ca 4000001240000000, cl 4000001520000001, co 4000001700000003,
  cr 4000001880000005, ec 4000002180000000, mx 4000004840008001, pa 4000005910000000, py 4000006000000066,
  pe 4000006040000068, uy 4000008580000003, ae 4000007840000001, at 4000000400000008, be 4000000560000004,
  bg 4000001000000000, by 4000001120000005, hr 4000001910000009, cy 4000001960000008, cz 4000002030000002,
  dk 4000002080000001, ee 4000002330000009, fi 4000002460000001, fr 4000002500000003, de 4000002760000016,
  gi 4000002920000005, gr 4000003000000030, hu 4000003480000005, ie 4000003720000005, it 4000003800000008,
  lv 4000004280000005, li 4000004380000004, lt 4000004400000000, lu 4000004420000006, mt 4000004700000007,
  nl 4000005280000002, no 4000005780000007, pl 4000006160000005, pt 4000006200000007, ro 4000006420000001,
  sa 4000006820000007, si 4000007050000006, sk 4000007030000001, es 4000007240000007, se 4000007520000008,
  ch 4000007560000009, gb 4000008260000000, au 4000000360000006, cn 4000001560000002, hk 4000003440000004,
  in 4000003560000008, jp 4000003920000003, my 4000004580000002, nz 4000005540000008, sg 4000007020000003,
  tw 4000001580000008, th 4000007640000003`
  .trim()
  .split(/,\s*/)
  .map((entry): Row => {
    const [country = '', number = ''] = entry.split(' ')
    return [number, 'visa', country, { country: country.toUpperCase() }]
  })

const cards = new Map<string, TestCard>()
const numbersByName = new Map<string, string>()
for (const [number, brand, names, traits] of [...rows, ...ofCountries]) {
  cards.set(number, { number, brand, funding: 'credit', country: 'US', ...traits })
  for (const name of names.split(' ').filter(Boolean)) numbersByName.set(name, number)
}

/** Every test card, for the page that lists them. */
export const testCards = (): TestCard[] => [...cards.values()]

/** Finds a test card by its number, which may have spaces. */
export const findTestCard = (number: string): TestCard | undefined => cards.get(withoutSpaces(number))

/** The number behind a ready-made payment method or token, e.g. `pm_card_visa` or `tok_visa`. */
export const numberOfReadyMade = (id: string): string | undefined =>
  numbersByName.get(/^(?:pm_card|tok)_(.+)$/.exec(id)?.[1] ?? '')

/**
 * The test card of a number. A real number is refused as Stripe refuses it in test mode: nobody is to type one in here.
 *
 * Throws an ApiError (402) `incorrect_number` where the check digit is wrong, `card_declined` where it is no test card.
 */
export function testCardOf(number: string): TestCard {
  const card = findTestCard(number)
  if (card) return card
  if (!hasCheckDigit(withoutSpaces(number))) {
    throw cardError('incorrect_number', 'Your card number is incorrect.', 'number')
  }
  throw new ApiError(
    402,
    'Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid test cards, visit: https://stripe.com/docs/testing.',
    { type: 'card_error', code: 'card_declined', decline_code: 'test_mode_live_card' },
  )
}

/** Checks what was typed beside the number. Throws an ApiError (402): `invalid_expiry_month`, `invalid_expiry_year`, `invalid_cvc`. */
export function checkCardData(
  card: TestCard,
  given: { exp_month: number; exp_year: number; cvc?: string | undefined },
  now: number,
): { exp_month: number; exp_year: number } {
  const today = new Date(now * 1000)
  const exp_year = given.exp_year < 100 ? 2000 + given.exp_year : given.exp_year
  const { exp_month } = given
  if (exp_month < 1 || exp_month > 12) {
    throw cardError('invalid_expiry_month', "Your card's expiration month is invalid.", 'exp_month')
  }
  if (exp_year < today.getUTCFullYear() || exp_year > today.getUTCFullYear() + 50) {
    throw cardError('invalid_expiry_year', "Your card's expiration year is invalid.", 'exp_year')
  }
  if (exp_year === today.getUTCFullYear() && exp_month < today.getUTCMonth() + 1) {
    throw cardError('invalid_expiry_month', "Your card's expiration month is invalid.", 'exp_month')
  }
  const digits = card.brand === 'amex' ? /^\d{3,4}$/ : /^\d{3}$/
  if (given.cvc !== undefined && !digits.test(given.cvc)) {
    throw cardError('invalid_cvc', "Your card's security code is invalid.", 'cvc')
  }
  return { exp_month, exp_year }
}

/** Sixteen characters that are the same for the same number of the same account, as Stripe's fingerprints are. */
export const fingerprintOf = (accountId: string, number: string): string =>
  createHash('sha256')
    .update(`${accountId} ${number}`)
    .digest('base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 16)

const cardError = (code: string, message: string, param: string): ApiError =>
  new ApiError(402, message, { type: 'card_error', code, param })

const withoutSpaces = (number: string): string => number.replace(/[\s-]/g, '')

/** The Luhn sum, which a typing error breaks. */
function hasCheckDigit(number: string): boolean {
  if (!/^\d{12,19}$/.test(number)) return false
  const sum = [...number].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}

/** How the older objects spell a brand. */
export const brandNames: Record<string, string> = {
  amex: 'American Express',
  diners: 'Diners Club',
  discover: 'Discover',
  jcb: 'JCB',
  mastercard: 'MasterCard',
  unionpay: 'UnionPay',
  visa: 'Visa',
}
