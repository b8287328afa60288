import type Stripe from 'stripe'
import type { TransitionRow } from '../store/mirror.ts'
import type { Content, SubscriptionRow } from '../store/rows.ts'
import type { ReadCharge } from '../stripe/charge.ts'
import { idOf } from './contents.ts'
import { transition } from './transitions.ts'

/**
 * What a charge tells of a membership: that money went back, that its owner disputes it, and how that ended. Charges are not mirrored;
 * the key carries how much was refunded, so that each part of a refund is told once, and what the bank decided, so that an appeal that
 * turns it is told as well. A dispute that opened and ended before anybody looked is told as both, whichever event came first.
 *
 * @param subscription the row of what the charge paid for, where it is known
 * @see https://docs.stripe.com/api/charges/object
 * @see https://docs.stripe.com/disputes/how-disputes-work
 */
export function chargeTransitions(
  charge: ReadCharge,
  at: number,
  subscription: Content<SubscriptionRow> | null = null,
): TransitionRow[] {
  const customer = idOf(charge.customer)
  if (customer === null) return []
  const found: TransitionRow[] = []
  const detail = { charge: charge.id, currency: charge.currency }
  const ends = { before: subscription, after: subscription, at }
  if (charge.amount_refunded > 0) {
    const amount = charge.amount_refunded
    found.push(
      transition('refunded', [charge.id, 'refunded', amount], customer, {
        ...ends,
        detail: { ...detail, amountRefunded: amount, amount: charge.amount },
      }),
    )
  }
  const { disputes = [] } = charge
  if (charge.disputed) {
    const [first] = disputes
    found.push(
      transition('disputed', [charge.id, 'disputed'], customer, {
        ...ends,
        at: first?.created ?? at,
        detail: { ...detail, amount: first?.amount ?? charge.amount, ...(first && disputeDetail(first)) },
      }),
    )
  }
  for (const dispute of disputes.filter(({ status }) => closed.has(status))) {
    const { id, status, amount } = dispute
    found.push(
      transition('disputeClosed', [id, 'disputeClosed', status], customer, {
        ...ends,
        detail: { ...detail, amount, ...disputeDetail(dispute), status },
      }),
    )
  }
  return found
}

const closed = new Set<Stripe.Dispute.Status>(['won', 'lost', 'warning_closed', 'prevented'])

const disputeDetail = ({ id, reason }: Stripe.Dispute) => ({ dispute: id, reason })
