import { randomInt } from 'node:crypto'
import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { ApiError, invalidRequest } from '../protocol/errors.ts'
import { atLeast } from '../protocol/values.ts'
import { mergeMetadata } from '../resources/metadata.ts'
import { recordMovement } from './balance-transactions.ts'
import { findTestCard, type TestCard } from './cards.ts'
import type { Charge } from './charges.ts'
import { formatMoney } from './money.ts'

export type Refund = Kinds['refund']

/** What is to be given back: of a charge, or of the charge that paid an intent; all that is left where no amount is said. */
export type RefundRequest = {
  charge?: string | undefined
  payment_intent?: string | undefined
  /** Minor units. */
  amount?: number | undefined
  reason?: Stripe.RefundCreateParams.Reason | undefined
  metadata?: Stripe.Emptyable<Stripe.MetadataParam> | undefined
}

/**
 * Gives money back. Several refunds of one charge never come to more than was charged.
 *
 * Throws an ApiError (400): `charge_already_refunded` when nothing is left, `charge_disputed`, and without a code when more is asked for than
 * is left, or when nothing was captured.
 *
 * https://docs.stripe.com/api/refunds/create
 */
export function createRefund(account: Account, request: RefundRequest): Refund {
  const charge = chargeToRefund(account, request)
  return account.atTimeOf(charge.customer, () => {
    const amount = amountToRefund(charge, request.amount)
    const card = cardBehind(account, charge)
    const isPending = card?.refunds === 'pending'
    const refund = account.insert('refund', {
      ...newRefund(account, charge, amount),
      reason: request.reason ?? null,
      metadata: mergeMetadata({}, request.metadata),
      status: isPending ? 'pending' : 'succeeded',
      ...(isPending && { pending_reason: 'processing' as const }),
    })
    if (isPending) {
      account.emit('refund.created', refund)
      return refund
    }
    const paid = payOut(account, refund, charge)
    account.emit('refund.created', paid)
    account.emit('charge.refunded', account.get('charge', charge.id), charge)
    return paid
  })
}

/** A refund that was pending goes through. */
export function finishRefund(account: Account, id: string): Refund {
  const refund = account.get('refund', id)
  const charge = account.get('charge', refund.charge ?? '')
  const { pending_reason, ...rest } = account.update('refund', id, { status: 'succeeded' })
  const paid = payOut(account, account.insert('refund', rest), charge)
  account.emit('charge.refunded', account.get('charge', charge.id), charge)
  account.emit('refund.updated', paid, refund)
  return paid
}

/** A refund comes back: the money returns to the account, and the charge can be refunded again. */
export function failRefund(account: Account, id: string): Refund {
  const refund = account.get('refund', id)
  const charge = account.get('charge', refund.charge ?? '')
  const transaction = recordMovement(account, {
    amount: refund.amount,
    currency: refund.currency,
    type: 'refund_failure',
    reportingCategory: 'refund_failure',
    source: id,
    description: `REFUND FAILURE FOR CHARGE${ofDescription(charge)}`,
    availableOn: account.now,
  })
  const failed = account.update('refund', id, {
    failure_balance_transaction: transaction.id,
    failure_reason: 'expired_or_canceled_card',
    status: 'failed',
  })
  const changed = addRefunded(account, charge, -refund.amount)
  account.emit('refund.updated', failed, refund)
  account.emit('refund.failed', failed)
  account.emit('charge.updated', changed, charge)
  return failed
}

/** The customer's bank has said under which number it will show the refund. */
export function noteReference(account: Account, id: string): Refund {
  const reference = String(randomInt(1_000_000_000_000)).padStart(16, '7')
  return account.change('refund.updated', 'refund', id, {
    destination_details: {
      card: { reference, reference_status: 'available', reference_type: 'acquirer_reference_number', type: 'refund' },
      type: 'card',
    },
  })
}

/** Stops a pending refund. Throws Stripe's 400 for any other. */
export function cancelRefund(account: Account, id: string): Refund {
  const refund = account.get('refund', id)
  if (refund.status !== 'pending') throw invalidRequest('Canceling this refund is unsupported.')
  return account.change('refund.updated', 'refund', id, { status: 'canceled' })
}

/**
 * What was authorized and is not captured goes back to the customer: Stripe shows it as a refund that moved no money.
 *
 * @param amount minor units, what is released
 */
export function releaseAuthorization(account: Account, charge: Charge, amount: number): Charge {
  account.insert('refund', { ...newRefund(account, charge, amount), status: 'succeeded' })
  return addRefunded(account, charge, amount)
}

function chargeToRefund(account: Account, request: RefundRequest): Charge {
  const { charge: chargeId, payment_intent: intentId } = request
  if (!chargeId && !intentId) {
    throw invalidRequest('One of the following params should be provided for this request: payment_intent or charge.')
  }
  const named = chargeId ? account.get('charge', chargeId, 'id') : undefined
  const intent = intentId ? account.get('payment_intent', intentId, 'payment_intent') : undefined
  const charge = named ?? account.find('charge', intent?.latest_charge ?? '')
  const owner = intent?.id ?? charge?.payment_intent
  if (intent && charge && charge.payment_intent !== intent.id) {
    throw invalidRequest(`The charge ${charge.id} is not of the payment intent ${intent.id}.`, 'charge')
  }
  if (charge?.status !== 'succeeded') {
    throw invalidRequest(`This PaymentIntent (${owner}) does not have a successful charge to refund.`, 'payment_intent')
  }
  if (!charge.captured && !charge.refunded && charge.payment_intent) {
    throw invalidRequest(
      `This uncaptured Charge was created by a PaymentIntent (${owner}). You must cancel the PaymentIntent to reverse the authorization instead of refunding the Charge directly. For more information, see https://stripe.com/docs/payments/place-a-hold-on-a-payment-method`,
    )
  }
  const dispute = account.store.by('dispute', 'charge', charge.id).at(-1)
  if (dispute && !dispute.is_charge_refundable) {
    throw invalidRequest(
      `Charge ${charge.id} has been charged back; cannot issue a refund.`,
      undefined,
      'charge_disputed',
    )
  }
  return charge
}

function amountToRefund(charge: Charge, asked: number | undefined): number {
  const left = charge.amount - charge.amount_refunded
  if (left === 0) {
    throw new ApiError(400, `Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' })
  }
  if (asked === undefined) return left
  if (atLeast(1, asked, 'amount') <= left) return asked
  const [wanted, remaining] = [asked, left].map((amount) => formatMoney(amount, charge.currency))
  throw invalidRequest(`Refund amount (${wanted}) is greater than unrefunded amount on charge (${remaining})`, 'amount')
}

function payOut(account: Account, refund: Refund, charge: Charge): Refund {
  const isCard = charge.payment_method_details?.type === 'card'
  const transaction = recordMovement(account, {
    amount: -refund.amount,
    currency: refund.currency,
    type: isCard ? 'refund' : 'payment_refund',
    reportingCategory: 'refund',
    source: refund.id,
    description: `REFUND FOR ${isCard ? 'CHARGE' : 'PAYMENT'}${ofDescription(charge)}`,
    availableOn: availableOn(account, charge),
  })
  addRefunded(account, charge, refund.amount)
  return account.update('refund', refund.id, { balance_transaction: transaction.id })
}

/** It is taken from the money that the charge brought, so it is not available earlier than that. */
function availableOn(account: Account, charge: Charge): number {
  const came = account.find('balance_transaction', charge.balance_transaction ?? '')
  return Math.max(came?.available_on ?? account.now, account.now)
}

function addRefunded(account: Account, charge: Charge, amount: number): Charge {
  const amount_refunded = charge.amount_refunded + amount
  return account.update('charge', charge.id, { amount_refunded, refunded: amount_refunded === charge.amount })
}

const ofDescription = (charge: Charge): string => (charge.description ? ` (${charge.description})` : '')

const newRefund = (account: Account, charge: Charge, amount: number): Refund => ({
  id: account.newId(charge.payment_method_details?.type === 'card' ? 're' : 'pyr'),
  object: 'refund',
  amount,
  balance_transaction: null,
  charge: charge.id,
  created: account.now,
  currency: charge.currency,
  customer: charge.customer,
  customer_account: null,
  ...(charge.payment_method_details?.type === 'card' && {
    destination_details: {
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
      type: 'card',
    },
  }),
  metadata: {},
  payment_intent: charge.payment_intent,
  payment_method: charge.payment_method,
  reason: null,
  receipt_number: null,
  source_transfer_reversal: null,
  status: 'pending',
  transfer_reversal: null,
})

function cardBehind(account: Account, charge: Charge): TestCard | undefined {
  return findTestCard(account.find('local.card', charge.payment_method ?? '')?.number ?? '')
}
