import type { Account } from '../account.ts'
import { redeem } from '../engine/redeem.ts'
import type { Kinds } from '../kinds.ts'
import { ApiError } from '../protocol/errors.ts'

type Session = Kinds['checkout.session']
type Discount = NonNullable<Session['discounts']>[number]

/** Undoes a redemption that was only a question. */
const onlyAsking = Symbol('only asking')

/** Why a coupon or a promotion code cannot be redeemed on a session now, in Stripe's words; null when it can. */
export function redemptionProblem(
  account: Account,
  session: Session,
  { coupon, promotion_code }: Discount,
): ApiError | null {
  try {
    account.attempt(() => {
      redeem(
        account,
        promotion_code ? { promotion_code } : { coupon: coupon ?? '' },
        { customer: session.customer, checkout_session: session.id },
        session.currency ?? 'usd',
        'discounts[0]',
        session.amount_subtotal ?? undefined,
      )
      throw onlyAsking
    })
  } catch (error) {
    if (error === onlyAsking) return null
    if (error instanceof ApiError) return error
    throw error
  }
  return null
}
