import type Stripe from 'stripe'
import { invalidRequest } from '../protocol/errors.ts'
import type { Stored } from '../wire.ts'
import { fingerprintOf } from './cards.ts'

/** Where bank and branch stand in the IBANs of a country, counted after its four first characters. */
const layouts: Record<string, { length: number; bank: number; branch: number }> = {
  AT: { length: 20, bank: 5, branch: 0 },
  BE: { length: 16, bank: 3, branch: 0 },
  CH: { length: 21, bank: 5, branch: 0 },
  DE: { length: 22, bank: 8, branch: 0 },
  DK: { length: 18, bank: 4, branch: 0 },
  EE: { length: 20, bank: 2, branch: 2 },
  ES: { length: 24, bank: 4, branch: 4 },
  FI: { length: 18, bank: 3, branch: 0 },
  FR: { length: 27, bank: 5, branch: 5 },
  GB: { length: 22, bank: 4, branch: 6 },
  GR: { length: 27, bank: 3, branch: 4 },
  IE: { length: 22, bank: 4, branch: 6 },
  IT: { length: 27, bank: 6, branch: 5 },
  LI: { length: 21, bank: 5, branch: 0 },
  LT: { length: 20, bank: 5, branch: 0 },
  LU: { length: 20, bank: 3, branch: 0 },
  LV: { length: 21, bank: 4, branch: 0 },
  NL: { length: 18, bank: 4, branch: 0 },
  NO: { length: 15, bank: 4, branch: 0 },
  PL: { length: 28, bank: 3, branch: 5 },
  PT: { length: 25, bank: 4, branch: 4 },
  SE: { length: 24, bank: 3, branch: 0 },
  SI: { length: 19, bank: 5, branch: 0 },
  SK: { length: 24, bank: 4, branch: 0 },
}

/** What a debit of a test account comes to, and how long that takes. */
export type DebitOutcome = {
  succeeds: boolean
  /** Seconds. */
  after: number
  disputed?: true
  /** Why it fails, where there is a code for it. */
  failure?: { code: string; message: string }
}

const seconds = 5
const minutes = 180

/** The accounts of https://docs.stripe.com/payments/sepa-debit/accept-a-payment#test-account-numbers that do not simply pay. */
const outcomes: Record<string, DebitOutcome> = {
  AT321904300235473204: { succeeds: true, after: minutes },
  AT861904300235473202: { succeeds: false, after: seconds },
  AT051904300235473205: { succeeds: false, after: minutes },
  AT591904300235473203: { succeeds: true, after: seconds, disputed: true },
  DE08370400440532013003: { succeeds: true, after: minutes },
  DE62370400440532013001: { succeeds: false, after: seconds },
  DE78370400440532013004: { succeeds: false, after: minutes },
  DE35370400440532013002: { succeeds: true, after: seconds, disputed: true },
  FR3020041010050500013M02609: { succeeds: true, after: minutes },
  FR8420041010050500013M02607: { succeeds: false, after: seconds },
  FR7920041010050500013M02600: { succeeds: false, after: minutes },
  FR5720041010050500013M02608: { succeeds: true, after: seconds, disputed: true },
}

export const debitOutcome = (iban: string): DebitOutcome => outcomes[iban] ?? { succeeds: true, after: seconds }

/** An IBAN without spaces. Throws Stripe's 400 `invalid_bank_account_iban` for one whose check digits are wrong. */
export function ibanOf(given: string): string {
  const iban = given.replace(/\s/g, '').toUpperCase()
  const layout = layouts[iban.slice(0, 2)]
  if (layout?.length === iban.length && remainder(iban) === 1) return iban
  throw invalidRequest('The IBAN you provided is invalid.', 'sepa_debit[iban]', 'invalid_bank_account_iban')
}

/** `sepa_debit` of a payment method. */
export function sepaDebitOf(accountId: string, iban: string): Stored<Stripe.PaymentMethod.SepaDebit> {
  const country = iban.slice(0, 2)
  const { bank, branch } = layouts[country] ?? { bank: 4, branch: 0 }
  return {
    bank_code: iban.slice(4, 4 + bank),
    branch_code: iban.slice(4 + bank, 4 + bank + branch),
    country,
    fingerprint: fingerprintOf(accountId, iban),
    generated_from: { charge: null, setup_attempt: null },
    last4: iban.slice(-4),
  }
}

/** ISO 7064: the country and check digits moved behind, letters as numbers, modulo 97. */
function remainder(iban: string): number {
  let rest = 0
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    if (Number.isNaN(value)) return -1
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest
}
