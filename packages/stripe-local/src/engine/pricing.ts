import type Stripe from 'stripe'
import type { Stored } from '../wire.ts'
import { fraction, round, times } from './fraction.ts'

/** The part of a price that amounts are computed from, in one currency. */
export type Terms = Pick<Stored<Stripe.Price>, 'tiers_mode' | 'transform_quantity' | 'unit_amount_decimal'> & {
  tiers?: Tier[] | undefined
}

type Tier = Stored<Stripe.Price.Tier>

/** What one line of an invoice charges: a price has one, but a tiered price has one per tier and per flat fee. */
export type Charge = {
  /** Minor units, rounded. */
  amount: number
  /** How many units the line is for; 0 for a flat fee. */
  quantity: number
  /** What a unit costs, or what the flat fee is: a decimal in minor units. */
  unitAmount: string
  /** Which tier, from 1; absent where the price has none. */
  tier?: number
  /** Whether this is the flat fee of a tier. */
  flat?: boolean
}

/** The terms of a price in a currency: its own, or those of `currency_options`; undefined when it is not sold in that currency. */
export function termsIn(price: Stored<Stripe.Price>, currency: string): Terms | undefined {
  if (price.currency === currency) return price
  const option = price.currency_options?.[currency]
  return option && { ...price, unit_amount_decimal: option.unit_amount_decimal, tiers: option.tiers }
}

/**
 * What a quantity of a price costs, line by line.
 * https://docs.stripe.com/products-prices/pricing-models
 */
export function chargesFor(terms: Terms, quantity: number): Charge[] {
  if (terms.tiers_mode === 'graduated') return graduated(terms.tiers ?? [], quantity)
  if (terms.tiers_mode === 'volume') return volume(terms.tiers ?? [], quantity)
  const unitAmount = terms.unit_amount_decimal ?? '0'
  return [{ amount: amountOf(unitAmount, transformed(quantity, terms.transform_quantity)), quantity, unitAmount }]
}

/**
 * The same for the units past those that were charged before: a graduated price goes on in the tier that was reached. Not for volume tiers, by which
 * units that were charged become cheaper.
 */
export function chargesBeyond(terms: Terms, quantity: number, charged: number): Charge[] {
  const all = chargesFor(terms, quantity)
  if (charged === 0) return all
  const before = chargesFor(terms, charged)
  const rest = all.map((charge) => {
    const same = before.find(({ tier, flat }) => tier === charge.tier && flat === charge.flat)
    return { ...charge, amount: charge.amount - (same?.amount ?? 0), quantity: charge.quantity - (same?.quantity ?? 0) }
  })
  const left = rest.filter(({ amount, quantity: units }) => amount !== 0 || units !== 0)
  return left.length > 0 ? left : rest.slice(-1)
}

/** What a quantity of a price costs in all, in minor units. */
export const amountFor = (terms: Terms, quantity: number): number =>
  chargesFor(terms, quantity).reduce((sum, charge) => sum + charge.amount, 0)

/** A decimal number of minor units times a quantity, rounded to whole ones. */
export const amountOf = (unitAmount: string, quantity: number): number =>
  round(times(fraction(unitAmount), fraction(quantity)))

function transformed(quantity: number, transform: Terms['transform_quantity']): number {
  if (!transform) return quantity
  const parts = quantity / transform.divide_by
  return transform.round === 'up' ? Math.ceil(parts) : Math.floor(parts)
}

/** Each tier charges the units that fall into it; a tier that is not reached charges nothing, but the first is always shown. */
function graduated(tiers: readonly Tier[], quantity: number): Charge[] {
  let from = 0
  return tiers.flatMap((tier, index) => {
    const upTo = tier.up_to ?? Number.POSITIVE_INFINITY
    const reached = index === 0 || quantity > from
    const units = Math.max(0, Math.min(quantity, upTo) - from)
    from = upTo
    return reached ? tierCharges(tier, index, units) : []
  })
}

/** All units are charged at the tier which the quantity reaches. */
function volume(tiers: readonly Tier[], quantity: number): Charge[] {
  const index = tiers.findIndex((tier) => tier.up_to === null || quantity <= tier.up_to)
  const tier = tiers[index]
  return tier ? tierCharges(tier, index, quantity) : []
}

function tierCharges(tier: Tier, index: number, units: number): Charge[] {
  const charges: Charge[] = []
  if (tier.unit_amount_decimal !== null) {
    const unitAmount = tier.unit_amount_decimal
    charges.push({ amount: amountOf(unitAmount, units), quantity: units, unitAmount, tier: index + 1 })
  }
  if (tier.flat_amount_decimal !== null) {
    const unitAmount = tier.flat_amount_decimal
    charges.push({ amount: amountOf(unitAmount, 1), quantity: 0, unitAmount, tier: index + 1, flat: true })
  }
  return charges
}
