import { commit } from '../mirror/commit.ts'
import { isTerminal } from '../mirror/order.ts'
import type { Outbox } from '../mirror/outbox.ts'
import { transition } from '../mirror/transitions.ts'
import type { MirroredKind } from '../mirror/types.ts'
import type { Database } from '../store/database.ts'
import { removeRow } from '../store/drift.ts'
import { load } from '../store/mirror.ts'

/**
 * Takes out what Stripe knows nothing of any more: test data that was deleted, or rows of another account. A membership
 * that goes that way has ended, and its hook is run.
 *
 * @param ticket taken before Stripe was asked; a row that was written since stays
 * @returns whether it was taken out
 */
export async function removeVanished(
  { database, outbox }: { database: Database; outbox: Outbox },
  kind: MirroredKind,
  id: string,
  ticket: number,
): Promise<boolean> {
  const loaded = await load(database, { [kind]: [id] })
  const row = loaded[kind][0]
  if (row === undefined || row.ticket >= ticket) return false
  const subscription = loaded.subscription[0]
  const transitions =
    subscription === undefined || isTerminal(subscription)
      ? []
      : [
          transition('ended', [id, 'ended'], subscription.customer, {
            before: subscription,
            after: null,
            at: subscription.as_of_hi,
          }),
        ]
  const customer = subscription?.customer
  const { owners } = await load(database, { owners: customer === undefined ? [] : [customer] })
  let removed = false
  const remove = async (tx: Parameters<typeof removeRow>[0]) => {
    removed = await removeRow(tx, kind, id, ticket)
  }
  await commit(database, outbox, { also: [remove], transitions }, new Set(owners.map((owner) => owner.customer)))
  outbox.changed?.(owners.map(({ owner }) => owner))
  return removed
}
