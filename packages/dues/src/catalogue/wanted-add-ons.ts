import { DuesError } from '../errors.ts'
import { type AddOnOffer, type Catalogue, unknownAddOn } from './catalogue.ts'
import type { Interval } from './plans.ts'
import { mostUnits } from './sold.ts'

/** How many of each add-on somebody asks for, before anybody has checked the names. */
export type AddOnWish = { readonly [addOn: string]: number | undefined }

/** An add-on that is to be bought, and how many: null where it is metered. */
export type WantedAddOn = { readonly offer: AddOnOffer; readonly quantity: number | null }

/**
 * What is to be bought beside a plan; 0 is none.
 *
 * Errors: `add_on_unknown`, `add_on_unavailable`, `bad_request` (a number that it is not sold by).
 */
export function wantedAddOns(
  catalogue: Catalogue,
  beside: { readonly plan: string; readonly interval: Interval },
  wish: AddOnWish = {},
): WantedAddOn[] {
  return Object.entries(wish).flatMap(([addOn, number]) => {
    if (number === undefined || numberWanted(catalogue, addOn, number) === 0) return []
    const offer = catalogue.addOnOffer(addOn, beside)
    return [{ offer, quantity: offer.price.meter ? null : number }]
  })
}

/** Checks how many are wanted: none, or as many as the add-on is sold by. What a meter counts is there or not. */
export function numberWanted({ addOns }: Catalogue, addOn: string, number: number): number {
  const config = Object.hasOwn(addOns, addOn) ? addOns[addOn] : undefined
  if (!config) throw unknownAddOn(addOn, Object.keys(addOns))
  const isMetered = Object.values(config.prices).some((price) => price?.meter)
  const { min = 1, max = isMetered ? 1 : mostUnits } = config.quantity ?? {}
  if (number === 0 || (Number.isSafeInteger(number) && number >= min && number <= Math.min(max, mostUnits)))
    return number
  throw new DuesError(
    'bad_request',
    isMetered
      ? `${config.name} is charged by what is used: give 1 to have it, or 0.`
      : `The number of ${config.name} is a whole one from ${min} to ${Math.min(max, mostUnits)}, or 0 for none.`,
    { details: { addOn, min, max: Math.min(max, mostUnits) } },
  )
}
