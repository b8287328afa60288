import type { Account } from '../account.ts'
import type { DiscountTerms } from '../engine/discounts.ts'
import { sumOf } from '../engine/discounts.ts'
import { amountFor, termsIn } from '../engine/pricing.ts'
import { prorate } from '../engine/proration.ts'
import { termsOfDiscounts } from '../engine/redeem.ts'
import type { TaxExempt } from '../engine/tax.ts'
import { type Totals, totalsOf } from '../engine/totals.ts'
import type { CheckoutItem, CheckoutLine, Kinds } from '../kinds.ts'
import { partOf, type Stub } from './anchor.ts'

type Session = Kinds['checkout.session']

/** What a session's totals are made of. */
export type Basket = {
  items: readonly CheckoutItem[]
  currency: string
  discounts: Session['discounts']
  customer: string | null
  /** Whether what recurs costs nothing today: a trial comes first, or a time up to the billing cycle anchor that is free. */
  trial: boolean
  /** The time up to the billing cycle anchor, which is charged in part. */
  stub?: Stub | null
  /** What the chosen way to ship costs, in minor units. It is neither discounted nor taxed. */
  shipping?: number
  /** Rates for the items that have none of their own: `subscription_data[default_tax_rates]`. */
  defaultTaxRates: readonly string[]
}

export type SessionTotals = Pick<Session, 'amount_subtotal' | 'amount_total' | 'total_details'> & {
  lines: CheckoutLine[]
}

/** What is paid today, and what each line has in it. Amounts are in minor units. */
export function sessionTotals(account: Account, basket: Basket): SessionTotals {
  const totals = totalsOfBasket(account, basket)
  const lines = basket.items.map((item, index) => shownLine(account, item, basket, totals.lines[index]))
  return {
    lines,
    amount_subtotal: sumOf(lines.map((line) => line.amount_subtotal)),
    amount_total: totals.total + (basket.shipping ?? 0),
    total_details: {
      amount_discount: sumOf(lines.map((line) => line.amount_discount)),
      amount_shipping: basket.shipping ?? 0,
      amount_tax: sumOf(lines.map((line) => line.amount_tax)),
    },
  }
}

/** The same as an invoice's totals, by line and by discount and tax rate. */
export const totalsOfBasket = (account: Account, basket: Basket): Totals =>
  totalsOf(
    basket.items.map((item) => lineOf(account, item, basket)),
    discountsOf(account, basket),
    ((basket.customer && account.find('customer', basket.customer)?.tax_exempt) || 'none') as TaxExempt,
  )

function lineOf(account: Account, item: CheckoutItem, basket: Basket) {
  return {
    amount: amountOf(account, item, basket),
    product: account.get('price', item.price).product,
    // A part of a period is a proration, and those are not discounted.
    discountable: !basket.stub || !account.get('price', item.price).recurring,
    discounts: [],
    taxRates: (item.tax_rates.length > 0 ? item.tax_rates : basket.defaultTaxRates).map((id) => {
      const { percentage, inclusive } = account.get('tax_rate', id, 'tax_rates')
      return { id, percentage, inclusive }
    }),
  }
}

/** What a line costs today: nothing in a trial or for what is metered. */
function amountOf(account: Account, item: CheckoutItem, { currency, trial, stub }: Basket): number {
  const price = account.get('price', item.price)
  const terms = termsIn(price, currency)
  if (!terms || item.quantity === null || (trial && price.recurring)) return 0
  const whole = amountFor(terms, item.quantity)
  if (!stub || !price.recurring) return whole
  const part = partOf(stub, price)
  return prorate(whole, part.whole, part.from, part.until)
}

/**
 * What is taken off: the session's own discount or, where a subscription begins, the one that the customer has. Whether a coupon can
 * still be redeemed is asked when it is: a code that was entered in time shows its price until then.
 */
function discountsOf(account: Account, { discounts, currency, customer, items }: Basket): DiscountTerms[] {
  if (discounts && discounts.length > 0) {
    return discounts.flatMap((discount) => {
      const coupon = couponOf(account, discount)
      return coupon ? [termsOf(coupon, currency)] : []
    })
  }
  const recurs = items.some((item) => account.get('price', item.price).recurring)
  const own = recurs && customer ? account.find('customer', customer)?.discount?.id : undefined
  return own ? termsOfDiscounts(account, [own], currency) : []
}

/** The coupon of a session's discount, which may be behind a promotion code. */
export function couponOf(
  account: Account,
  discount: NonNullable<Session['discounts']>[number],
): Kinds['coupon'] | undefined {
  const promotion = discount.promotion_code ? account.find('promotion_code', discount.promotion_code) : undefined
  const id = promotion?.promotion.coupon ?? discount.coupon
  return id ? account.find('coupon', id) : undefined
}

const termsOf = (coupon: Kinds['coupon'], currency: string): DiscountTerms => ({
  id: coupon.id,
  percentOff: coupon.percent_off,
  amountOff: coupon.amount_off === null ? null : (amountOffIn(coupon, currency) ?? 0),
  products: coupon.applies_to?.products ?? null,
})

const amountOffIn = (coupon: Kinds['coupon'], currency: string): number | null | undefined =>
  coupon.currency === currency ? coupon.amount_off : coupon.currency_options?.[currency]?.amount_off

function shownLine(
  account: Account,
  item: CheckoutItem,
  basket: Basket,
  totals: Totals['lines'][number] | undefined,
): CheckoutLine {
  const subtotal = amountOf(account, item, basket)
  const discount = sumOf((totals?.discount_amounts ?? []).map(({ amount }) => amount))
  const taxes = totals?.taxes ?? []
  const exclusive = sumOf(taxes.filter(({ tax_behavior }) => tax_behavior === 'exclusive').map(({ amount }) => amount))
  const { id, adjustable_quantity, metadata, price, quantity } = item
  return {
    id,
    object: 'item',
    adjustable_quantity,
    amount_discount: discount,
    amount_subtotal: subtotal,
    amount_tax: sumOf(taxes.map(({ amount }) => amount)),
    amount_total: subtotal - discount + exclusive,
    currency: basket.currency,
    description: account.get('product', account.get('price', price).product).name,
    metadata,
    price,
    quantity,
  }
}
