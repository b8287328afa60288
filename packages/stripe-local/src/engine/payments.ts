import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { randomCharacters } from '../ids.ts'
import type { Kinds } from '../kinds.ts'
import { ApiError, invalidRequest, noSuch } from '../protocol/errors.ts'
import { atLeast } from '../protocol/values.ts'
import { type Charge, settleCharge } from './charges.ts'
import { paymentSettled } from './collection.ts'
import {
  attemptPayment,
  type Confirmation,
  failAuthentication,
  moveIntent,
  onPaymentIntentChange,
  type PaymentIntent,
  succeed,
} from './payment-attempts.ts'
import { unexpectedState } from './payment-errors.ts'
import { optionsOf, typesForInvoice } from './payment-method-types.ts'
import { testCardBehind } from './payment-methods.ts'
import { releaseAuthorization } from './refunds.ts'
import { completeSetup } from './setups.ts'

export { onPaymentIntentChange } from './payment-attempts.ts'
export { createCardPaymentMethod } from './payment-methods.ts'

// An invoice and its subscription follow the intent that pays for them, whoever moved it: the API, a page or the clock.
onPaymentIntentChange(paymentSettled)

/** The fields of an intent that nobody has tried to pay yet. */
export function newPaymentIntent(
  account: Account,
  fields: Pick<PaymentIntent, 'amount' | 'currency'> & Partial<PaymentIntent>,
): PaymentIntent {
  const id = account.newId('pi')
  return {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic_async',
    client_secret: `${id}_secret_${randomCharacters(25)}`,
    confirmation_method: 'automatic',
    created: account.now,
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: [],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: null,
    ...fields,
  }
}

/** What the description of the intent says of an invoice. */
const descriptions: Record<string, string> = {
  subscription_create: 'Subscription creation',
  subscription_cycle: 'Subscription update',
  subscription_threshold: 'Subscription update',
  subscription_update: 'Subscription update',
}

/** The payment intent for what remains to be paid of an invoice, not yet confirmed. Tying it to the invoice is the caller's part. */
export function createPaymentIntentForInvoice(account: Account, invoice: Kinds['invoice']): PaymentIntent {
  const { payment_method_types: chosen, payment_method_options: options } = invoice.payment_settings
  const types = chosen ? [...chosen] : typesForInvoice(invoice.currency)
  const isSubscription = invoice.parent?.subscription_details != null
  const intent = account.insert(
    'payment_intent',
    newPaymentIntent(account, {
      amount: invoice.amount_remaining,
      capture_method: 'automatic',
      currency: invoice.currency,
      customer: invoice.customer,
      description: descriptions[invoice.billing_reason ?? ''] ?? 'Payment for Invoice',
      payment_details: { customer_reference: null, order_reference: invoice.id },
      payment_method_options: optionsOf(types, 'invoice', withoutNulls(options)),
      payment_method_types: types,
      setup_future_usage: isSubscription ? 'off_session' : null,
      statement_descriptor: invoice.statement_descriptor,
    }),
  )
  account.emit('payment_intent.created', intent)
  return intent
}

const withoutNulls = (options: object | null): object | undefined =>
  options ? Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null)) : undefined

/**
 * Tries to pay an intent and answers it as it is afterwards: `succeeded`, `processing`, `requires_action`, or `requires_payment_method` with
 * `last_payment_error`. A decline does not throw.
 */
export const confirmPaymentIntent = (account: Account, id: string, confirmation: Confirmation): PaymentIntent =>
  attemptPayment(account, id, confirmation)

/**
 * The customer has approved or refused on the 3D Secure page: the attempt that waited for him goes on, or fails.
 *
 * @param id of a payment intent or a setup intent. Throws an ApiError (404) for any other, and (400) when it waits for nobody
 */
export function completeAuthentication(
  account: Account,
  id: string,
  approved: boolean,
): PaymentIntent | Kinds['setup_intent'] {
  if (id.startsWith('seti_')) return completeSetup(account, id, approved)
  const intent = account.find('payment_intent', id)
  if (!intent) throw noSuch('payment_intent', id, 'intent', 404)
  if (intent.status !== 'requires_action') {
    throw unexpectedState('payment_intent', intent, `This payment is not waiting for anybody: it is ${intent.status}.`)
  }
  if (approved) return attemptPayment(account, id, { authenticated: true })
  return account.atTimeOf(intent.customer, () => failAuthentication(account, intent))
}

const cancelable = [
  'requires_payment_method',
  'requires_capture',
  'requires_reauthorization',
  'requires_confirmation',
  'requires_action',
  'expired',
  'processing',
]

/** Ends an intent that was not paid; what it had authorized is released. Throws an ApiError (400) when it is paid or canceled. */
export function cancelPaymentIntent(
  account: Account,
  id: string,
  reason: Stripe.PaymentIntent.CancellationReason | null = null,
): PaymentIntent {
  const intent = account.get('payment_intent', id)
  if (!cancelable.includes(intent.status)) {
    throw unexpectedState(
      'payment_intent',
      intent,
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: ${cancelable.join(', ')}.`,
    )
  }
  return account.atTimeOf(intent.customer, () => {
    const charge = intent.status === 'requires_capture' ? account.find('charge', intent.latest_charge ?? '') : undefined
    if (charge) account.emit('charge.refunded', releaseAuthorization(account, charge, charge.amount), charge)
    return moveIntent(account, id, 'payment_intent.canceled', {
      amount_capturable: 0,
      canceled_at: account.now,
      cancellation_reason: reason,
      next_action: null,
      status: 'canceled',
    })
  })
}

/** What was authorized has been taken, all of it or a part. */
const alreadyCaptured = ({ amount, amount_received }: PaymentIntent): string =>
  amount_received < amount
    ? 'The remaining amount on this PaymentIntent could not be captured because the remainder of the authorized amount has been released.'
    : 'This PaymentIntent could not be captured because it has already been captured.'

/**
 * Takes what was authorized, or a part of it; the rest is released.
 *
 * Throws an ApiError (400): `payment_intent_unexpected_state` when nothing waits to be captured, `amount_too_large`.
 *
 * @param amount minor units; all of it where nothing is said
 */
export function capturePaymentIntent(account: Account, id: string, amount?: number): PaymentIntent {
  const intent = account.get('payment_intent', id)
  const charge = account.find('charge', intent.latest_charge ?? '')
  if (intent.status !== 'requires_capture' || !charge) {
    throw unexpectedState(
      'payment_intent',
      intent,
      intent.status === 'succeeded'
        ? alreadyCaptured(intent)
        : `This PaymentIntent could not be captured because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`,
    )
  }
  const captured = amount ?? intent.amount_capturable
  if (captured < 0) throw invalidRequest('Invalid non-negative integer', 'amount_to_capture')
  atLeast(1, captured, 'amount')
  if (captured > intent.amount_capturable) {
    throw new ApiError(
      400,
      'The payment could not be captured because the requested capture amount is greater than the amount you can capture for this charge. Contact us via https://support.stripe.com/contact/ for help.',
      { code: 'amount_too_large', payment_intent: intent },
    )
  }
  return account.atTimeOf(intent.customer, () => {
    const method = account.find('payment_method', charge.payment_method ?? '')
    const taken = account.update('charge', charge.id, { amount_captured: captured, captured: true })
    settleCharge(account, taken, method && testCardBehind(account, method))
    if (captured < charge.amount)
      releaseAuthorization(account, account.get('charge', charge.id), charge.amount - captured)
    const settled: Charge = account.get('charge', charge.id)
    account.emit('charge.captured', settled, charge)
    return succeed(account, intent, settled)
  })
}
