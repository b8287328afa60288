import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { ApiError, invalidRequest, missingParameter } from '../protocol/errors.ts'
import { currencyOf } from '../protocol/values.ts'
import { mergeMetadata } from '../resources/metadata.ts'
import { checkAmount } from './amounts.ts'
import { shippingOf } from './billing-details.ts'
import { brandNames, fingerprintOf } from './cards.ts'
import { type Charge, createCharge, settleCharge } from './charges.ts'
import { declines } from './declines.ts'
import { openDispute } from './disputes.ts'
import { declineError } from './payment-errors.ts'
import { createPaymentMethod, type PaymentMethod, testCardBehind, verified } from './payment-methods.ts'
import { newPaymentIntent } from './payments.ts'
import { releaseAuthorization } from './refunds.ts'

/**
 * Charges a token without a payment intent, as was done before there were any: https://docs.stripe.com/api/charges/create
 *
 * Errors: `parameter_missing`, `token_already_used`, the 402 of a declined card, which leaves the failed charge behind. Such a charge
 * cannot ask for 3D Secure: a card that insists on it is declined with `authentication_required`.
 */
export function createDirectCharge(account: Account, params: Stripe.ChargeCreateParams): Charge {
  const { amount, source } = params
  if (amount === undefined) throw missingParameter('amount')
  if (params.currency === undefined) throw missingParameter('currency')
  if (source === undefined) {
    throw params.customer
      ? new ApiError(402, 'Cannot charge a customer that has no active card', {
          type: 'card_error',
          code: 'missing',
          param: 'card',
        })
      : invalidRequest('Must provide source or customer.')
  }
  const currency = currencyOf(params.currency)
  checkAmount(amount, currency)
  if (params.customer) account.get('customer', params.customer, 'customer')
  return account.atTimeOf(params.customer, () => charge(account, params, { amount, currency, source }))
}

function charge(
  account: Account,
  params: Stripe.ChargeCreateParams,
  { amount, currency, source }: { amount: number; currency: string; source: string },
): Charge {
  const method = asCard(account, createPaymentMethod(account, { type: 'card', card: { token: source } }))
  const card = testCardBehind(account, method)
  const refusal =
    card?.declinesCharges ??
    card?.declines ??
    (card?.authenticates === 'always' ? 'authentication_required' : undefined)
  const decline = refusal && declines[refusal]
  const captured = params.capture ?? true
  // The fields of a charge are those of its intent; this one is kept nowhere.
  const intent = newPaymentIntent(account, {
    amount,
    currency,
    capture_method: 'manual',
    customer: params.customer ?? null,
    description: params.description ?? null,
    metadata: mergeMetadata({}, params.metadata),
    receipt_email: params.receipt_email ?? null,
    shipping: params.shipping ? shippingOf(params.shipping) : null,
    statement_descriptor: params.statement_descriptor ?? null,
    statement_descriptor_suffix: params.statement_descriptor_suffix ?? null,
    transfer_group: params.transfer_group ?? null,
  })
  const made = createCharge(account, intent, account.insert('payment_method', verified(account, method)), card, {
    status: decline ? 'failed' : 'succeeded',
    captured,
    ...(decline && { decline }),
  })
  const direct = account.update('charge', made.id, {
    payment_intent: null,
    source: cardSource(account, method, params.customer ?? null),
  })
  if (decline) {
    account.emit('charge.failed', direct)
    throw declineError(decline, { charge: direct.id })
  }
  const settled = captured ? settleCharge(account, direct, card) : direct
  account.emit('charge.succeeded', settled)
  if (card?.disputes) openDispute(account, settled, card.disputes)
  return account.get('charge', direct.id)
}

/** Takes what a direct charge authorized, or a part of it: https://docs.stripe.com/api/charges/capture */
export function captureDirectCharge(account: Account, id: string, amount: number | undefined): Charge {
  const before = account.get('charge', id)
  if (before.captured) {
    throw invalidRequest(`Charge ${id} has already been captured.`, undefined, 'charge_already_captured')
  }
  if (before.refunded)
    throw invalidRequest(`Charge ${id} has already been refunded.`, undefined, 'charge_already_refunded')
  const taken = amount ?? before.amount
  if (taken < 1 || taken > before.amount) {
    throw invalidRequest('You cannot capture a charge for an amount greater than it already has.', 'amount')
  }
  return account.atTimeOf(before.customer, () => {
    const method = account.find('payment_method', before.payment_method ?? '')
    const charge = account.update('charge', id, { amount_captured: taken, captured: true })
    settleCharge(account, charge, method && testCardBehind(account, method))
    if (taken < before.amount) releaseAuthorization(account, account.get('charge', id), before.amount - taken)
    const captured = account.get('charge', id)
    account.emit('charge.captured', captured, before)
    return captured
  })
}

/** A source that pays has an id of its own kind, by which it is its charge's payment method, too. */
function asCard(account: Account, method: PaymentMethod): PaymentMethod {
  const id = account.newId('card')
  const number = account.get('local.card', method.id).number
  account.remove('local.card', method.id)
  account.remove('payment_method', method.id)
  account.insert('local.card', { id, object: 'local.card', number, spent: true })
  return account.insert('payment_method', { ...method, id })
}

function cardSource(
  account: Account,
  { id, card, billing_details }: PaymentMethod,
  customer: string | null,
): Charge['source'] {
  const { address, name } = billing_details
  const source: Stripe.Card = {
    id,
    object: 'card',
    address_city: address?.city ?? null,
    address_country: address?.country ?? null,
    address_line1: address?.line1 ?? null,
    address_line1_check: null,
    address_line2: address?.line2 ?? null,
    address_state: address?.state ?? null,
    address_zip: address?.postal_code ?? null,
    address_zip_check: null,
    brand: brandNames[card?.brand ?? ''] ?? 'Unknown',
    country: card?.country ?? null,
    customer,
    cvc_check: null,
    dynamic_last4: null,
    exp_month: card?.exp_month ?? 0,
    exp_year: card?.exp_year ?? 0,
    fingerprint: fingerprintOf(account.id, account.get('local.card', id).number),
    funding: card?.funding ?? 'unknown',
    last4: card?.last4 ?? '',
    metadata: {},
    name,
    regulated_status: 'unregulated',
    tokenization_method: null,
  }
  return source as Charge['source']
}
