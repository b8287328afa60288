import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { notSupported } from '../protocol/errors.ts'
import type { DebitOutcome } from './ibans.ts'

const seconds = 5

/**
 * The test accounts of https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment#test-account-numbers, and what a debit of each comes to. What is
 * said of a failure is what Stripe's list of them says.
 */
const outcomes: Record<string, DebitOutcome> = {
  '000123456789': { succeeds: true, after: seconds },
  '000555555559': { succeeds: true, after: seconds, disputed: true },
  // It never comes to an end.
  '000000000009': { succeeds: true, after: Number.POSITIVE_INFINITY },
  '000111111113': failing('account_closed', "The customer's bank account has been closed."),
  '000111111116': failing('no_account', "The customer's bank account could not be located."),
  '000222222227': failing('insufficient_funds', "The customer's account has insufficient funds to cover this payment."),
  '000333333335': failing(
    'debit_not_authorized',
    'The customer has notified their bank that this payment was unauthorized.',
  ),
}

function failing(code: string, message: string): DebitOutcome {
  return { succeeds: false, after: seconds, failure: { code, message } }
}

const readyMade: Record<string, string> = {
  accountClosed: '000111111113',
  debitNotAuthorized: '000333333335',
  dispute: '000555555559',
  insufficientFunds: '000222222227',
  noAccount: '000111111116',
  processing: '000000000009',
  success: '000123456789',
}

/** The number behind a ready-made account such as `pm_usBankAccount_success`. */
export function numberOfReadyMadeBank(id: string): string | undefined {
  const name = /^pm_usBankAccount_(\w+)$/.exec(id)?.[1] ?? ''
  return Object.hasOwn(readyMade, name) ? readyMade[name] : undefined
}

/** What a debit of an account in the United States comes to. Throws a 501 for an account of which nothing is known here. */
export function bankOutcome(number: string): DebitOutcome {
  const outcome = outcomes[number]
  if (outcome) return outcome
  throw notSupported(`debits of the account ${number}: the test accounts are ${Object.keys(outcomes).join(', ')}`)
}

/** Whether somebody has shown that the account is theirs: until then nothing is taken from it. */
export const isVerified = (account: Account, { id }: Pick<Kinds['payment_method'], 'id'>): boolean =>
  account.find('local.card', id)?.verified === true
