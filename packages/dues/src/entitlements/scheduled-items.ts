import type { MirroredChange, MirroredSubscription } from '../mirror/types.ts'
import type { CountedItem } from './add-ons.ts'

/**
 * What a schedule will make of the items. It names prices alone; those that stay have a product that is known, so that an older price is
 * known for what it is.
 */
export function scheduledItems(
  { items }: MirroredChange,
  subscription: Pick<MirroredSubscription, 'items'>,
): CountedItem[] {
  const products = new Map(subscription.items.map(({ price, product }) => [price, product]))
  return items.map((item) => ({ ...item, product: products.get(item.price) ?? '' }))
}
