import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { defineDue } from './agenda.ts'
import { bankOutcome } from './bank-accounts.ts'
import { type Charge, settleCharge } from './charges.ts'
import { docUrl } from './declines.ts'
import { closeDispute, escalateDispute, openDispute } from './disputes.ts'
import { type DebitOutcome, debitOutcome } from './ibans.ts'
import { moveIntent, succeed } from './payment-attempts.ts'
import { testCardBehind } from './payment-methods.ts'
import { cancelPaymentIntent } from './payments.ts'
import { failRefund, finishRefund, noteReference, releaseAuthorization } from './refunds.ts'

/** Seconds after which what Stripe does a moment later is done: books an asynchronous capture, hears of a refund from the bank. */
const moment = 2

const failingRefundAfter = 5

/** A charge: an asynchronous capture is booked, a debit settles or comes back, an authorization that nobody captured expires. */
defineDue({
  kind: 'charge',
  dueAt(account, charge) {
    if (charge.status === 'pending') {
      const { after } = outcomeOf(account, charge)
      return after === Number.POSITIVE_INFINITY ? null : charge.created + after
    }
    if (charge.status !== 'succeeded' || charge.balance_transaction) return null
    if (charge.captured) return charge.created + moment
    return charge.refunded ? null : (charge.payment_method_details?.card?.capture_before ?? null)
  },
  run(account, charge) {
    if (charge.status === 'pending') settleDebit(account, charge)
    else if (charge.captured) {
      const method = account.find('payment_method', charge.payment_method ?? '')
      const settled = settleCharge(account, charge, method && testCardBehind(account, method))
      account.emit('charge.updated', settled, charge)
    } else expireAuthorization(account, charge)
  },
})

/** What becomes of a debit is known from the test account that it debits. */
function outcomeOf(account: Account, charge: Charge): DebitOutcome {
  const number = account.find('local.card', charge.payment_method ?? '')?.number ?? ''
  return charge.payment_method_details?.type === 'us_bank_account' ? bankOutcome(number) : debitOutcome(number)
}

/** What a published event of Stripe's test mode says of the debit of AT86 1904 3002 3547 3202; its code is empty, which the SDK's types know as none. */
const debitRefused = {
  decline_code: 'generic_decline',
  message:
    "The transaction can't be processed because your customer's account information is missing or incorrect. Collect a new mandate and ask your customer to provide their name and address exactly as it appears on their bank account. After this, you can attempt the transaction again.",
}

function settleDebit(account: Account, charge: Charge): void {
  const intent = account.get('payment_intent', charge.payment_intent ?? '')
  const outcome = outcomeOf(account, charge)
  if (!outcome.succeeds) {
    const failed = account.update('charge', charge.id, {
      amount_captured: 0,
      captured: false,
      failure_code: outcome.failure?.code ?? 'generic_could_not_process',
      failure_message: outcome.failure?.message ?? debitRefused.message,
      receipt_url: null,
      status: 'failed',
    })
    account.emit('charge.failed', failed)
    const payment_method = account.find('payment_method', charge.payment_method ?? '')
    moveIntent(account, intent.id, 'payment_intent.payment_failed', {
      last_payment_error: errorOf(outcome, charge, payment_method) as typeof intent.last_payment_error,
      next_action: null,
      payment_method: null,
      status: 'requires_payment_method',
    })
    return
  }
  const paid = account.update('charge', charge.id, { paid: true, status: 'succeeded' })
  const settled = settleCharge(account, paid, undefined)
  account.emit('charge.succeeded', settled)
  succeed(account, intent, settled)
  if (outcome.disputed) openDispute(account, settled, 'fraudulent')
}

/** What the intent says of a debit that came back. */
const errorOf = (
  { failure }: DebitOutcome,
  { id }: Charge,
  payment_method: Kinds['payment_method'] | undefined,
): object =>
  failure
    ? {
        charge: id,
        ...failure,
        doc_url: docUrl(failure.code),
        ...(payment_method && { payment_method, payment_method_type: payment_method.type }),
        type: 'invalid_request_error',
      }
    : { ...debitRefused, payment_method, type: 'card_error' }

function expireAuthorization(account: Account, charge: Charge): void {
  if (charge.payment_intent) cancelPaymentIntent(account, charge.payment_intent, 'automatic')
  else releaseAuthorization(account, charge, charge.amount)
  account.emit('charge.expired', account.get('charge', charge.id))
}

/** What a refund still waits for: the bank, or the bank's number for it. */
const isPending = (refund: { status: string | null }): boolean => refund.status === 'pending'

defineDue({
  kind: 'refund',
  dueAt(account, refund) {
    if (isPending(refund)) return refund.created + failingRefundAfter
    if (refund.status !== 'succeeded' || !refund.balance_transaction) return null
    if (refund.destination_details?.card?.reference_status === 'pending') return refund.created + moment
    return isBoundToFail(account, refund.payment_method) ? refund.created + failingRefundAfter : null
  },
  run(account, refund) {
    if (isPending(refund)) finishRefund(account, refund.id)
    else if (refund.destination_details?.card?.reference_status === 'pending') noteReference(account, refund.id)
    else failRefund(account, refund.id)
  },
})

function isBoundToFail(account: Account, methodId: string | null): boolean {
  const method = account.find('payment_method', methodId ?? '')
  return method !== undefined && testCardBehind(account, method)?.refunds === 'failing'
}

/** The words in `evidence.uncategorized_text` that decide a dispute: https://docs.stripe.com/testing#evidence */
const verdicts: Record<string, (account: Account, id: string) => void> = {
  winning_evidence: (account, id) => void closeDispute(account, id, 'won'),
  losing_evidence: (account, id) => void closeDispute(account, id, 'lost'),
  escalate_inquiry_evidence: (account, id) => void escalateDispute(account, id),
}

/** A dispute under review whose evidence says how it ends is decided as soon as the clock is looked at. */
defineDue({
  kind: 'dispute',
  dueAt(account, { status, evidence, created }) {
    const verdict = evidence.uncategorized_text ?? ''
    if (!status.endsWith('under_review') || !Object.hasOwn(verdicts, verdict)) return null
    if (verdict === 'escalate_inquiry_evidence' && status !== 'warning_under_review') return null
    return Math.min(created, account.now)
  },
  run: (account, dispute) => verdicts[dispute.evidence.uncategorized_text ?? '']?.(account, dispute.id),
})
