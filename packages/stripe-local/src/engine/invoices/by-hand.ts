import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { invalidRequest, notSupported } from '../../protocol/errors.ts'
import { cardSource } from '../card-sources.ts'
import { type Attempt, collect, paymentError, paymentMethodOf, subscriptionOf } from '../collection.ts'
import { afterCollection } from '../subscriptions/collected.ts'
import { nothingToPayWith } from '../subscriptions/pay-now.ts'
import { finalizeInvoice } from './finalize.ts'
import { markPaid } from './paid.ts'
import type { Invoice } from './totals.ts'

/** `POST /v1/invoices/{id}/finalize`: https://docs.stripe.com/api/invoices/finalize. What goes on by itself is charged about an hour later. */
export function finalizeByHand(account: Account, id: string, params: Stripe.InvoiceFinalizeInvoiceParams): Invoice {
  const { customer } = account.get('invoice', id)
  return account.atTimeOf(customer, () => {
    const open = finalizeInvoice(account, id, {
      ...(params.auto_advance !== undefined && { autoAdvance: params.auto_advance }),
    })
    if (open.status !== 'open' || !open.auto_advance) return open
    if (open.collection_method === 'send_invoice') {
      account.emit('invoice.sent', open)
      return open
    }
    return account.update('invoice', id, { next_payment_attempt: account.now + account.settings.finalizeAfter })
  })
}

/**
 * `POST /v1/invoices/{id}/pay`: https://docs.stripe.com/api/invoices/pay. A draft is finalized first.
 *
 * Errors: it is paid or void; `resource_missing` when there is nothing to pay with; the 402 of a declined payment, which leaves the attempt
 * behind; `invoice_payment_intent_requires_action`.
 */
export function payByHand(account: Account, id: string, params: Stripe.InvoicePayParams): Invoice {
  if (params.mandate) throw notSupported('mandates given to pay an invoice')
  if (params.forgive) throw notSupported('forgiving what a source lacks: nothing here is funded in advance')
  const before = account.get('invoice', id)
  return account.atTimeOf(before.customer, () => {
    if (before.status === 'paid') throw invalidRequest('Invoice is already paid')
    const open = before.status === 'draft' ? finalizeInvoice(account, id) : before
    if (open.status === 'paid') return afterwards(account, open)
    if (open.status !== 'open' && open.status !== 'uncollectible') {
      throw invalidRequest("You can only pass in open invoices. This invoice isn't open.")
    }
    if (params.paid_out_of_band) return afterwards(account, markPaid(account, id, { outOfBand: true }))
    return charge(account, open, params)
  })
}

function charge(account: Account, open: Invoice, params: Stripe.InvoicePayParams): Invoice {
  const source =
    params.source && open.customer ? cardSource(account, open.customer, params.source, 'source').id : undefined
  const payment_method = params.payment_method ?? source
  if (payment_method) account.get('payment_method', payment_method, 'payment_method')
  else if (paymentMethodOf(account, open) === null) throw nothingToPayWith()
  const attempt: Attempt = {
    offSession: params.off_session ?? true,
    ...(payment_method && { paymentMethod: payment_method }),
  }
  const outcome = collect(account, open.id, attempt)
  if (outcome.status === 'failed') throw paymentError(outcome.intent, { keepChanges: true })
  if (outcome.status === 'requires_action') {
    throw Object.assign(paymentError(outcome.intent, { keepChanges: true }), {
      message:
        'Payment for this invoice requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with `invoice.confirmation_secret`. For more information see: https://stripe.com/docs/billing/subscriptions/overview#requires-action',
      details: { type: 'card_error', code: 'invoice_payment_intent_requires_action' },
    })
  }
  return account.get('invoice', open.id)
}

/** An invoice that was paid without a payment moves its subscription like any other. */
function afterwards(account: Account, paid: Invoice): Invoice {
  if (subscriptionOf(paid)) afterCollection(account, paid, { status: 'paid' })
  return account.get('invoice', paid.id)
}

/** `POST /v1/invoices/{id}/send`: https://docs.stripe.com/api/invoices/send. Nothing is mailed: the event is the mail. */
export function sendByHand(account: Account, id: string): Invoice {
  const before = account.get('invoice', id, 'invoice')
  return account.atTimeOf(before.customer, () => {
    const open = before.status === 'draft' ? finalizeInvoice(account, id) : before
    if (open.status === 'paid' && before.status === 'draft') return open
    if (open.status !== 'open') {
      throw invalidRequest(
        'This invoice cannot be sent right now. Please contact us via https://support.stripe.com/contact with details, so we can help.',
      )
    }
    account.emit('invoice.sent', open)
    return open
  })
}
