import type { Account } from '../../account.ts'
import { ApiError, invalidRequest } from '../../protocol/errors.ts'
import { attemptPayment, type Outcome, paymentError, paymentMethodOf } from '../collection.ts'
import { finalizeInvoice } from '../invoices/finalize.ts'
import type { Invoice } from '../invoices/totals.ts'

export type PaymentBehavior =
  | 'allow_incomplete'
  | 'default_incomplete'
  | 'error_if_incomplete'
  | 'pending_if_incomplete'

/** What came of an invoice that is to be paid within the request that made it. */
export type PaidNow = Outcome | { status: 'unconfirmed' | 'draft'; intent?: undefined; exhausted?: undefined }

/**
 * Finalizes an invoice and pays it within the request, as the payment behavior says. An invoice that is sent stays a draft.
 *
 * Errors: `resource_missing` when there is nothing to pay with; with `error_if_incomplete` a 402 (`card_declined`,
 * `subscription_payment_intent_requires_action`), which undoes everything.
 */
export function payNow(account: Account, invoice: Invoice, behavior: PaymentBehavior, offSession = false): PaidNow {
  if (invoice.collection_method === 'send_invoice') return { status: 'draft' }
  const open = finalizeInvoice(account, invoice.id)
  if (open.status === 'paid') return { status: 'paid' }
  if (behavior === 'default_incomplete') return { status: 'unconfirmed' }
  if (paymentMethodOf(account, open) === null) throw nothingToPayWith()
  const outcome = attemptPayment(account, open.id, { offSession })
  if (behavior !== 'error_if_incomplete' || outcome.status === 'paid' || outcome.status === 'processing') return outcome
  throw outcome.status === 'requires_action' ? actionRequired() : paymentError(outcome.intent, { keepChanges: false })
}

/** Stripe's refusal of a subscription that nobody could pay for. */
export const nothingToPayWith = (): ApiError =>
  invalidRequest(
    'This customer has no attached payment source or default payment method. Please consider adding a default payment method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.',
    undefined,
    'resource_missing',
  )

const actionRequired = (): ApiError =>
  new ApiError(
    402,
    "Payment for this subscription requires additional user action, but the requested payment behavior doesn't save the invoice or PaymentIntent. Retry the request with `payment_behavior=allow_incomplete` or `payment_behavior=default_incomplete`, then complete the PaymentIntent on the subscription's latest invoice. Additional information is available here: https://stripe.com/docs/billing/subscriptions/overview#requires-action",
    { type: 'card_error', code: 'subscription_payment_intent_requires_action' },
  )
