import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import type { Kinds } from '../../kinds.ts'
import { creditNotePdfUrl } from '../../pages/urls.ts'
import { invalidRequest, missingParameter, notSupported } from '../../protocol/errors.ts'
import { adjustBalance } from '../../resources/customer-balance-transactions.ts'
import { mergeMetadata } from '../../resources/metadata.ts'
import { sumOf } from '../discounts.ts'
import { createRefund } from '../refunds.ts'
import { afterCollection } from '../subscriptions/collected.ts'
import { attachedAmount } from './attach.ts'
import { creditLines, creditTotals, splitAmount } from './credit-note-lines.ts'
import { askForRest, markPaid, paymentsOf } from './paid.ts'
import type { Invoice } from './totals.ts'

export type CreditNote = Kinds['credit_note']

/**
 * Credits an invoice that is final: what is open is owed no more, what was paid is refunded, goes to the customer's balance, or
 * was given back outside of Stripe. https://docs.stripe.com/api/credit_notes/create
 *
 * Errors: the invoice is not open or paid; more than can be credited; the parts do not add up.
 */
export function createCreditNote(account: Account, params: Stripe.CreditNoteCreateParams): CreditNote {
  if (params.shipping_cost) throw notSupported('shipping on credit notes')
  const invoice = account.get('invoice', params.invoice, 'invoice')
  if (invoice.status !== 'open' && invoice.status !== 'paid') {
    throw invalidRequest('You can only create credit notes for open or paid invoices.', 'invoice')
  }
  return account.atTimeOf(invoice.customer, () => {
    const lines = creditLines(account, invoice, params)
    const totals = creditTotals(lines)
    const { pre, post } = splitAmount(totals.amount, invoice.amount_remaining)
    const linked = linkedRefunds(account, invoice, params.refunds ?? [])
    checkAmounts(invoice, params, totals.amount, post, linked)
    const id = account.newId('cn')
    const note = account.insert('credit_note', {
      id,
      object: 'credit_note',
      amount_shipping: 0,
      created: account.now,
      currency: invoice.currency,
      customer: invoice.customer ?? '',
      customer_account: null,
      customer_balance_transaction: creditBalance(account, invoice, id, params.credit_amount ?? 0),
      effective_at: params.effective_at ?? account.now,
      invoice: invoice.id,
      lines: { object: 'list', data: lines, has_more: false, url: `/v1/credit_notes/${id}/lines` },
      livemode: false,
      memo: params.memo ?? null,
      metadata: mergeMetadata({}, params.metadata),
      number: `${invoice.number}-CN-${String(notesOf(account, invoice.id).length + 1).padStart(2, '0')}`,
      out_of_band_amount: params.out_of_band_amount ?? null,
      pdf: creditNotePdfUrl(account, id),
      post_payment_amount: post,
      pre_payment_amount: pre,
      reason: params.reason ?? null,
      refunds: [...linked, ...refund(account, invoice, params.refund_amount ?? 0)],
      shipping_cost: null,
      status: 'issued',
      type: pre === 0 ? 'post_payment' : post === 0 ? 'pre_payment' : 'mixed',
      voided_at: null,
      ...totals,
    })
    account.emit('credit_note.created', note)
    credit(account, invoice, pre, post)
    return note
  })
}

/** The credit notes of an invoice that stand. */
export const notesOf = (account: Account, invoice: string): CreditNote[] =>
  account.store.by('credit_note', 'invoice', invoice)

function checkAmounts(
  invoice: Invoice,
  params: Stripe.CreditNoteCreateParams,
  amount: number,
  post: number,
  linked: CreditNote['refunds'],
): void {
  const paid = invoice.amount_paid - invoice.post_payment_credit_notes_amount
  if (post > paid) {
    throw invalidRequest(
      `The credit note amount (${amount}) is more than can be credited of this invoice (${paid + invoice.amount_remaining}).`,
      'amount',
    )
  }
  const parts = [params.credit_amount, params.refund_amount, params.out_of_band_amount]
  const given = sumOf([...parts.map((each) => each ?? 0), ...linked.map(({ amount_refunded }) => amount_refunded)])
  if (given === post) return
  throw invalidRequest(
    `The sum of credit amount, refund amount and out of band amount (${given}) must equal the post payment amount of the credit note (${post}).`,
  )
}

function creditBalance(account: Account, invoice: Invoice, note: string, amount: number): string | null {
  if (amount === 0 || !invoice.customer) return null
  const before = account.get('customer', invoice.customer)
  const change = { amount: -amount, currency: invoice.currency, type: 'credit_note' as const }
  const transaction = adjustBalance(account, invoice.customer, { ...change, credit_note: note, invoice: invoice.id })
  account.emit('customer.updated', account.get('customer', invoice.customer), before)
  return transaction.id
}

/** Refunds that were made already, of the invoice's own payments: what of each the note stands for. */
function linkedRefunds(
  account: Account,
  invoice: Invoice,
  params: readonly Stripe.CreditNoteCreateParams.Refund[],
): CreditNote['refunds'] {
  const intents = paymentsOf(account, invoice.id).map(({ payment }) => payment.payment_intent)
  return params.map(({ refund: id, amount_refunded, payment_record_refund }, index) => {
    if (payment_record_refund) throw notSupported('payment records')
    if (!id) throw missingParameter(`refunds[${index}][refund]`)
    const refund = account.get('refund', id, `refunds[${index}][refund]`)
    if (!refund.payment_intent || !intents.includes(refund.payment_intent)) {
      throw invalidRequest(
        `The refund ${id} is not of a payment of the invoice ${invoice.id}.`,
        `refunds[${index}][refund]`,
      )
    }
    const amount = amount_refunded ?? refund.amount
    if (amount < 1 || amount > refund.amount) {
      throw invalidRequest(
        `The refund ${id} gave back ${refund.amount}: its part of the credit note lies between 1 and that.`,
        `refunds[${index}][amount_refunded]`,
      )
    }
    return { amount_refunded: amount, payment_record_refund: null, refund: id, type: 'refund' }
  })
}

function refund(account: Account, invoice: Invoice, amount: number): CreditNote['refunds'] {
  if (amount === 0) return []
  const intent = paymentsOf(account, invoice.id).findLast((payment) => payment.status === 'paid')?.payment
    .payment_intent
  if (!intent) {
    throw invalidRequest('This invoice was not paid by a payment that can be refunded.', 'refund_amount')
  }
  const made = createRefund(account, { payment_intent: intent, amount })
  return [{ amount_refunded: amount, payment_record_refund: null, refund: made.id, type: 'refund' }]
}

/** What the invoice says of its credit notes; one that nothing is left to pay of is paid. */
function credit(account: Account, invoice: Invoice, pre: number, post: number): void {
  const amount_remaining = invoice.amount_remaining - pre
  if (attachedAmount(account, invoice.id) > amount_remaining) {
    throw notSupported('credit notes by which attached payments come to more than the invoice')
  }
  const after = account.change('invoice.updated', 'invoice', invoice.id, {
    amount_due: invoice.amount_due - pre,
    amount_remaining,
    post_payment_credit_notes_amount: invoice.post_payment_credit_notes_amount + post,
    pre_payment_credit_notes_amount: invoice.pre_payment_credit_notes_amount + pre,
  })
  if (after.status !== 'open') return
  if (amount_remaining > 0) askForRest(account, after)
  else afterCollection(account, markPaid(account, invoice.id, {}), { status: 'paid' })
}

/** `POST /v1/credit_notes/{id}/void`: possible while its invoice is open. https://docs.stripe.com/api/credit_notes/void */
export function voidCreditNote(account: Account, id: string): CreditNote {
  const note = account.get('credit_note', id)
  const invoice = account.get('invoice', note.invoice)
  if (note.status === 'void') throw invalidRequest('This credit note is already void.')
  if (invoice.status !== 'open') throw invalidRequest('You can only void credit notes of open invoices.')
  return account.atTimeOf(invoice.customer, () => {
    const owed = account.change('invoice.updated', 'invoice', invoice.id, {
      amount_due: invoice.amount_due + note.pre_payment_amount,
      amount_remaining: invoice.amount_remaining + note.pre_payment_amount,
      pre_payment_credit_notes_amount: invoice.pre_payment_credit_notes_amount - note.pre_payment_amount,
    })
    askForRest(account, owed)
    const voided = account.update('credit_note', id, { status: 'void', voided_at: account.now })
    account.emit('credit_note.voided', voided)
    return voided
  })
}
