import type { Account } from '../account.ts'
import type { AnyObject } from '../kinds.ts'

type View = (object: never, account: Account) => object
type Include = (object: never, account: Account) => unknown

/** How objects are shown, and what `expand` adds to them; filled by `defineResource`. */
export const views = new Map<string, View>()
export const includes = new Map<string, Map<string, Include>>()

/**
 * The object as an answer or an event shows it. What is kept is normal and what is shown may be put together from several kept objects: a subscription's
 * items show their prices as they are now, an invoice shows its first ten lines.
 */
export function render<T extends AnyObject>(account: Account, object: T): T {
  const view = 'deleted' in object ? undefined : views.get(object.object)
  return view ? (view(object as never, account) as T) : object
}
