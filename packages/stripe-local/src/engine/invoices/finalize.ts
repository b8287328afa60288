import type { Account } from '../../account.ts'
import type { Kinds } from '../../kinds.ts'
import { hostedInvoiceUrl, invoicePdfUrl } from '../../pages/urls.ts'
import { invalidRequest } from '../../protocol/errors.ts'
import { adjustBalance } from '../../resources/customer-balance-transactions.ts'
import { createPaymentIntentForInvoice } from '../payments.ts'
import { settle } from '../totals.ts'
import { customerFields } from './create.ts'
import { markPaid } from './paid.ts'
import { type Invoice, withTotals } from './totals.ts'

/**
 * Finalizes a draft: it gets its number, takes the customer's balance, and is open, with a payment intent for what is due. When nothing
 * is due it is paid at once. Error when it is not a draft.
 *
 * @param options.intent a payment intent that is there already, in place of a new one: what a Checkout was paid by
 * https://docs.stripe.com/invoicing/integration/workflow-transitions
 */
export function finalizeInvoice(
  account: Account,
  id: string,
  options: { autoAdvance?: boolean; intent?: string } = {},
): Invoice {
  const draft = account.get('invoice', id)
  if (draft.status !== 'draft') {
    throw invalidRequest("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
  }
  const customer = account.get('customer', draft.customer ?? '', 'customer')
  const totals = withTotals(account, { ...draft, ...customerFields(account, customer) })
  const { amountDue, endingBalance, tooSmall } = settle(totals.total, customer.balance, draft.currency)
  const sequence = customer.next_invoice_sequence ?? 1
  account.update('customer', customer.id, { next_invoice_sequence: sequence + 1 })
  const open = account.insert('invoice', {
    ...totals,
    amount_due: amountDue,
    amount_remaining: amountDue,
    auto_advance: options.autoAdvance ?? draft.auto_advance ?? true,
    automatically_finalizes_at: null,
    effective_at: draft.effective_at ?? account.now,
    ending_balance: endingBalance,
    hosted_invoice_url: hostedInvoiceUrl(account, id),
    invoice_pdf: invoicePdfUrl(account, id),
    next_payment_attempt: null,
    number: draft.number ?? `${customer.invoice_prefix}-${String(sequence).padStart(4, '0')}`,
    starting_balance: customer.balance,
    status: 'open',
    status_transitions: { ...draft.status_transitions, finalized_at: account.now },
  })
  takeBalance(account, open, endingBalance - customer.balance, tooSmall)
  account.emit('invoice.finalized', open)
  if (amountDue === 0) return markPaid(account, id, { attempts: 0 })
  const intent = options.intent ?? createPaymentIntentForInvoice(account, open).id
  tieIntent(account, open, intent, { amount: amountDue, isDefault: true })
  return account.get('invoice', id)
}

/** Books what an invoice takes from the customer's balance or leaves there. */
function takeBalance(account: Account, invoice: Invoice, change: number, tooSmall: boolean): void {
  if (change === 0 || !invoice.customer) return
  const before = account.get('customer', invoice.customer)
  adjustBalance(account, invoice.customer, {
    amount: change,
    currency: invoice.currency,
    type: tooSmall ? 'invoice_too_small' : 'applied_to_invoice',
    invoice: invoice.id,
  })
  account.emit('customer.updated', account.get('customer', invoice.customer), before)
}

/** Makes the invoice payment that ties a payment intent to an invoice. */
export function tieIntent(
  account: Account,
  invoice: Invoice,
  intent: string,
  { amount, isDefault }: { amount: number; isDefault: boolean },
): Kinds['invoice_payment'] {
  return account.insert('invoice_payment', {
    id: account.newId('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: amount,
    created: account.now,
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: isDefault,
    livemode: false,
    payment: { payment_intent: intent, type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  })
}
