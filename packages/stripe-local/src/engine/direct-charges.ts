import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { ApiError, invalidRequest, missingParameter } from '../protocol/errors.ts'
import { currencyOf } from '../protocol/values.ts'
import { mergeMetadata } from '../resources/metadata.ts'
import { checkAmount } from './amounts.ts'
import { shippingOf } from './billing-details.ts'
import { cardShown, cardSource, isCardSource } from './card-sources.ts'
import { type Charge, createCharge, descriptorOf, settleCharge } from './charges.ts'
import { declines } from './declines.ts'
import { openDispute } from './disputes.ts'
import { declineError } from './payment-errors.ts'
import { createCardOfToken, type PaymentMethod, spend, testCardBehind, verified } from './payment-methods.ts'
import { newPaymentIntent } from './payments.ts'
import { releaseAuthorization } from './refunds.ts'
import { statementDescriptorOf } from './statement-descriptors.ts'

/**
 * Charges a token, or a card that a customer has kept as a source, without a payment intent, as was done before there were any: https://docs.stripe.com/api/charges/create
 *
 * Errors: `parameter_missing`, `token_already_used`, the 402 of a declined card, which leaves the failed charge behind. Such a charge
 * cannot ask for 3D Secure: a card that insists on it is declined with `authentication_required`.
 */
export function createDirectCharge(account: Account, params: Stripe.ChargeCreateParams): Charge {
  const { amount } = params
  if (amount === undefined) throw missingParameter('amount')
  if (params.currency === undefined) throw missingParameter('currency')
  const source = params.source ?? defaultSourceOf(account, params.customer)
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

const defaultSourceOf = (account: Account, customer: string | undefined): string | undefined =>
  customer ? (account.get('customer', customer, 'customer').default_source ?? undefined) : undefined

/** A card that the customer has kept; a token is used up by it. */
function methodOf(account: Account, source: string, customer: string | undefined): PaymentMethod {
  if (customer && isCardSource(source)) return cardSource(account, customer, source, 'source')
  const method = createCardOfToken(account, source)
  spend(account, method)
  return method
}

function charge(
  account: Account,
  params: Stripe.ChargeCreateParams,
  { amount, currency, source }: { amount: number; currency: string; source: string },
): Charge {
  const method = methodOf(account, source, params.customer)
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
    source: {
      ...cardShown(account.get('payment_method', method.id)),
      customer: params.customer ?? null,
    } as Charge['source'],
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
export function captureDirectCharge(account: Account, id: string, params: Stripe.ChargeCaptureParams): Charge {
  const before = account.get('charge', id)
  if (before.captured) {
    throw invalidRequest(`Charge ${id} has already been captured.`, undefined, 'charge_already_captured')
  }
  if (before.refunded)
    throw invalidRequest(`Charge ${id} has already been refunded.`, undefined, 'charge_already_refunded')
  const taken = params.amount ?? before.amount
  if (taken < 1 || taken > before.amount) {
    throw invalidRequest('You cannot capture a charge for an amount greater than it already has.', 'amount')
  }
  return account.atTimeOf(before.customer, () => {
    const method = account.find('payment_method', before.payment_method ?? '')
    const charge = account.update('charge', id, {
      ...toldAtCapture(before, params),
      amount_captured: taken,
      captured: true,
    })
    settleCharge(account, charge, method && testCardBehind(account, method))
    if (taken < before.amount) releaseAuthorization(account, account.get('charge', id), before.amount - taken)
    const captured = account.get('charge', id)
    account.emit('charge.captured', captured, before)
    return captured
  })
}

/** What may be said as late as this of a charge: who gets the receipt, what stands on the statement. */
function toldAtCapture(charge: Charge, params: Stripe.ChargeCaptureParams): Partial<Charge> {
  const { receipt_email, statement_descriptor, statement_descriptor_suffix, transfer_group } = params
  const statement = {
    statement_descriptor:
      statement_descriptor === undefined ? charge.statement_descriptor : statementDescriptorOf(statement_descriptor),
    statement_descriptor_suffix:
      statement_descriptor_suffix === undefined
        ? charge.statement_descriptor_suffix
        : statementDescriptorOf(statement_descriptor_suffix, 'statement_descriptor_suffix'),
  }
  return {
    ...(receipt_email !== undefined && { receipt_email: receipt_email || null }),
    ...(transfer_group !== undefined && { transfer_group: transfer_group || null }),
    ...statement,
    calculated_statement_descriptor: descriptorOf(statement),
  }
}
