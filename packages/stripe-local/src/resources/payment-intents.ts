import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { checkAmount } from '../engine/amounts.ts'
import { shippingOf } from '../engine/billing-details.ts'
import { verifyMicrodeposits } from '../engine/microdeposits.ts'
import { type Confirmation, checkConfirmable, checkOwner, type PaymentIntent } from '../engine/payment-attempts.ts'
import { unexpectedState } from '../engine/payment-errors.ts'
import { checkConfiguration, configurationOf, optionsOf, typesForPayment } from '../engine/payment-method-types.ts'
import { createPaymentMethod, paymentMethodOf } from '../engine/payment-methods.ts'
import {
  cancelPaymentIntent,
  capturePaymentIntent,
  confirmPaymentIntent,
  newPaymentIntent,
} from '../engine/payments.ts'
import { refuseDescriptorForCards, statementDescriptorOf } from '../engine/statement-descriptors.ts'
import { ApiError, invalidRequest, notSupported } from '../protocol/errors.ts'
import { listOf, pageOf } from '../protocol/list.ts'
import { currencyOf } from '../protocol/values.ts'
import { defineResource } from '../resource.ts'
import { fromPath } from './from-path.ts'
import { mergeMetadata } from './metadata.ts'
import { refuseUnsupported } from './unsupported.ts'

type CreateParams = Stripe.PaymentIntentCreateParams
type ConfirmParams = Stripe.PaymentIntentConfirmParams
type UpdateParams = Stripe.PaymentIntentUpdateParams
type Text = string | null
/** What a creation, an update and a confirmation may each say of an intent; an empty text clears a field. */
type Changes = {
  allowed_payment_method_types?: string[]
  capture_method?: string
  customer?: string
  description?: Text
  excluded_payment_method_types?: string[] | '' | null
  metadata?: Stripe.Emptyable<Stripe.MetadataParam>
  payment_details?: { customer_reference?: Text; order_reference?: Text } | '' | null
  payment_method?: string
  payment_method_configuration?: string
  payment_method_data?: object
  payment_method_options?: object
  receipt_email?: Text
  setup_future_usage?: Text
  shipping?: Parameters<typeof shippingOf>[0]
  statement_descriptor?: Text
  statement_descriptor_suffix?: Text
  transfer_group?: Text
}

/** Parts of Stripe that an intent may ask for and that are not here. */
const unsupported = [
  'amount_details',
  'amount_to_confirm',
  'application_fee_amount',
  'confirmation_token',
  'customer_account',
  'hooks',
  'mandate',
  'on_behalf_of',
  'radar_options',
  'transfer_data',
] as const

defineResource({
  kind: 'payment_intent',
  operations: {
    'POST /v1/payment_intents': ({ account, params }) => createPaymentIntent(account, params),
    'GET /v1/payment_intents/{id}': ({ account, path }) => ofPath(account, path.id),
    'POST /v1/payment_intents/{id}': ({ account, path, params }) => updatePaymentIntent(account, path.id, params),
    'POST /v1/payment_intents/{id}/confirm': ({ account, path, params }) => {
      const intent = ofPath(account, path.id)
      applyChanges(account, intent, params)
      return confirm(account, path.id, params)
    },
    'POST /v1/payment_intents/{id}/capture': ({ account, path, params }) => {
      refuseUnsupported('capturing payment intents with', params, unsupported)
      refuseUnsupported('capturing payment intents with', params, [
        'statement_descriptor',
        'statement_descriptor_suffix',
      ])
      if (params.final_capture === false) throw notSupported('captures in several parts')
      const intent = ofPath(account, path.id)
      applyChanges(account, intent, {
        ...(params.metadata !== undefined && { metadata: params.metadata }),
        ...(params.payment_details !== undefined && { payment_details: params.payment_details }),
      })
      return capturePaymentIntent(account, path.id, params.amount_to_capture)
    },
    'POST /v1/payment_intents/{id}/verify_microdeposits': ({ account, path, params }) =>
      verifyMicrodeposits(account, ofPath(account, path.id), params),
    'POST /v1/payment_intents/{id}/cancel': ({ account, path, params }) => {
      ofPath(account, path.id)
      return cancelPaymentIntent(account, path.id, params.cancellation_reason ?? null)
    },
    // An intent has no line items as long as nobody can give it `amount_details`.
    'GET /v1/payment_intents/{id}/amount_details_line_items': ({ account, path, params, url }) => {
      ofPath(account, path.id)
      return { object: 'list', ...pageOf([], params), url }
    },
    'GET /v1/payment_intents': ({ account, params, url }) =>
      listOf(account, 'payment_intent', params, url, {
        ...(params.customer !== undefined && {
          among: account.store.by('payment_intent', 'customer', params.customer),
        }),
      }),
  },
})

const ofPath = (account: Account, id: string): PaymentIntent =>
  fromPath(account, 'payment_intent', id, 'intent', 'payment_intent')

/** https://docs.stripe.com/api/payment_intents/create */
function createPaymentIntent(account: Account, params: CreateParams): PaymentIntent {
  if (params.off_session !== undefined && !params.confirm) {
    throw invalidRequest('You can only set `off_session` when `confirm` is true.', 'off_session')
  }
  for (const name of ['error_on_requires_action', 'mandate_data'] as const) {
    if (!params[name] || params.confirm) continue
    throw invalidRequest(`You can only set \`${name}\` when \`confirm\` is true.`, name)
  }
  const currency = currencyOf(params.currency)
  checkAmount(params.amount, currency)
  return account.atTimeOf(params.customer, () => {
    const isAutomatic = (params.automatic_payment_methods?.enabled ?? true) && !params.allowed_payment_method_types
    const intent = account.insert(
      'payment_intent',
      newPaymentIntent(account, {
        amount: params.amount,
        automatic_payment_methods: isAutomatic
          ? { allow_redirects: params.automatic_payment_methods?.allow_redirects ?? 'always', enabled: true }
          : null,
        confirmation_method: params.confirmation_method ?? 'automatic',
        currency,
        payment_method_configuration_details: isAutomatic ? configurationOf(account.id) : null,
      }),
    )
    applyChanges(account, intent, params, params.confirm !== true)
    account.emit('payment_intent.created', account.get('payment_intent', intent.id))
    return params.confirm ? confirm(account, intent.id, params) : account.get('payment_intent', intent.id)
  })
}

/** https://docs.stripe.com/api/payment_intents/update */
function updatePaymentIntent(account: Account, id: string, params: UpdateParams): PaymentIntent {
  const intent = ofPath(account, id)
  for (const field of ['amount', 'currency', 'payment_method'] as const) {
    if (params[field] === undefined || editable.includes(intent.status)) continue
    throw unexpectedState(
      'payment_intent',
      intent,
      `This PaymentIntent's ${field} could not be updated because it has a status of ${intent.status}. You may only update the ${field} of a PaymentIntent with one of the following statuses: ${editable.join(', ')}.`,
      field,
    )
  }
  if ((params.amount ?? params.currency ?? params.customer) !== undefined && isAttached(account, id)) {
    throw notSupported('another amount, currency or customer for a payment intent that is attached to an invoice')
  }
  const currency = params.currency ? currencyOf(params.currency) : intent.currency
  if (params.amount !== undefined) checkAmount(params.amount, currency)
  account.update('payment_intent', id, {
    currency,
    ...(params.amount !== undefined && { amount: params.amount }),
  })
  applyChanges(account, account.get('payment_intent', id), params, true)
  return account.get('payment_intent', id)
}

const isAttached = (account: Account, intent: string): boolean =>
  account.store.by('invoice_payment', 'payment_intent', intent).some(({ is_default }) => !is_default)

const editable = ['requires_payment_method', 'requires_confirmation', 'requires_action']

/**
 * Puts what the parameters name into the intent.
 *
 * @param choose whether a payment method is put in as well: while a confirmation is under way, it is only when it was tried
 */
function applyChanges(account: Account, intent: PaymentIntent, params: Changes, choose = false): void {
  refuseUnsupported('payment intents with', params, unsupported)
  checkConfiguration(account.id, params.payment_method_configuration)
  if (params.customer) account.get('customer', params.customer, 'customer')
  const customer = params.customer ?? intent.customer
  const fields: Partial<PaymentIntent> = { customer }
  if (params.capture_method) fields.capture_method = params.capture_method
  if (params.description !== undefined) fields.description = params.description || null
  if (params.metadata !== undefined) fields.metadata = mergeMetadata(intent.metadata, params.metadata)
  if (params.receipt_email !== undefined) fields.receipt_email = params.receipt_email || null
  if (params.setup_future_usage !== undefined) fields.setup_future_usage = params.setup_future_usage || null
  if (params.shipping !== undefined) fields.shipping = shippingOf(params.shipping)
  if (params.statement_descriptor !== undefined) {
    const named = params.allowed_payment_method_types ?? intent.allowed_payment_method_types
    refuseDescriptorForCards(params.statement_descriptor, named)
    fields.statement_descriptor = statementDescriptorOf(params.statement_descriptor)
  }
  if (params.statement_descriptor_suffix !== undefined) {
    fields.statement_descriptor_suffix = params.statement_descriptor_suffix || null
  }
  if (params.transfer_group !== undefined) fields.transfer_group = params.transfer_group || null
  if (params.payment_details) {
    const { customer_reference, order_reference } = params.payment_details
    fields.payment_details = {
      customer_reference: customer_reference || null,
      order_reference: order_reference || null,
    }
  }
  if (params.allowed_payment_method_types) fields.allowed_payment_method_types = params.allowed_payment_method_types
  if (params.excluded_payment_method_types !== undefined) {
    fields.excluded_payment_method_types = params.excluded_payment_method_types || null
  }
  account.update('payment_intent', intent.id, { ...fields, ...typesOf({ ...intent, ...fields }, params) })
  if (choose) chooseMethod(account, intent.id, params)
}

/** The types that fit the intent as it is now. An invoice's intent keeps those that the invoice chose. */
function typesOf(intent: PaymentIntent, params: Changes): Partial<PaymentIntent> {
  const { automatic_payment_methods: automatic, allowed_payment_method_types: allowed } = intent
  const isInvoice = intent.payment_method_types.length > 0 && !automatic && !allowed
  const types = isInvoice
    ? intent.payment_method_types
    : typesForPayment({
        currency: intent.currency,
        captureMethod: intent.capture_method,
        allowRedirects: automatic?.allow_redirects,
        setupFutureUsage: intent.setup_future_usage,
        excluded: intent.excluded_payment_method_types,
        allowed: automatic ? null : (allowed ?? ['card']),
      })
  if (types.length === 0) {
    throw invalidRequest(
      'No valid payment method types for this PaymentIntent. Please ensure that you allow types that are compatible with its currency and other parameters.',
      'allowed_payment_method_types',
    )
  }
  const asked = { ...intent.payment_method_options, ...params.payment_method_options }
  return {
    payment_method_options: optionsOf(types, isInvoice ? 'invoice' : 'payment', asked),
    payment_method_types: types,
  }
}

function chooseMethod(account: Account, id: string, params: Changes): void {
  const chosen = methodOf(account, params)
  if (!chosen) return
  const intent = account.get('payment_intent', id)
  const method = paymentMethodOf(account, chosen)
  checkOwner(account, intent, method)
  account.update('payment_intent', id, {
    next_action: null,
    payment_method: method.id,
    status: 'requires_confirmation',
  })
}

/** The payment method that is named, or made of what is given. */
function methodOf(account: Account, params: Changes): string | undefined {
  if (!params.payment_method_data) return params.payment_method
  if (params.payment_method) {
    throw invalidRequest('You may only specify one of these parameters: payment_method, payment_method_data.')
  }
  return createPaymentMethod(account, params.payment_method_data as Stripe.PaymentMethodCreateParams).id
}

/** Confirms, and makes a refusal of the card the answer: a 402 after which everything is kept. */
function confirm(account: Account, id: string, params: ConfirmParams & { payment_method?: string }): PaymentIntent {
  const before = account.get('payment_intent', id)
  checkConfirmable(before)
  checkReturnUrl(before, params)
  const confirmation: Confirmation = {
    paymentMethod: methodOf(account, params),
    offSession: params.off_session !== undefined && params.off_session !== false,
    returnUrl: params.return_url,
    errorOnRequiresAction: params.error_on_requires_action,
    mandateData: params.mandate_data,
  }
  const intent = confirmPaymentIntent(account, id, confirmation)
  const error = intent.last_payment_error
  if (intent.status !== 'requires_payment_method' || !error) return intent
  const { message, doc_url, type, payment_method_type, ...codes } = error
  throw new ApiError(
    402,
    message ?? '',
    { ...codes, type: 'card_error', payment_intent: intent } as ApiError['details'],
    { keepChanges: true },
  )
}

/** Types that lead the customer elsewhere need to know where to send him back. */
function checkReturnUrl(intent: PaymentIntent, { return_url, use_stripe_sdk }: ConfirmParams): void {
  if (return_url || use_stripe_sdk || intent.automatic_payment_methods?.allow_redirects !== 'always') return
  throw new ApiError(
    400,
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
    { payment_intent: intent },
  )
}
