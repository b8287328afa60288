import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import type { MirroredItem } from '../mirror/types.ts'

/**
 * How many units a change is for: what was asked for, or as many as there are. Null for a metered price, of which Stripe counts what was used.
 *
 * Errors: `bad_request` (no whole number, or one that the plan is not sold by), `seat_below_usage`.
 */
export async function quantityWanted(
  { catalogue, seatsInUse }: Context,
  { owner, wanted, item, plan }: { owner: string; wanted: number | undefined; item: MirroredItem; plan: string },
): Promise<number | null> {
  if (wanted === undefined) return item.quantity
  const { min = 1, max = Infinity } = catalogue.plans[plan]?.quantity ?? {}
  if (!Number.isSafeInteger(wanted) || wanted < min || wanted > max)
    throw new DuesError(
      'bad_request',
      `The number is a whole one from ${min}${max < Infinity ? ` to ${max}` : ' on'}.`,
      {
        details: { min, max: max < Infinity ? max : null },
      },
    )
  const used = wanted < (item.quantity ?? 1) ? await seatsInUse(owner) : 0
  if (wanted < used)
    throw new DuesError(
      'seat_below_usage',
      `${used} places are in use, and ${wanted} would be too few. Free ${used - wanted} of them first.`,
      { details: { used, wanted } },
    )
  return wanted
}
