import type { Catalogue, PriceReference } from '../catalogue/catalogue.ts'

/** An item as far as it matters which add-on it is, and of how many. */
export type CountedItem = PriceReference & { readonly quantity: number | null }

/**
 * How many of each add-on a subscription's items come to. The same add-on at two prices is counted together; one that is metered has no
 * quantity, and is there once. What is neither a plan nor an add-on of the catalogue, such as an item made by hand, is not counted.
 */
export function addOnNumbers(items: readonly CountedItem[], catalogue: Catalogue): Readonly<Record<string, number>> {
  const numbers: Record<string, number> = {}
  for (const item of items) {
    const placed = catalogue.placeAddOn(item)
    if (placed) numbers[placed.addOn] = (numbers[placed.addOn] ?? 0) + (item.quantity ?? 1)
  }
  return numbers
}

/** With a number for every add-on of the catalogue: 0 for those that are not there. */
export const everyAddOn = (
  numbers: Readonly<Record<string, number>>,
  { addOns }: Catalogue,
): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.keys(addOns).map((addOn) => [addOn, numbers[addOn] ?? 0]))
