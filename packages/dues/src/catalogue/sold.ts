import { DuesError } from '../errors.ts'
import type { Catalogue, Offer } from './catalogue.ts'

/** As many of one thing as Stripe's Checkout sells at the most. What is more is a mistake, and would be charged. */
export const mostUnits = 999_999

/** The bounds within which a plan is sold. */
export function unitsOf({ plans }: Pick<Catalogue, 'plans'>, plan: string): { min: number; max: number } {
  const { min = 1, max = mostUnits } = plans[plan]?.quantity ?? {}
  return { min, max: Math.min(max, mostUnits) }
}

/**
 * How many units of an offer are to be had: what was asked for, or else `unless`, brought within what the plan is sold by. Null for a metered
 * price, of which Stripe counts what was used.
 *
 * Errors: `bad_request` (no whole number, one that the plan is not sold by, or any for a metered price).
 */
export function unitsWanted(
  catalogue: Pick<Catalogue, 'plans'>,
  { plan, price }: Pick<Offer, 'plan' | 'price'>,
  wanted: number | undefined,
  unless: number | null = null,
): number | null {
  if (price.meter) {
    if (wanted === undefined) return null
    const name = catalogue.plans[plan]?.name ?? plan
    throw new DuesError('bad_request', `${name} is charged by what is used: leave quantity out.`)
  }
  const { min, max } = unitsOf(catalogue, plan)
  return wanted === undefined ? Math.min(Math.max(unless ?? min, min), max) : checkUnits(wanted, { min, max })
}

export function checkUnits(wanted: number, { min, max }: { min: number; max: number }): number {
  if (Number.isSafeInteger(wanted) && wanted >= min && wanted <= max) return wanted
  throw new DuesError('bad_request', `The number is a whole one from ${min} to ${max}.`, { details: { min, max } })
}

/**
 * The currency that was asked for, as Stripe writes it, if the price is sold in it.
 *
 * Errors: `currency_unknown`.
 */
export function currencySold({ price, plan, interval }: Offer, wanted: string): string {
  const currency = wanted.toLowerCase()
  if (currenciesOf(price).includes(currency)) return currency
  throw new DuesError(
    'currency_unknown',
    `${plan} ${interval} is not sold in ${wanted.slice(0, 10)}. It is sold in ${currenciesOf(price).join(', ')}.`,
    { details: { plan, interval } },
  )
}

const currenciesOf = (price: Offer['price']): string[] => [
  price.currency,
  ...(price.currencyOptions ?? []).map((option) => option.currency),
]
