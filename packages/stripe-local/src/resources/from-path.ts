import type { Account } from '../account.ts'
import type { Kind, Kinds } from '../kinds.ts'
import { noSuch } from '../protocol/errors.ts'

/**
 * The object that a path names, where Stripe's 404 calls the parameter after the object (`price`, `coupon`) and not `id`, as it
 * does for most kinds.
 */
export function fromPath<K extends Kind>(
  account: Account,
  kind: K,
  id: string,
  param: string,
  what: string = kind,
): Kinds[K] {
  const found = account.find(kind, id)
  if (!found || 'deleted' in found) throw noSuch(what, id, param, 404)
  return found
}
