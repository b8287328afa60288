import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest } from '../protocol/errors.ts'
import { isRedeemable } from '../resources/coupons.ts'
import { isActive } from '../resources/promotion-codes.ts'
import { addIntervals } from './calendar.ts'
import type { DiscountTerms } from './discounts.ts'
import { notesOf, remember } from './notes.ts'

type Coupon = Kinds['coupon']
type Discount = Kinds['discount']

/** One entry of a `discounts` parameter. */
export type DiscountParam = { coupon?: string; promotion_code?: string; discount?: string }

/** What a discount is redeemed on. */
export type DiscountOwner = {
  customer: string | null
  subscription?: string
  subscription_item?: string
  invoice?: string
  invoice_item?: string
  checkout_session?: string
}

/**
 * Redeems a coupon or a promotion code into a discount, or takes a discount that exists already.
 *
 * Errors: `resource_missing`, `coupon_expired`, and without a code when a promotion code's restrictions are not met.
 * https://docs.stripe.com/billing/subscriptions/coupons
 *
 * @param amount what is bought, in minor units, for a promotion code with a least amount
 */
export function redeem(
  account: Account,
  param: DiscountParam,
  owner: DiscountOwner,
  currency: string,
  where = 'discounts[0]',
  amount?: number,
): Discount {
  if (param.discount) return account.get('discount', param.discount, `${where}[discount]`)
  const promotion = param.promotion_code
    ? account.get('promotion_code', param.promotion_code, `${where}[promotion_code]`)
    : undefined
  const couponId = param.coupon ?? promotion?.promotion.coupon
  if (!couponId) throw invalidRequest('You must specify one of `coupon`, `promotion_code` or `discount`.', where)
  const coupon = account.get('coupon', couponId, `${where}[coupon]`)
  if (promotion) checkPromotion(account, promotion, owner.customer, where, currency, amount)
  else if (!isRedeemable(coupon, account.now)) throw expired(coupon.id, where)
  if (coupon.amount_off !== null && amountOffIn(coupon, currency) === undefined) {
    throw invalidRequest(
      `The currency of the coupon (${coupon.currency}) does not match the currency of what it is applied to (${currency}).`,
      `${where}[coupon]`,
    )
  }
  const discount = account.insert('discount', newDiscount(account, coupon, promotion?.id ?? null, owner))
  remember(account, discount.id, { coupon })
  const redeemed = account.update('coupon', coupon.id, { times_redeemed: coupon.times_redeemed + 1 })
  if (!isRedeemable(redeemed, account.now)) account.update('coupon', coupon.id, { valid: false })
  if (promotion) countPromotion(account, promotion)
  if (isOfSubscription(discount)) account.emit('customer.discount.created', discount)
  return discount
}

/** Whether it is told of by events: those of single items and invoices are not. */
const isOfSubscription = (discount: Discount): boolean =>
  discount.subscription !== null && discount.subscription_item === null

/** Tells of discounts that a subscription has no more. */
export function tellOfLost(account: Account, before: readonly string[], after: readonly string[]): void {
  for (const id of before) {
    const discount = after.includes(id) ? undefined : account.find('discount', id)
    if (discount && isOfSubscription(discount)) account.emit('customer.discount.deleted', discount)
  }
}

const expired = (id: string, where: string) =>
  invalidRequest(`Coupon ${id} is expired.`, `${where}[coupon]`, 'coupon_expired')

function checkPromotion(
  account: Account,
  promotion: Kinds['promotion_code'],
  customer: string | null,
  where: string,
  currency: string,
  amount: number | undefined,
): void {
  const param = `${where}[promotion_code]`
  if (!isActive(promotion, account))
    throw invalidRequest(
      'This promotion code cannot be redeemed because the associated coupon or code is not active.',
      param,
    )
  if (promotion.customer !== null && promotion.customer !== customer) {
    throw invalidRequest('This promotion code cannot be redeemed by this customer.', param)
  }
  const { restrictions } = promotion
  if (restrictions.first_time_transaction && customer && hasPaid(account, customer)) {
    throw invalidRequest(
      'This promotion code cannot be redeemed because the associated customer has prior transactions.',
      param,
    )
  }
  const least = restrictions.currency_options?.[currency]?.minimum_amount ?? restrictions.minimum_amount
  if (least && amount !== undefined && amount < least) {
    throw invalidRequest(
      'This promotion code cannot be redeemed because the associated purchase does not meet the minimum amount requirement.',
      param,
    )
  }
}

/** Whether a customer has paid anything before, or subscribed to something that was active. */
export const hasPaid = (account: Account, customer: string): boolean =>
  account.store.by('charge', 'customer', customer).some((charge) => charge.paid) ||
  account.store.by('invoice', 'customer', customer).some((invoice) => invoice.amount_paid > 0)

function countPromotion(account: Account, promotion: Kinds['promotion_code']): void {
  const times_redeemed = promotion.times_redeemed + 1
  const isUsedUp = promotion.max_redemptions !== null && times_redeemed >= promotion.max_redemptions
  account.update('promotion_code', promotion.id, { times_redeemed, ...(isUsedUp && { active: false }) })
}

function newDiscount(account: Account, coupon: Coupon, promotion: string | null, owner: DiscountOwner): Discount {
  const months = coupon.duration === 'repeating' ? coupon.duration_in_months : null
  return {
    id: account.newId('di'),
    object: 'discount',
    checkout_session: owner.checkout_session ?? null,
    customer: owner.customer,
    customer_account: null,
    end: months === null ? null : addIntervals({ time: account.now }, { interval: 'month', interval_count: 1 }, months),
    invoice: owner.invoice ?? null,
    invoice_item: owner.invoice_item ?? null,
    promotion_code: promotion,
    source: { coupon: coupon.id, type: 'coupon' },
    start: account.now,
    subscription: owner.subscription ?? null,
    subscription_item: owner.subscription_item ?? null,
  }
}

/** Redeems a whole `discounts` parameter. An empty string clears, so it gives none. */
export const redeemAll = (
  account: Account,
  params: Stripe.Emptyable<DiscountParam[]> | undefined,
  owner: DiscountOwner,
  currency: string,
  where = 'discounts',
  amount?: number,
): string[] => (params || []).map((param, i) => redeem(account, param, owner, currency, `${where}[${i}]`, amount).id)

/** The coupon of a discount as it was when it was redeemed. */
export const couponOf = (account: Account, discount: Discount): Coupon | undefined =>
  notesOf(account, discount.id).coupon ??
  (discount.source.coupon ? account.find('coupon', discount.source.coupon) : undefined)

const amountOffIn = (coupon: Coupon, currency: string): number | undefined =>
  coupon.currency === currency ? (coupon.amount_off ?? undefined) : coupon.currency_options?.[currency]?.amount_off

/** What discounts take off at a time, in a currency; those that have ended are left out. */
export function termsOfDiscounts(
  account: Account,
  ids: readonly string[],
  currency: string,
  at: number = account.now,
): (DiscountTerms & { coupon: Coupon })[] {
  return ids.flatMap((id) => {
    const discount = account.find('discount', id)
    const coupon = discount && couponOf(account, discount)
    if (!discount || !coupon || (discount.end !== null && discount.end <= at)) return []
    const amountOff = coupon.amount_off === null ? null : (amountOffIn(coupon, currency) ?? 0)
    return [{ id, percentOff: coupon.percent_off, amountOff, products: coupon.applies_to?.products ?? null, coupon }]
  })
}

/** Of the discounts that an invoice used, those that go on: a coupon for `once` is used up, one for some months may have ended. */
export const discountsAfterUse = (account: Account, ids: readonly string[], at: number): string[] =>
  ids.filter((id) => {
    const discount = account.find('discount', id)
    const coupon = discount && couponOf(account, discount)
    return coupon?.duration !== 'once' && (discount?.end == null || discount.end > at)
  })
