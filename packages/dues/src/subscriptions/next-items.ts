import type { Context } from '../context.ts'
import { scheduledItems } from '../entitlements/scheduled-items.ts'
import type { MirroredChange } from '../mirror/types.ts'
import { addOnItems, type TargetItem } from './add-on-items.ts'
import type { NextPhase } from './schedule.ts'
import type { Target } from './target.ts'
import { periodOf } from './terms.ts'

/**
 * What a change makes of what is planned already. Another plan takes the place of a planned one. Another number of seats or add-ons is had
 * beside it: the planned plan stays planned, with as many, at its own prices; what it may not have is left out. Null where nothing is planned,
 * or what is planned is no plan of the catalogue and so cannot be judged.
 */
export function replanned(
  { catalogue }: Context,
  { subscription, placed, item, items, wish }: Target,
  scheduled: MirroredChange | null,
): readonly TargetItem[] | null {
  const plan = items.find(({ id }) => id === item.id)
  if (scheduled === null || plan?.price !== item.price) return null
  const planned = scheduledItems(scheduled, subscription)
  const index = planned.findIndex((one) => catalogue.place(one) !== null)
  const then = planned[index]
  const to = then && catalogue.place(then)
  if (!then || !to) return null
  const ids = new Map(subscription.items.map((one) => [catalogue.placeAddOn(one)?.addOn ?? one.price, one.id]))
  const others = planned
    .filter((_, position) => position !== index)
    .map((one) => ({ ...one, id: ids.get(catalogue.placeAddOn(one)?.addOn ?? one.price) ?? null }))
  const beside = { plan: to.plan, interval: to.interval, moves: false, another: placed?.plan !== to.plan }
  const possible = Object.entries(wish.addOns ?? {}).filter(([addOn]) => catalogue.allows(to.plan, addOn))
  return [
    { id: item.id, price: then.price, quantity: wish.quantity === undefined ? then.quantity : plan.quantity },
    ...addOnItems(catalogue, others, beside, Object.fromEntries(possible)),
    ...others.filter((one) => !catalogue.placeAddOn(one)).map(({ id, price, quantity }) => ({ id, price, quantity })),
  ]
}

/** Items as the next phase of a schedule, for one period of their plan's interval. */
export function phaseOf({ catalogue }: Context, { to }: Target, items: readonly TargetItem[]): NextPhase {
  const placed = items.map(({ price }) => catalogue.place({ price, product: '' })).find((one) => one !== null)
  return {
    items: items.map(({ price, quantity }) => ({ price, ...(quantity !== null && { quantity }) })),
    duration: periodOf(placed?.interval ?? to.interval ?? 'monthly'),
  }
}
