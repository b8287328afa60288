import type Stripe from 'stripe'
import type { Stored } from '../wire.ts'
import { formatDate, formatRhythm } from './calendar.ts'
import { formatMoney } from './money.ts'
import type { Charge } from './pricing.ts'

/** What the text of a line needs to know of the product. */
export type Named = { name: string; unit_label?: string | null | undefined }

type Recurring = Pick<Stored<Stripe.Price.Recurring>, 'interval' | 'interval_count'>

/** `1 user × Test Subscription`, `10 × Pro`. */
const quantityOf = (product: Named, quantity: number): string =>
  `${quantity}${product.unit_label ? ` ${product.unit_label}` : ''} × ${product.name}`

/**
 * The text of a line for a period: `1 user × Test Subscription (at $25.00 / month)`,
 * `31 credit × Usage (Tier 2 at $0.036 / month)`, `Usage (Tier 1 at $9.00 / month)` for a flat fee.
 *
 * @param divideBy how many units the unit amount is for, where the price transforms its quantity
 */
export function describeCharge(
  product: Named,
  charge: Charge,
  currency: string,
  recurring: Recurring,
  divideBy?: number,
): string {
  const what = charge.flat ? product.name : quantityOf(product, charge.quantity)
  const tier = charge.tier ? `Tier ${charge.tier} ` : ''
  const per = divideBy ? ` per ${divideBy}` : ''
  return `${what} (${tier}at ${formatMoney(charge.unitAmount, currency)}${per} / ${formatRhythm(recurring)})`
}

/** `Free trial for 1 user × Test Subscription`; of a metered price, which has no quantity, `Free trial for API calls`. */
export const describeTrial = (product: Named, quantity: number | undefined): string =>
  `Free trial for ${quantity === undefined ? product.name : quantityOf(product, quantity)}`

/** The same in classic billing: `Trial period for Pro`, `0 × API calls (Free trial)`. */
export const describeClassicTrial = (product: Named, quantity: number | undefined): string =>
  quantity === undefined ? `${quantityOf(product, 0)} (Free trial)` : `Trial period for ${product.name}`

/** What a proration takes or gives back. */
export type ProrationText = {
  kind: 'Unused' | 'Remaining'
  product: Named
  quantity: number
  /** The coupons that are in the amount already. */
  discounts?: readonly Pick<Stored<Stripe.Coupon>, 'percent_off' | 'amount_off'>[]
  currency: string
  time: number
}

/** `Unused time on Test Subscription after 10 Nov 2025`, `Remaining time on 3 × Pro (with 10.0% off) after …`. */
export function describeProration({ kind, product, quantity, discounts = [], currency, time }: ProrationText): string {
  const what = quantity === 1 ? product.name : quantityOf(product, quantity)
  const off = discounts.map((coupon) => ` (with ${formatOff(coupon, currency)} off)`).join('')
  return `${kind} time on ${what}${off} after ${formatDate(time)}`
}

const formatOff = (coupon: Pick<Stored<Stripe.Coupon>, 'percent_off' | 'amount_off'>, currency: string): string =>
  coupon.percent_off === null
    ? formatMoney(coupon.amount_off ?? 0, currency)
    : `${Number.isInteger(coupon.percent_off) ? coupon.percent_off.toFixed(1) : coupon.percent_off}%`
