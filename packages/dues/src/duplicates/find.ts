import type { Catalogue } from '../catalogue/catalogue.ts'
import type { MirroredSubscription } from '../mirror/types.ts'

/** Two subscriptions of one membership: the newer that stays, and what is older and has to end. */
export type Found = { readonly kept: MirroredSubscription; readonly older: readonly MirroredSubscription[] }

/** May still charge, and was paid once or is on trial: an `incomplete` one is nothing that anybody has. */
const paying = new Set(['active', 'trialing', 'past_due', 'unpaid', 'paused'])

/** Gives access without doubt: for such a one alone another is ended. */
export const isKeepable = ({ status }: { readonly status: string }): boolean =>
  status === 'active' || status === 'trialing'

/**
 * Finds what an owner pays for twice. The newest that is active or trialing stays, and everything older ends: it is what the owner
 * wanted last. While the newest is not (its payment failed, it is paused), nothing ends for its sake: that would take away the access that
 * there is. Null when nothing has to end.
 *
 * What the app sells besides on the same Stripe account is left alone: an older one counts only if all of its items are plans and add-ons of
 * the catalogue.
 */
export function findDuplicates(subscriptions: readonly MirroredSubscription[], catalogue: Catalogue): Found | null {
  const isPlan = (item: MirroredSubscription['items'][number]) => catalogue.place(item) !== null
  const newestFirst = subscriptions
    .filter(({ status, items }) => paying.has(status) && items.some(isPlan))
    .sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1))
  const index = newestFirst.findIndex(isKeepable)
  const kept = newestFirst[index]
  if (kept === undefined) return null
  const older = newestFirst
    .slice(index + 1)
    .filter(({ items }) => items.every((item) => isPlan(item) || catalogue.placeAddOn(item) !== null))
  return older.length > 0 ? { kept, older } : null
}
