import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { day } from './calendar.ts'
import { exponentOf } from './money.ts'

export type BalanceTransaction = Kinds['balance_transaction']
type Charge = Kinds['charge']

/** Days until what was paid can be paid out: from the midnight (UTC) before the payment. */
const daysUntilAvailable = 7

/**
 * What Stripe keeps of a payment, in minor units, half of one rounded up: of a card payment 2.9 % and 30 cents (0.3 of whatever the currency's unit is), of a debit
 * 0.8 % and 30 cents, at most 6.
 */
export function feeFor(amount: number, currency: string, type = 'card'): number {
  const unit = 10 ** exponentOf(currency)
  const fixed = Math.round(0.3 * unit)
  if (type === 'card') return Math.floor((amount * 29 + 500) / 1000) + fixed
  return Math.min(Math.floor((amount * 8 + 500) / 1000) + fixed, 6 * unit)
}

/** What a dispute costs, in the minor units of its currency. It is not given back when the dispute is won. */
export const disputeFee = (currency: string): number => Math.round(15 * 10 ** exponentOf(currency))

type Movement = {
  amount: number
  currency: string
  fee?: { amount: number; description: string }
  type: Stripe.BalanceTransaction.Type
  reportingCategory: string
  /** The id of the charge, refund or dispute that moved the money. */
  source: string
  description: string | null
  availableOn: number
}

/** Records what moves the account's balance. `net` is what is left of the amount after the fee. */
export function recordMovement(account: Account, movement: Movement): BalanceTransaction {
  const { amount, currency, fee, type, reportingCategory, source, description, availableOn } = movement
  return account.insert('balance_transaction', {
    id: account.newId('txn'),
    object: 'balance_transaction',
    amount,
    available_on: availableOn,
    balance_type: 'payments',
    created: account.now,
    currency,
    description,
    exchange_rate: null,
    fee: fee?.amount ?? 0,
    fee_details: fee
      ? [{ amount: fee.amount, application: null, currency, description: fee.description, type: 'stripe_fee' }]
      : [],
    net: amount - (fee?.amount ?? 0),
    reporting_category: reportingCategory,
    source,
    status: availableOn > account.now ? 'pending' : 'available',
    type,
  })
}

/** The money of a captured charge comes in: available in a week, or at once for the cards that say so. */
export function recordCharge(account: Account, charge: Charge, availableAtOnce = false): BalanceTransaction {
  const { amount_captured: amount, currency } = charge
  const method = charge.payment_method_details?.type
  return recordMovement(account, {
    amount,
    currency,
    fee: { amount: Math.min(amount, feeFor(amount, currency, method)), description: 'Stripe processing fees' },
    type: method === 'card' ? 'charge' : 'payment',
    reportingCategory: 'charge',
    source: charge.id,
    description: charge.description,
    availableOn: availableAtOnce ? account.now : availableAfter(account.now),
  })
}

const availableAfter = (time: number): number => time - (time % day) + daysUntilAvailable * day

/** The transaction as it is now: what was pending is available once its day has come, by the clock of the customer who paid. */
export function asOfNow(account: Account, transaction: BalanceTransaction): BalanceTransaction {
  if (transaction.status !== 'pending') return transaction
  const now = account.timeOf(payerOf(account, transaction.source))
  return now >= transaction.available_on ? { ...transaction, status: 'available' } : transaction
}

function payerOf(account: Account, source: string | null): string | null {
  if (!source) return null
  const refund = account.find('refund', source)
  const chargeId = refund?.charge ?? account.find('dispute', source)?.charge ?? source
  return account.find('charge', chargeId)?.customer ?? null
}
