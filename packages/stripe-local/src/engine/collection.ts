import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { ApiError } from '../protocol/errors.ts'
import { day } from './calendar.ts'
import { creditPayment } from './invoices/attach.ts'
import { cancelInvoicePayment, defaultPaymentOf, markPaid } from './invoices/paid.ts'
import type { Invoice } from './invoices/totals.ts'
import { confirmPaymentIntent } from './payments.ts'
import { afterCollection } from './subscriptions/collected.ts'

type PaymentIntent = Kinds['payment_intent']

/** What came of an attempt to pay an invoice. */
export type Outcome = {
  status: 'paid' | 'failed' | 'requires_action' | 'processing'
  /** The intent as it is now; absent when there was no payment method to try. */
  intent?: PaymentIntent
  /** The retry schedule has ended without a payment. */
  exhausted?: boolean
}

export type Attempt = {
  /** In place of the default payment method. */
  paymentMethod?: string
  /** The customer is not there to authenticate. */
  offSession?: boolean
  /** The retry schedule's own attempt: it counts. A manual one counts only when it is the first. */
  automatic?: boolean
}

/** Intents that are being confirmed by us: whoever confirms them tells us by the return value, not by `paymentSettled`. */
const confirming = new WeakMap<Account, Set<string>>()

/**
 * The payment method of an invoice: its own default, the subscription's, the customer's; of each, a payment method before a source.
 * https://docs.stripe.com/billing/subscriptions/payment-methods-setting#payment-method-priority
 */
export function paymentMethodOf(account: Account, invoice: Invoice): string | null {
  const subscription = account.find('subscription', subscriptionOf(invoice) ?? '')
  const named =
    invoice.default_payment_method ??
    invoice.default_source ??
    subscription?.default_payment_method ??
    subscription?.default_source ??
    (invoice.customer ? customerMethod(account, invoice.customer) : null)
  // A subscription goes on naming one that was detached, and nothing can be charged to that any more.
  return named !== null && account.find('payment_method', named)?.customer === null ? null : named
}

/** A customer's default payment method or, without one, the card that was given as its source. */
export function customerMethod(account: Account, customerId: string): string | null {
  const { default_source, invoice_settings } = account.get('customer', customerId, 'customer')
  return invoice_settings.default_payment_method ?? default_source
}

/** The subscription that an invoice is for. */
export const subscriptionOf = (invoice: Invoice): string | null =>
  invoice.parent?.subscription_details?.subscription ?? null

/**
 * Tries to pay an open invoice and marks it accordingly; the subscription is left to the caller.
 * @see collect for both
 */
export function attemptPayment(account: Account, id: string, attempt: Attempt = {}): Outcome {
  const invoice = account.get('invoice', id)
  const intentId = defaultPaymentOf(account, id)?.payment.payment_intent
  const paymentMethod = attempt.paymentMethod ?? paymentMethodOf(account, invoice)
  if (!intentId) return { status: 'paid' }
  if (!paymentMethod || wasRefusedForGood(account, intentId, paymentMethod, attempt)) {
    return noteFailure(account, invoice, attempt.automatic ?? false)
  }
  const intent = whileConfirming(account, intentId, () =>
    confirmPaymentIntent(account, intentId, { paymentMethod, offSession: attempt.offSession ?? false }),
  )
  return noteIntent(account, account.get('invoice', id), intent, attempt.automatic ?? false)
}

/** Tries to pay an open invoice, and moves its subscription by what came of it. */
export function collect(account: Account, id: string, attempt: Attempt = {}): Outcome {
  const outcome = attemptPayment(account, id, attempt)
  afterCollection(account, account.get('invoice', id), outcome)
  return outcome
}

/**
 * Is told by the payments of every change of status of a payment intent, and moves the invoice and the subscription that
 * it pays for: 3D Secure that was finished later on a page, a delayed payment that settled or failed.
 */
export function paymentSettled(account: Account, intent: PaymentIntent): void {
  if (confirming.get(account)?.has(intent.id)) return
  const [payment] = account.store.by('invoice_payment', 'payment_intent', intent.id)
  const invoice = payment && account.find('invoice', payment.invoice)
  if (!payment || !invoice || invoice.status !== 'open') return
  if (intent.status === 'canceled') {
    cancelInvoicePayment(account, payment)
    return
  }
  if (!payment.is_default) {
    // Until it succeeds, what somebody attached says nothing of the invoice.
    if (intent.status === 'succeeded') {
      account.atTimeOf(invoice.customer, () => creditPayment(account, invoice, payment, intent))
    }
    return
  }
  if (!settles(intent)) return
  account.atTimeOf(invoice.customer, () => {
    const outcome = noteIntent(account, invoice, intent, false)
    afterCollection(account, account.get('invoice', invoice.id), outcome)
  })
}

/** A new intent that waits for its first payment method says nothing of the invoice. */
const settles = (intent: PaymentIntent): boolean =>
  ['succeeded', 'processing', 'requires_action'].includes(intent.status) ||
  (intent.status === 'requires_payment_method' && intent.last_payment_error !== null)

function whileConfirming(account: Account, intent: string, confirm: () => PaymentIntent): PaymentIntent {
  const ours = confirming.get(account) ?? new Set()
  confirming.set(account, ours.add(intent))
  try {
    return confirm()
  } finally {
    ours.delete(intent)
  }
}

/** A hard decline is not tried again with the same method, although the schedule goes on. */
function wasRefusedForGood(account: Account, intentId: string, method: string, { automatic }: Attempt): boolean {
  const error = automatic ? account.find('payment_intent', intentId)?.last_payment_error : undefined
  const failed = error?.payment_method as { id: string } | undefined
  return error?.advice_code === 'do_not_try_again' && failed?.id === method
}

function noteIntent(account: Account, invoice: Invoice, intent: PaymentIntent, automatic: boolean): Outcome {
  switch (intent.status) {
    case 'succeeded':
    case 'requires_capture': {
      const attempts = countsAsAttempt(invoice, automatic) ? invoice.attempt_count + 1 : invoice.attempt_count
      markPaid(account, invoice.id, { attempts, intent: intent.id })
      return { status: 'paid', intent }
    }
    case 'processing':
      account.update('invoice', invoice.id, { attempted: true, next_payment_attempt: null })
      return { status: 'processing', intent }
    case 'requires_action':
      return noteAction(account, invoice, intent, automatic)
    default:
      return { ...noteFailure(account, invoice, automatic), intent }
  }
}

/** Somebody has to authenticate: told on its own, and for a renewal a failure as well. */
function noteAction(account: Account, invoice: Invoice, intent: PaymentIntent, automatic: boolean): Outcome {
  if (!automatic) {
    const waiting = account.update('invoice', invoice.id, { attempted: true })
    account.emit('invoice.payment_action_required', waiting)
    return { status: 'requires_action', intent }
  }
  account.emit('invoice.payment_action_required', invoice)
  return { ...noteFailure(account, invoice, automatic), intent }
}

const countsAsAttempt = (invoice: Invoice, automatic: boolean): boolean => automatic || invoice.attempt_count === 0

/** Counts a failed attempt and plans the next one by the account's schedule. */
function noteFailure(account: Account, invoice: Invoice, automatic: boolean): Outcome {
  const attempt_count = invoice.attempt_count + (countsAsAttempt(invoice, automatic) ? 1 : 0)
  const retries = isRetried(account, invoice)
  const next = retries ? nextAttempt(account, invoice, attempt_count) : null
  const exhausted = retries && next === null && automatic
  const failed = account.update('invoice', invoice.id, {
    attempt_count,
    attempted: true,
    next_payment_attempt: next,
    ...(exhausted && { auto_advance: false }),
  })
  account.emit('invoice.payment_failed', failed)
  if (isRetried(account, invoice)) account.emit('invoice.updated', failed, invoice)
  if (failed.customer) account.update('customer', failed.customer, { delinquent: true })
  return { status: 'failed', exhausted }
}

/** The first invoice of a subscription is not retried: the customer is there, and has 23 hours. */
function isRetried(account: Account, invoice: Invoice): boolean {
  const subscription = account.find('subscription', subscriptionOf(invoice) ?? '')
  return (
    invoice.collection_method === 'charge_automatically' &&
    (invoice.auto_advance ?? false) &&
    subscription?.status !== 'incomplete'
  )
}

/** When the next retry is due, after so many attempts: the days of the schedule count from the first failure. */
function nextAttempt(account: Account, invoice: Invoice, attempts: number): number | null {
  if (invoice.next_payment_attempt !== null && invoice.next_payment_attempt > account.now)
    return invoice.next_payment_attempt
  const { retryDays } = account.settings
  const days = retryDays[attempts - 1]
  return days === undefined ? null : account.now + (days - (retryDays[attempts - 2] ?? 0)) * day
}

/** The 402 that a failed payment answers, in the words of the payment. */
export function paymentError(intent: PaymentIntent | undefined, options: { keepChanges: boolean }): ApiError {
  const error = intent?.last_payment_error
  if (!error) {
    return new ApiError(402, 'Your card was declined.', { type: 'card_error', code: 'card_declined' }, options)
  }
  const { message, code, decline_code, charge, advice_code, network_decline_code } = error
  return new ApiError(
    402,
    message ?? 'Your card was declined.',
    {
      type: 'card_error',
      ...(code && { code }),
      ...(decline_code && { decline_code }),
      ...(charge && { charge }),
      ...(advice_code && { advice_code }),
      ...(network_decline_code && { network_decline_code }),
    },
    options,
  )
}
