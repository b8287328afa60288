import { createHash } from 'node:crypto'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { render } from '../protocol/render.ts'
import { basketOf } from './amounts.ts'
import { couponOf, totalsOfBasket } from './totals.ts'

type Session = Kinds['checkout.session']

/** What the totals of a session are made of: each discount and each tax rate, with its amount in minor units. */
export function breakdownOf(account: Account, session: Session): object {
  const { items, params, since } = account.get('local.checkout', session.id)
  const basket = basketOf(account, session, items, params.subscription_data, since)
  if (!basket) return { discounts: [], taxes: [] }
  const totals = totalsOfBasket(account, basket)
  const discounts = session.discounts ?? []
  return {
    discounts: totals.total_discount_amounts.map(({ amount, discount: coupon }) => {
      const given = discounts.find((one) => couponOf(account, one)?.id === coupon)
      return { amount, discount: given ? discountOf(account, session, given, coupon) : account.get('discount', coupon) }
    }),
    taxes: totals.total_taxes.map(({ amount, tax_rate_details, taxability_reason, taxable_amount }) => ({
      amount,
      rate: render(account, account.get('tax_rate', tax_rate_details.tax_rate)),
      // A rate that was chosen by hand has no reason here.
      taxability_reason: taxability_reason === 'not_available' ? null : taxability_reason,
      taxable_amount,
    })),
  }
}

/** The discount that the payment redeemed; before it, what the session promises, under an id that stays the same. */
function discountOf(
  account: Account,
  session: Session,
  given: NonNullable<Session['discounts']>[number],
  coupon: string,
): object {
  const redeemed = account.store
    .all('discount')
    .find((one) => one.checkout_session === session.id && one.source.coupon === coupon)
  if (redeemed) return redeemed
  const digest = createHash('sha256').update(`${session.id} ${coupon}`).digest('hex')
  return {
    id: `di_1${digest.slice(0, 23)}`,
    object: 'discount',
    checkout_session: session.id,
    customer: session.customer,
    customer_account: null,
    end: null,
    invoice: null,
    invoice_item: null,
    promotion_code: given.promotion_code,
    source: { coupon, type: 'coupon' },
    start: session.created,
    subscription: null,
    subscription_item: null,
  }
}
