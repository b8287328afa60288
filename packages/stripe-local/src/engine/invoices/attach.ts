import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import type { Kinds } from '../../kinds.ts'
import { invalidRequest, missingParameter, notSupported } from '../../protocol/errors.ts'
import { sumOf } from '../discounts.ts'
import { afterCollection } from '../subscriptions/collected.ts'
import { tieIntent } from './finalize.ts'
import { askForRest, markPaid, payInvoicePayment, paymentsOf } from './paid.ts'
import type { Invoice } from './totals.ts'

type PaymentIntent = Kinds['payment_intent']
type InvoicePayment = Kinds['invoice_payment']

/**
 * `POST /v1/invoices/{id}/attach_payment`: a payment intent of somebody's own pays the invoice, or a part of it, once it has succeeded;
 * at once where it has already.
 *
 * Throws an ApiError (400) when the invoice is not open, or the intent is canceled, of another customer or currency, or of more than
 * remains to be paid; (501) for payment records and for what would pay more than is owed. That these are refused is documented; the words are
 * ours, since Stripe publishes none.
 *
 * https://docs.stripe.com/invoicing/partial-payments
 */
export function attachPayment(account: Account, id: string, params: Stripe.InvoiceAttachPaymentParams): Invoice {
  if (params.payment_record) throw notSupported('payment records')
  if (!params.payment_intent) throw missingParameter('payment_intent')
  const invoice = account.get('invoice', id, 'invoice')
  const intent = account.get('payment_intent', params.payment_intent, 'payment_intent')
  if (invoice.status !== 'open') throw invalidRequest("You can only pass in open invoices. This invoice isn't open.")
  return account.atTimeOf(invoice.customer, () => {
    const amount = amountOf(intent)
    checkAttachable(account, invoice, intent, amount)
    const payment = tieIntent(account, invoice, intent.id, { amount, isDefault: false })
    if (intent.status === 'succeeded') creditPayment(account, invoice, payment, intent)
    return account.get('invoice', id)
  })
}

/** What an intent has brought in, or is to bring in. */
const amountOf = (intent: PaymentIntent): number =>
  intent.status === 'succeeded' ? intent.amount_received : intent.amount

function checkAttachable(account: Account, invoice: Invoice, intent: PaymentIntent, amount: number): void {
  if (intent.status === 'canceled') throw refused(`The PaymentIntent ${intent.id} is canceled.`)
  if (intent.currency !== invoice.currency || intent.customer !== invoice.customer) {
    throw refused(`The PaymentIntent ${intent.id} must have the same currency and customer as the invoice.`)
  }
  if (account.store.by('invoice_payment', 'payment_intent', intent.id).length > 0) {
    throw notSupported('payment intents that are attached to an invoice already')
  }
  if (amount > invoice.amount_remaining) {
    throw refused(`The amount of the PaymentIntent (${amount}) is more than remains (${invoice.amount_remaining}).`)
  }
  if (amount + attachedAmount(account, invoice.id) > invoice.amount_remaining) {
    throw notSupported('attached payments that come to more than the invoice')
  }
  const isRenewed = invoice.parent?.subscription_details != null && invoice.collection_method === 'charge_automatically'
  if (isRenewed && amount < invoice.amount_remaining) {
    throw refused("Partial payments aren't supported for subscription invoices that are charged automatically.")
  }
}

const refused = (message: string) => invalidRequest(message, 'payment_intent')

/** The payments that somebody has attached and that are still to come. */
export const attachedPaymentsOf = (account: Account, invoice: string): InvoicePayment[] =>
  paymentsOf(account, invoice).filter((payment) => !payment.is_default && payment.status === 'open')

/** What the attached payments that are still to come will bring in, in minor units. */
export const attachedAmount = (account: Account, invoice: string): number =>
  sumOf(attachedPaymentsOf(account, invoice).map(({ amount_requested }) => amount_requested))

/** An attached payment has succeeded: the invoice owes less, or is paid. The intent that it came with asks for the rest. */
export function creditPayment(
  account: Account,
  invoice: Invoice,
  payment: InvoicePayment,
  intent: PaymentIntent,
): void {
  const amount = intent.amount_received
  if (amount >= invoice.amount_remaining) {
    const paid = markPaid(account, invoice.id, { intent: intent.id })
    afterCollection(account, paid, { status: 'paid', intent })
    return
  }
  const rest = account.change('invoice.updated', 'invoice', invoice.id, {
    amount_paid: invoice.amount_paid + amount,
    amount_remaining: invoice.amount_remaining - amount,
  })
  payInvoicePayment(account, payment, amount)
  askForRest(account, rest)
}

/** 400 where payments that were made or are under way forbid that an invoice is given up. */
export function checkNoPayments(account: Account, id: string, what: 'void' | 'mark_uncollectible'): void {
  const { status, amount_paid } = account.get('invoice', id)
  if (status !== 'open' && status !== 'uncollectible') return
  const isPartlyPaid = what === 'void' && amount_paid > 0
  if (!isPartlyPaid && attachedPaymentsOf(account, id).length === 0) return
  throw invalidRequest(
    what === 'void'
      ? "You can't void an invoice that has open or paid payments."
      : "You can't mark an invoice uncollectible that has open payments.",
  )
}
