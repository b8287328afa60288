import type { Account } from '../account.ts'
import { runDue } from '../engine/advance.ts'
import type { Kind, Kinds } from '../kinds.ts'
import { PageError, type PagesHost } from './web/page.ts'

/**
 * The account and the object of an id in a page's address: pages know no secret key, and an id is of one account only. What has fallen due
 * by now happens first, so that nobody pays what expired a moment ago.
 */
export function findObject<K extends Kind>(
  host: PagesHost,
  kind: K,
  id: string,
): { account: Account; object: Kinds[K] } | undefined {
  for (const account of host.accounts()) {
    if (!account.find(kind, id)) continue
    runDue(account)
    const object = account.find(kind, id)
    if (object && !('deleted' in object)) return { account, object }
  }
  return undefined
}

/** The same, or a page that says what may have become of it. */
export function objectOf<K extends Kind>(
  host: PagesHost,
  kind: K,
  id: string,
  what: string,
): { account: Account; object: Kinds[K] } {
  const found = findObject(host, kind, id)
  if (found) return found
  throw new PageError(
    404,
    `There is no ${what} at this address`,
    'It may belong to an earlier run: without a journal, Stripe Local forgets when it ends. Go back and start again from where the link came.',
  )
}
