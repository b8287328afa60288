import type { Account } from '../../account.ts'
import { invalidRequest } from '../../protocol/errors.ts'
import { adjustBalance } from '../../resources/customer-balance-transactions.ts'
import { cancelPaymentIntent } from '../payments.ts'
import { cancelInvoicePayment, paymentsOf } from './paid.ts'
import type { Invoice } from './totals.ts'

const notOpen = () => invalidRequest("You can only pass in open invoices. This invoice isn't open.")

/** Voids an open or uncollectible invoice: nothing is owed any more, and the balance that it took is given back. */
export function voidInvoice(account: Account, id: string): Invoice {
  const invoice = account.get('invoice', id)
  if (invoice.status !== 'open' && invoice.status !== 'uncollectible') throw notOpen()
  giveBackBalance(account, invoice)
  account.update('invoice', id, {
    auto_advance: false,
    next_payment_attempt: null,
    status: 'void',
    status_transitions: { ...invoice.status_transitions, voided_at: account.now },
  })
  closePayments(account, id)
  const voided = account.get('invoice', id)
  account.emit('invoice.voided', voided)
  return voided
}

/** Why an invoice counts as lost. */
export type LossReason = 'user_forgiven' | 'max_payment_attempts' | 'subscription_canceled' | 'subscription_paused'

/** Marks an open invoice as uncollectible: it can still be paid, and is written off in the meantime. */
export function markUncollectible(account: Account, id: string, reason: LossReason = 'user_forgiven'): Invoice {
  const invoice = account.get('invoice', id)
  if (invoice.status === 'uncollectible') {
    throw invalidRequest('This invoice has already been marked uncollectible.')
  }
  if (invoice.status !== 'open') throw notOpen()
  account.update('invoice', id, {
    auto_advance: false,
    next_payment_attempt: null,
    status: 'uncollectible',
    status_details: { uncollectible: { reason } },
    status_transitions: { ...invoice.status_transitions, marked_uncollectible_at: account.now },
  })
  const marked = account.get('invoice', id)
  account.emit('invoice.marked_uncollectible', marked)
  return marked
}

function giveBackBalance(account: Account, invoice: Invoice): void {
  const taken = (invoice.ending_balance ?? invoice.starting_balance) - invoice.starting_balance
  if (taken === 0 || !invoice.customer) return
  const before = account.get('customer', invoice.customer)
  adjustBalance(account, invoice.customer, {
    amount: -taken,
    currency: invoice.currency,
    type: 'unapplied_from_invoice',
    invoice: invoice.id,
  })
  account.emit('customer.updated', account.get('customer', invoice.customer), before)
}

function closePayments(account: Account, invoice: string): void {
  for (const payment of paymentsOf(account, invoice)) {
    if (payment.status !== 'open') continue
    cancelInvoicePayment(account, payment)
    const intent = payment.payment.payment_intent
    if (intent) cancelPaymentIntent(account, intent, 'void_invoice')
  }
}
