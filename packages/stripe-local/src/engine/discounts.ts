import { allocate, allocateByWeight } from './allocate.ts'
import { fraction, over, plus, round, times } from './fraction.ts'

/** What a coupon takes off, in the invoice's currency, under the id of the discount that it was redeemed into. */
export type DiscountTerms = {
  id: string
  percentOff: number | null
  /** Minor units. */
  amountOff: number | null
  /** The products that it applies to; null for all. */
  products: readonly string[] | null
}

/** An amount as it stands in `discount_amounts`. */
export type DiscountAmount = { amount: number; discount: string }

/** What discounts need to know of a line. */
export type Discountable = { discountable: boolean; product: string | null }

/** Whether a line takes part in a discount. Prorations do not: what they credit had its discount already. */
export const applies = (discount: DiscountTerms, line: Discountable): boolean =>
  line.discountable && (!discount.products || (line.product !== null && discount.products.includes(line.product)))

/**
 * What one discount takes off each line: rounded once for all of them, and spread so that the parts add up to it.
 *
 * @param nets what is left of each line, in minor units
 * @returns an amount for each line that takes part (it may be 0), null for the others
 */
export function discountLines(
  discount: DiscountTerms,
  lines: readonly Discountable[],
  nets: readonly number[],
): (number | null)[] {
  const bases = lines.map((line, i) => (applies(discount, line) ? Math.max(0, nets[i] ?? 0) : 0))
  const parts =
    discount.percentOff === null
      ? allocateByWeight(Math.min(discount.amountOff ?? 0, sumOf(bases)), bases)
      : percentOf(discount.percentOff, bases)
  return lines.map((line, i) => (applies(discount, line) ? (parts[i] ?? 0) : null))
}

function percentOf(percent: number, bases: readonly number[]): number[] {
  const rate = over(fraction(percent), fraction(100))
  const shares = bases.map((base) => times(rate, fraction(base)))
  return allocate(round(shares.reduce(plus, fraction(0))), shares)
}

/** What is left of one amount when discounts are taken off it one after the other: for a proration, which has them in its amount. */
export function netOf(amount: number, discounts: readonly DiscountTerms[], line: Discountable): number {
  const discountable = { ...line, discountable: true }
  return discounts.reduce((net, discount) => net - (discountLines(discount, [discountable], [net])[0] ?? 0), amount)
}

export const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0)
