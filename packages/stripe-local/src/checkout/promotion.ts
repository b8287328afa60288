import type { Account } from '../account.ts'
import { dryRun } from '../engine/dry-run.ts'
import { redeem } from '../engine/redeem.ts'
import type { Kinds } from '../kinds.ts'
import { ApiError, invalidRequest } from '../protocol/errors.ts'
import { activePromotionCode } from '../resources/promotion-codes.ts'
import { refreshTotals } from './amounts.ts'

type Session = Kinds['checkout.session']
type Discount = NonNullable<Session['discounts']>[number]

/** Why a coupon or a promotion code cannot be redeemed on a session now, in Stripe's words; null when it can. */
export function redemptionProblem(
  account: Account,
  session: Session,
  { coupon, promotion_code }: Discount,
): ApiError | null {
  const param = promotion_code ? { promotion_code } : { coupon: coupon ?? '' }
  const owner = { customer: session.customer, checkout_session: session.id }
  try {
    dryRun(account, (quiet) =>
      redeem(quiet, param, owner, session.currency ?? 'usd', 'discounts[0]', session.amount_subtotal ?? undefined),
    )
    return null
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
}

/** Puts the code that a customer typed on an open session. Throws an ApiError (400) for one that is not good, or not good here. */
export function applyPromotionCode(account: Account, id: string, code: string): Session {
  const session = account.get('checkout.session', id)
  const promotion = session.allow_promotion_codes ? activePromotionCode(account, code, session.customer) : undefined
  if (!promotion) throw invalidRequest('This code is invalid.', 'promotion_code')
  const discount = { coupon: null, promotion_code: promotion.id }
  const problem = redemptionProblem(account, session, discount)
  if (problem) throw problem
  account.update('checkout.session', id, { discounts: [discount] })
  return refreshTotals(account, id)
}

/** Takes the discount off an open session. */
export function removeDiscount(account: Account, id: string): Session {
  account.update('checkout.session', id, { discounts: [] })
  return refreshTotals(account, id)
}

/** Changes how many of an item are bought, within what the session allows. */
export function changeQuantity(account: Account, id: string, item: string, quantity: number): Session {
  const { items } = account.get('local.checkout', id)
  const range = items.find((each) => each.id === item)?.adjustable_quantity
  if (
    !range ||
    !Number.isInteger(quantity) ||
    quantity < Math.max(1, range.minimum ?? 1) ||
    quantity > (range.maximum ?? 999_999)
  ) {
    throw invalidRequest('This quantity is not possible.', 'quantity')
  }
  account.update('local.checkout', id, {
    items: items.map((each) => (each.id === item ? { ...each, quantity } : each)),
  })
  return refreshTotals(account, id)
}
