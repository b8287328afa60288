import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest } from '../protocol/errors.ts'
import type { Stored } from '../wire.ts'
import { disputeFee, recordMovement } from './balance-transactions.ts'
import { day } from './calendar.ts'
import type { TestCard } from './cards.ts'
import type { Charge } from './charges.ts'

export type Dispute = Kinds['dispute']
type Evidence = Stored<Stripe.Dispute.Evidence>
type Reason = NonNullable<TestCard['disputes']>

/** The network's code for a reason, which is Visa's here. */
const reasonCodes: Record<Reason, string> = { fraudulent: '10.4', product_not_received: '13.1', inquiry: '10' }

/** Days in which evidence can be handed in, the last one until its midnight (UTC). */
const daysToRespond = 8

/**
 * Opens a dispute of a captured charge. The bank takes the money at once, but for an inquiry, which only asks.
 *
 * https://docs.stripe.com/disputes/how-disputes-work
 */
export function openDispute(account: Account, charge: Charge, reason: Reason): Dispute {
  const isInquiry = reason === 'inquiry'
  const brand = charge.payment_method_details?.card?.brand ?? 'visa'
  const isCard = charge.payment_method_details?.type === 'card'
  account.update('charge', charge.id, { disputed: true })
  const opened = account.insert('dispute', {
    id: account.newId('du'),
    object: 'dispute',
    amount: charge.amount_captured,
    balance_transactions: [],
    charge: charge.id,
    created: account.now,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: firstEvidence(account, charge),
    evidence_details: {
      due_by: account.now - (account.now % day) + (daysToRespond + 1) * day - 1,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: isInquiry,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    ...(isCard && {
      payment_method_details: {
        card: {
          brand,
          case_type: isInquiry ? 'inquiry' : 'chargeback',
          network: brand,
          network_reason_code: reasonCodes[reason],
        },
        type: 'card',
      },
    }),
    reason: isInquiry ? 'fraudulent' : reason,
    status: isInquiry ? 'warning_needs_response' : 'needs_response',
  })
  if (isInquiry) {
    account.emit('charge.dispute.created', opened)
    return opened
  }
  const withdrawn = withdraw(account, opened)
  account.emit('charge.dispute.created', withdrawn)
  account.emit('charge.dispute.funds_withdrawn', withdrawn)
  return withdrawn
}

/** An inquiry that the bank turns into a chargeback takes the money then. */
export function escalateDispute(account: Account, id: string): Dispute {
  const before = account.get('dispute', id)
  withdraw(account, before)
  const escalated = account.update('dispute', id, {
    evidence_details: { ...before.evidence_details, has_evidence: false },
    is_charge_refundable: false,
    status: 'needs_response',
  })
  account.emit('charge.dispute.updated', escalated, before)
  account.emit('charge.dispute.funds_withdrawn', escalated)
  return escalated
}

/** Ends a dispute. When it is won the money comes back, but not the fee. Throws for one that has ended. */
export function closeDispute(account: Account, id: string, status: 'won' | 'lost'): Dispute {
  const before = account.get('dispute', id)
  refuseClosed(before)
  if (before.status.startsWith('warning')) {
    const closed = account.update('dispute', id, { status: 'warning_closed' })
    account.emit('charge.dispute.closed', closed)
    return closed
  }
  if (status === 'won') {
    const transaction = recordMovement(account, {
      amount: before.amount,
      currency: before.currency,
      type: 'adjustment',
      reportingCategory: 'dispute_reversal',
      source: id,
      description: `Chargeback reversal for ${before.charge}`,
      availableOn: account.now,
    })
    const balance_transactions = [...before.balance_transactions, transaction]
    const won = account.update('dispute', id, { balance_transactions, is_charge_refundable: true, status })
    account.emit('charge.dispute.funds_reinstated', won)
    account.emit('charge.dispute.closed', won)
    return won
  }
  const lost = account.update('dispute', id, { is_charge_refundable: false, status })
  account.emit('charge.dispute.closed', lost)
  return lost
}

/** 400 for a dispute that has ended. */
export function refuseClosed(dispute: Dispute): void {
  if (['won', 'lost', 'warning_closed'].includes(dispute.status)) {
    throw invalidRequest('This dispute is already closed')
  }
}

function withdraw(account: Account, dispute: Dispute): Dispute {
  const transaction = recordMovement(account, {
    amount: -dispute.amount,
    currency: dispute.currency,
    fee: { amount: disputeFee(dispute.currency), description: 'Dispute fee' },
    type: 'adjustment',
    reportingCategory: 'dispute',
    source: dispute.id,
    description: `Chargeback withdrawal for ${dispute.charge}`,
    availableOn: account.now,
  })
  return account.update('dispute', dispute.id, { balance_transactions: [...dispute.balance_transactions, transaction] })
}

/** Stripe fills in what it knows of the customer. */
function firstEvidence(account: Account, charge: Charge): Evidence {
  const customer = charge.customer ? account.find('customer', charge.customer) : undefined
  const known = customer && !('deleted' in customer) ? customer : undefined
  return {
    ...noEvidence,
    customer_email_address: charge.billing_details.email ?? known?.email ?? null,
    customer_name: charge.billing_details.name ?? known?.name ?? null,
  }
}

const noEvidence: Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
}
