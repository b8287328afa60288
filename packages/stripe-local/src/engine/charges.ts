import { createHash, randomInt, randomUUID } from 'node:crypto'
import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { receiptUrl } from '../pages/urls.ts'
import type { Stored } from '../wire.ts'
import { recordCharge } from './balance-transactions.ts'
import { day } from './calendar.ts'
import type { TestCard } from './cards.ts'
import type { Decline } from './declines.ts'

export type Charge = Kinds['charge']
type PaymentIntent = Kinds['payment_intent']
type PaymentMethod = Kinds['payment_method']
type CardDetails = Stored<Stripe.Charge.PaymentMethodDetails.Card>

/** How an attempt to charge went. */
export type ChargeResult = {
  status: 'succeeded' | 'pending' | 'failed'
  /** False for an authorization that is captured later. */
  captured: boolean
  decline?: Decline
  /** The customer approved it. */
  authenticated?: boolean
  /** The mandate that a debit rests on. */
  mandate?: string | undefined
}

/** How long an authorization holds. */
export const authorizationDays = 7

/**
 * Makes the charge of a payment intent, as it is right after the attempt; a captured one has its balance transaction at once when the intent
 * captures synchronously, and otherwise a moment later.
 *
 * @param method as it is when the bank has checked it
 */
export function createCharge(
  account: Account,
  intent: PaymentIntent,
  method: PaymentMethod,
  card: TestCard | undefined,
  result: ChargeResult,
): Charge {
  const { status, captured, decline } = result
  const id = account.newId(method.type === 'card' ? 'ch' : 'py')
  const charge = account.insert('charge', {
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: captured && status !== 'failed' ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: method.billing_details,
    calculated_statement_descriptor: descriptorOf(intent),
    captured: captured && status !== 'failed',
    created: account.now,
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcomeOf(id, card, decline),
    paid: status === 'succeeded',
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: detailsOf(account, intent, method, result),
    radar_options: {},
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: status === 'failed' ? null : receiptUrl(account, id),
    refunded: false,
    review: null,
    shipping: intent.shipping,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status,
    transfer_data: null,
    transfer_group: intent.transfer_group,
  })
  const settles = status === 'succeeded' && captured && intent.capture_method !== 'automatic_async'
  return settles ? settleCharge(account, charge, card) : charge
}

/** Books what a captured charge brings in. */
export function settleCharge(account: Account, charge: Charge, card: TestCard | undefined): Charge {
  const transaction = recordCharge(account, charge, card?.availableAtOnce)
  return account.update('charge', charge.id, { balance_transaction: transaction.id })
}

const blockedOutcome = {
  advice_code: null,
  network_advice_code: null,
  network_decline_code: null,
  network_status: 'not_sent_to_network',
  reason: 'highest_risk_level',
  risk_level: 'highest',
  risk_score: 92,
  rule: 'block_if_high_risk',
  seller_message: 'Stripe blocked this payment as too risky.',
  type: 'blocked',
}

function outcomeOf(id: string, card: TestCard | undefined, decline: Decline | undefined): Stripe.Charge.Outcome {
  if (decline?.blocked) return blockedOutcome
  const risk = card?.risk ?? 'normal'
  return {
    advice_code: decline?.advice_code ?? null,
    network_advice_code: null,
    network_decline_code: decline?.network_decline_code ?? null,
    network_status: decline ? 'declined_by_network' : 'approved_by_network',
    reason: decline?.decline_code ?? (risk === 'elevated' ? 'elevated_risk_level' : null),
    risk_level: risk,
    risk_score: { normal: 0, elevated: 65, highest: 75 }[risk] + (digestOf(id) % (risk === 'normal' ? 65 : 10)),
    seller_message: sellerMessage(decline, risk),
    type: decline ? 'issuer_declined' : 'authorized',
  }
}

function sellerMessage(decline: Decline | undefined, risk: string): string {
  if (decline?.decline_code === 'generic_decline') {
    return 'The bank did not return any further details with this decline.'
  }
  if (decline) return `The bank returned the decline code \`${decline.decline_code}\`.`
  return risk === 'elevated' ? 'Stripe evaluated this payment as having elevated risk.' : 'Payment complete.'
}

function detailsOf(
  account: Account,
  intent: PaymentIntent,
  method: PaymentMethod,
  result: ChargeResult,
): Charge['payment_method_details'] {
  if (method.card) return { card: cardDetails(account, intent, method.card, result), type: 'card' }
  const bank = method.us_bank_account
  if (bank) {
    const { account_holder_type, account_type, bank_name, fingerprint, last4, routing_number } = bank
    const shown = { account_holder_type, account_type, bank_name, fingerprint, last4, routing_number }
    const mandate = result.mandate ? { mandate: result.mandate } : {}
    return { type: 'us_bank_account', us_bank_account: { ...shown, ...mandate, payment_reference: null } }
  }
  const debit = method.sepa_debit
  if (!debit) return { type: method.type }
  const { bank_code, branch_code, country, fingerprint, last4 } = debit
  return {
    sepa_debit: { bank_code, branch_code, country, fingerprint, last4, mandate: result.mandate ?? null },
    type: 'sepa_debit',
  }
}

function cardDetails(
  account: Account,
  intent: PaymentIntent,
  card: NonNullable<PaymentMethod['card']>,
  { status, captured, authenticated }: ChargeResult,
): CardDetails {
  const { brand, checks, country, exp_month, exp_year, fingerprint, funding, last4, regulated_status } = card
  return {
    amount_authorized: status === 'failed' ? null : intent.amount,
    authorization_code: String(randomInt(1_000_000)).padStart(6, '0'),
    brand,
    ...(!captured && status === 'succeeded' && { capture_before: account.now + authorizationDays * day }),
    checks,
    country,
    electronic_commerce_indicator: authenticated ? '05' : null,
    exp_month,
    exp_year,
    extended_authorization: { status: 'disabled' },
    fingerprint: fingerprint ?? null,
    funding,
    incremental_authorization: { status: 'unavailable' },
    installments: null,
    last4,
    mandate: null,
    multicapture: { status: 'unavailable' },
    network: brand,
    network_token: { used: false },
    network_transaction_id: String(100_000_000_000_000 + (digestOf(fingerprint ?? '') % 900_000_000_000_000)),
    overcapture: { maximum_amount_capturable: intent.amount, status: 'unavailable' },
    regulated_status,
    three_d_secure: authenticated ? threeDSecure() : null,
    transaction_link_id: null,
    wallet: null,
  }
}

/** What stays of a 3D Secure that the customer approved. */
export const threeDSecure = (): Stripe.Charge.PaymentMethodDetails.Card.ThreeDSecure => ({
  authentication_flow: 'challenge',
  electronic_commerce_indicator: '05',
  exemption_indicator: null,
  result: 'authenticated',
  result_reason: null,
  transaction_id: randomUUID(),
  version: '2.2.0',
})

/** What the card statement says: at most 22 characters, in capitals. */
export function descriptorOf({
  statement_descriptor,
  statement_descriptor_suffix,
}: Pick<PaymentIntent, 'statement_descriptor' | 'statement_descriptor_suffix'>): string {
  const prefix = statement_descriptor ?? 'STRIPE LOCAL'
  return (statement_descriptor_suffix ? `${prefix}* ${statement_descriptor_suffix}` : prefix).slice(0, 22).toUpperCase()
}

/** A number that is the same for the same text. */
const digestOf = (text: string): number =>
  Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 13), 16)
