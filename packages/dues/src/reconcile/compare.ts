import { isDeepStrictEqual } from 'node:util'
import { commit } from '../mirror/commit.ts'
import { contentOf, happenedAt, isReadable, mentions } from '../mirror/contents.ts'
import { createDraft } from '../mirror/draft.ts'
import { judgeFetch, type Reading, revives } from '../mirror/order.ts'
import type { Outbox } from '../mirror/outbox.ts'
import type { IsAddOn } from '../mirror/transitions.ts'
import type { MirroredKind } from '../mirror/types.ts'
import type { Database } from '../store/database.ts'
import type { Drift } from '../store/drift.ts'
import { isStale, load } from '../store/mirror.ts'
import type { Content, RowOf } from '../store/rows.ts'
import type { ReadableOf } from '../stripe/reader.ts'

export type Page<Kind extends MirroredKind> = { kind: Kind; objects: readonly ReadableOf[Kind][]; reading: Reading }

/** What a page of Stripe's list shows against the mirror. `unsure` has to be fetched one by one. */
export type Compared = { drifts: Drift[]; unsure: string[] }

type Context = { database: Database; outbox: Outbox; isAddOn?: IsAddOn | undefined }

/**
 * Compares a page of Stripe's list with the mirror, column by column, and writes what differs in one statement.
 * A page is a fetch of many objects with one ticket, so all that holds for a fetch holds for each of them.
 */
export async function comparePage<Kind extends MirroredKind>(
  context: Context,
  page: Page<Kind>,
  { mend }: { mend: boolean },
): Promise<Compared> {
  for (;;) {
    try {
      return await comparedOnce(context, page, mend)
    } catch (error) {
      if (!isStale(error)) throw error
    }
  }
}

async function comparedOnce<Kind extends MirroredKind>(
  { database, outbox, isAddOn }: Context,
  { kind, objects, reading }: Page<Kind>,
  mend: boolean,
): Promise<Compared> {
  const all = objects.map((object) => mentions(kind, object))
  const draft = createDraft(
    await load(database, {
      [kind]: objects.map(({ id }) => id),
      subscription: kind === 'subscription' ? objects.map(({ id }) => id) : all.flatMap((one) => one.subscription),
      owners: [...new Set(all.flatMap((one) => one.owners))],
    }),
    isAddOn,
  )
  const drifts: Drift[] = []
  const unsure: string[] = []
  for (const object of objects) {
    if (!isReadable(kind, object)) {
      unsure.push(object.id)
      continue
    }
    const row = draft.row(kind, object.id)
    const content = contentOf(kind, object, null, row)
    if (content === null || revives(row, content)) continue
    const difference = differenceOf(row, content)
    if (Object.keys(difference).length === 0) continue
    const verdict = judgeFetch(row, reading)
    if (verdict === 'drop') continue
    if (verdict === 'again') {
      unsure.push(object.id)
      continue
    }
    drifts.push({ kind, object: object.id, difference, mended: mend })
    const { ticket, lo, hi } = reading
    const at = happenedAt(kind, object) ?? hi
    draft.put(kind, content, { ticket, as_of_lo: lo, as_of_hi: hi, fetched: true, mark: ticket, at })
  }
  if (mend && drifts.length > 0) await commit(database, outbox, draft.write(), draft.owned)
  return { drifts, unsure }
}

/** By column, what the mirror says and what Stripe says, where they differ. An object that the mirror lacks differs in its id. */
export function differenceOf<Kind extends MirroredKind>(
  row: RowOf[Kind] | null,
  content: Content<RowOf[Kind]>,
): Drift['difference'] {
  if (row === null) return { id: { mirror: null, stripe: content.id } }
  const different = Object.entries(content).filter(
    ([column, value]) => !isDeepStrictEqual(row[column as keyof typeof row], value),
  )
  return Object.fromEntries(
    different.map(([column, stripe]) => [column, { mirror: row[column as keyof typeof row], stripe }]),
  )
}
