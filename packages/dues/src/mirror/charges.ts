import type Stripe from 'stripe'
import type { TransitionRow } from '../store/mirror.ts'
import { idOf } from './contents.ts'
import { transition } from './transitions.ts'

/**
 * What a charge tells of a membership: that money went back, or that its owner disputes it. Charges are not mirrored;
 * the key carries how much was refunded, so that each part of a refund is told once.
 *
 * @see https://docs.stripe.com/api/charges/object
 */
export function chargeTransitions(charge: Stripe.Charge, at: number): TransitionRow[] {
  const customer = idOf(charge.customer)
  if (customer === null) return []
  const found: TransitionRow[] = []
  const detail = { charge: charge.id, currency: charge.currency }
  const ends = { before: null, after: null, at }
  if (charge.amount_refunded > 0) {
    const amount = charge.amount_refunded
    found.push(
      transition('refunded', [charge.id, 'refunded', amount], customer, {
        ...ends,
        detail: { ...detail, amountRefunded: amount, amount: charge.amount },
      }),
    )
  }
  if (charge.disputed) {
    found.push(
      transition('disputed', [charge.id, 'disputed'], customer, {
        ...ends,
        detail: { ...detail, amount: charge.amount },
      }),
    )
  }
  return found
}
