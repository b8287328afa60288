import type { Offer } from '../catalogue/catalogue.ts'
import { checkUnits, unitsOf, unitsWanted } from '../catalogue/sold.ts'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import type { MirroredItem } from '../mirror/types.ts'

/**
 * How many units a change is for: what was asked for, or as many as there are. Another plan may be sold by other numbers, and is had by the
 * nearest of them, which the preview shows; who stays on a plan keeps the number that it was sold by. Null for a metered price, of which Stripe
 * counts what was used.
 *
 * @param change.offer what is switched to; null where the price stays
 * @param change.another whether that is another price than the present one
 *
 * Errors: `bad_request` (no whole number, or one that the plan is not sold by), `seat_below_usage`.
 */
export async function quantityWanted(
  { catalogue, seatsInUse }: Context,
  change: {
    owner: string
    wanted: number | undefined
    item: MirroredItem
    plan: string
    offer: Offer | null
    another: boolean
  },
): Promise<number | null> {
  const { owner, wanted, item, plan, offer, another } = change
  const quantity =
    offer && another
      ? unitsWanted(catalogue, offer, wanted, item.quantity)
      : wanted === undefined
        ? item.quantity
        : checkUnits(wanted, unitsOf(catalogue, plan))
  if (quantity === null) return null
  const used = quantity < (item.quantity ?? 1) ? await seatsInUse(owner) : 0
  if (quantity < used)
    throw new DuesError(
      'seat_below_usage',
      `${used} places are in use, and ${quantity} would be too few. Free ${used - quantity} of them first.`,
      { details: { used, wanted: quantity } },
    )
  return quantity
}
