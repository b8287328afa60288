import type { Catalogue, PlacedAddOn } from '../catalogue/catalogue.ts'
import type { Interval } from '../catalogue/plans.ts'
import { type AddOnWish, numberWanted } from '../catalogue/wanted-add-ons.ts'
import { addOnNumbers, type CountedItem } from '../entitlements/add-ons.ts'

/** An item as it shall be; `id` null for one that is not there yet. */
export type TargetItem = { readonly id: string | null; readonly price: string; readonly quantity: number | null }

type Item = CountedItem & { readonly id: string | null }

/** The plan beside which add-ons shall be. */
export type Beside = {
  readonly plan: string
  /** Null where it is not known: then no price of an add-on can be chosen, and none is needed unless one is new. */
  readonly interval: Interval | null
  /** Whether it recurs otherwise than what there is, so that every item has to move with it. */
  readonly moves: boolean
  /** Whether it is another plan: then what it may not have goes. What was sold beside a plan before stays beside that plan. */
  readonly another: boolean
}

/**
 * The items that are add-ons, as they shall be: as many as are wanted, and where nothing is said as many as there are. A price that is none of
 * today's catalogue stays for as long as its interval does. Items that are no add-ons of the catalogue are left out.
 *
 * Errors: `add_on_unknown`, `add_on_unavailable`, `bad_request` (a number that it is not sold by).
 */
export function addOnItems(
  catalogue: Catalogue,
  items: readonly Item[],
  beside: Beside,
  wish: AddOnWish = {},
): TargetItem[] {
  const held = heldAddOns(catalogue, items)
  const asked = Object.keys(wish).filter((addOn) => wish[addOn] !== undefined)
  return [...new Set([...held.keys(), ...asked])].flatMap((addOn) => {
    const had = held.get(addOn) ?? []
    const asks = asked.includes(addOn)
    const number = asks ? numberWanted(catalogue, addOn, wish[addOn] ?? 0) : null
    if (number === 0) return []
    if (!catalogue.allows(beside.plan, addOn)) {
      if (number === null && beside.another) return []
      // Fewer of what is not sold beside this plan any more may be had, but never more.
      if (number !== null && (beside.another || number > countOf(had))) priceOf(catalogue, addOn, beside)
    }
    // Two items of one add-on, one of them made by hand perhaps, stay two until somebody says how many there shall be.
    const kept = asks ? had.slice(0, 1) : had
    const wanted = kept.length > 0 ? kept : [null]
    return wanted.map((one): TargetItem => {
      const price = one && staysOn(one.placed, beside) ? one.item.price : priceOf(catalogue, addOn, beside)
      return { id: one?.item.id ?? null, price, quantity: quantityOf(catalogue, addOn, price, one?.item, number) }
    })
  })
}

type Held = { readonly item: Item; readonly placed: PlacedAddOn }

function heldAddOns(catalogue: Catalogue, items: readonly Item[]): Map<string, Held[]> {
  const held = new Map<string, Held[]>()
  for (const item of items) {
    const placed = catalogue.placeAddOn(item)
    if (placed) held.set(placed.addOn, [...(held.get(placed.addOn) ?? []), { item, placed }])
  }
  return held
}

const staysOn = ({ interval }: PlacedAddOn, beside: Beside): boolean =>
  !beside.moves || (interval !== null && interval === beside.interval)

const countOf = (had: readonly Held[]): number => had.reduce((sum, { item }) => sum + (item.quantity ?? 1), 0)

const priceOf = (catalogue: Catalogue, addOn: string, { plan, interval }: Beside): string =>
  catalogue.priceId(catalogue.addOnOffer(addOn, { plan, interval: interval ?? '' }))

/** What a meter counts has no quantity, whether by the catalogue or by an older price. */
function quantityOf(
  { addOnOffers }: Catalogue,
  addOn: string,
  price: string,
  item: Item | undefined,
  number: number | null,
): number | null {
  if (item && item.price === price && item.quantity === null) return null
  const isMetered = addOnOffers.some((offer) => offer.addOn === addOn && offer.price.meter)
  if (isMetered && item?.price !== price) return null
  return number ?? item?.quantity ?? 1
}

/** How many of each add-on there will be. */
export const numbersOf = (catalogue: Catalogue, items: readonly TargetItem[], before: readonly CountedItem[]) => {
  const products = new Map(before.map(({ price, product }) => [price, product]))
  return addOnNumbers(
    items.map((item) => ({ ...item, product: products.get(item.price) ?? '' })),
    catalogue,
  )
}
