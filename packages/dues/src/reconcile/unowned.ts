import type { Logger } from '../logger.ts'
import { commit } from '../mirror/commit.ts'
import type { Outbox } from '../mirror/outbox.ts'
import type { Database } from '../store/database.ts'
import { load } from '../store/mirror.ts'
import { adoptable, type Unowned, unownedSubscriptions } from '../store/unowned.ts'

/** Customers that one write adopts. */
const most = 500

/**
 * Finds live subscriptions that belong to nobody. Where subscription and customer name one owner and nobody has the customer yet, the owner
 * gets it; anything less clear is told and left alone, for it may be somebody else's.
 */
export async function seeToUnowned(
  { database, outbox, logger }: { database: Database; outbox: Outbox; logger: Logger },
  { mend }: { mend: boolean },
): Promise<Unowned[]> {
  const links = mend ? await adoptable(database) : []
  for (let from = 0; from < links.length; from += most) {
    const some = links.slice(from, from + most)
    await commit(database, outbox, { links: some }, new Set(some.map(({ customer }) => customer)))
  }
  const { began } = await load(database, {})
  const unowned = await unownedSubscriptions(database, began ?? 0)
  if (unowned.length > 0)
    logger.warn(
      { subscriptions: unowned.length, first: unowned[0] },
      'live subscriptions belong to nobody whom this app knows: `dues reconcile` lists them',
    )
  return unowned
}
