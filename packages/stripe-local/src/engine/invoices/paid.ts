import type { Account } from '../../account.ts'
import type { Kinds } from '../../kinds.ts'
import { cancelPaymentIntent } from '../payments.ts'
import type { Invoice } from './totals.ts'

type InvoicePayment = Kinds['invoice_payment']

/** The payments of an invoice, the oldest first. */
export const paymentsOf = (account: Account, invoice: string): InvoicePayment[] =>
  account.store.by('invoice_payment', 'invoice', invoice)

/** The payment that an invoice waits for, or was paid by. */
export const defaultPaymentOf = (account: Account, invoice: string): InvoicePayment | undefined =>
  paymentsOf(account, invoice).findLast((payment) => payment.is_default)

/** How an invoice was paid. */
export type Paid = {
  /** The attempts that were made in all, when that changed. */
  attempts?: number
  /** The payment intent that paid it. */
  intent?: string
  /** Paid outside of Stripe. */
  outOfBand?: boolean
}

/** Marks an open invoice as paid, tells of it, and closes its payments. */
export function markPaid(account: Account, id: string, { attempts, intent, outOfBand = false }: Paid): Invoice {
  const invoice = account.get('invoice', id)
  account.update('invoice', id, {
    amount_paid: invoice.amount_due,
    ...(outOfBand && { amount_paid_off_stripe: invoice.amount_remaining }),
    amount_remaining: 0,
    attempt_count: attempts ?? invoice.attempt_count,
    attempted: outOfBand ? invoice.attempted : true,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'paid',
    status_transitions: { ...invoice.status_transitions, paid_at: account.now },
  })
  const paid = account.get('invoice', id)
  account.emit('invoice.paid', paid)
  account.emit('invoice.payment_succeeded', paid)
  for (const payment of paymentsOf(account, id)) {
    if (payment.payment.payment_intent === intent) payInvoicePayment(account, payment)
    else if (payment.status === 'open') withdraw(account, payment)
  }
  return paid
}

/** The invoice was paid otherwise: whoever still has its secret must not pay once more. */
function withdraw(account: Account, payment: InvoicePayment): void {
  cancelInvoicePayment(account, payment)
  const intent = payment.payment.payment_intent
  if (intent) cancelPaymentIntent(account, intent, 'automatic')
}

/**
 * A payment of an invoice has come.
 *
 * @param amount minor units; what was asked for where nothing is said
 */
export function payInvoicePayment(
  account: Account,
  payment: InvoicePayment,
  amount: number = payment.amount_requested,
): void {
  const paid = account.update('invoice_payment', payment.id, {
    amount_paid: amount,
    status: 'paid',
    status_transitions: { ...payment.status_transitions, paid_at: account.now },
  })
  account.emit('invoice_payment.paid', paid)
}

/** What the customer is asked to pay follows what is left to pay. What somebody attached has an amount of its own. */
export function askForRest(account: Account, { id, amount_remaining }: Invoice): void {
  for (const payment of paymentsOf(account, id)) {
    if (payment.status !== 'open' || !payment.is_default) continue
    account.update('invoice_payment', payment.id, { amount_requested: amount_remaining })
    const intent = payment.payment.payment_intent
    if (intent) account.update('payment_intent', intent, { amount: amount_remaining })
  }
}

/** A payment that is not waited for any more. */
export const cancelInvoicePayment = (account: Account, payment: InvoicePayment): InvoicePayment =>
  account.update('invoice_payment', payment.id, {
    status: 'canceled',
    status_transitions: { ...payment.status_transitions, canceled_at: account.now },
  })
