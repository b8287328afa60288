import { type Logger, silentLogger } from '../logger.ts'
import type { Mirror } from '../mirror/mirror.ts'
import type { Outbox } from '../mirror/outbox.ts'
import type { MirroredKind } from '../mirror/types.ts'
import { readCursor, removeCursor, writeCursor } from '../store/cursor.ts'
import type { Database } from '../store/database.ts'
import { type Drift, driftOf, mirroredBetween, recordDrift, removeRow } from '../store/drift.ts'
import { load } from '../store/mirror.ts'
import type { ReadableOf, StripeReader } from '../stripe/reader.ts'
import { comparePage } from './compare.ts'

/** How far a run has come; kept after each page, so that one that is stopped goes on where it was. */
type Progress = {
  /** The ticket that it began with: its name. */
  run: number
  kind: MirroredKind
  /** The last id of the page before. */
  after: string | null
  /** The creation time of that id, and the other ids of that second: a second may be cut by a page's end. */
  edge: { created: number; ids: string[] } | null
  compared: number
  drifted: number
}

export type ReconcileReport = {
  run: number
  /** Objects of Stripe's that were looked at. */
  compared: number
  /** How many of them the mirror had different. */
  drifted: number
  /** The first thousand of these; all of them are in `dues.drift`. */
  drift: Drift[]
  /** Went on where an earlier run was stopped. */
  resumed: boolean
}

export type ReconcileOptions = {
  /** False: only look. */
  mend?: boolean
  onProgress?: (progress: { kind: MirroredKind; compared: number; drifted: number }) => void
  /** Stops after the page that is being worked on; the next run goes on there. */
  signal?: AbortSignal
}

const order = ['customer', 'subscription', 'invoice'] as const satisfies readonly MirroredKind[]
const pageSize = 100
const cursorName = 'reconcile'

/**
 * Makes `reconcile`: compares the whole mirror with Stripe, ended subscriptions included, and mends it. Memory is
 * bounded by a page, so that it takes over an account of any size as well (what began before Dues did runs no hooks).
 *
 * @throws DuesError `stripe_unavailable`, `database_unavailable`; it then goes on from its last page.
 * @see https://docs.stripe.com/api/subscriptions/list
 */
export function createReconcile({
  database,
  stripe,
  mirror,
  outbox,
  logger = silentLogger,
}: {
  database: Database
  stripe: StripeReader
  mirror: Mirror
  outbox: Outbox
  logger?: Logger
}) {
  const fresh = async (): Promise<Progress> => {
    const { ticket } = await mirror.ask()
    return { run: ticket, kind: 'customer', after: null, edge: null, compared: 0, drifted: 0 }
  }

  /** Asks Stripe for one object that a list left open. Says how it differed. */
  const compareOne = async (kind: MirroredKind, id: string, mend: boolean): Promise<Drift | null> => {
    const before = (await load(database, { [kind]: [id] }))[kind][0] ?? null
    const asking = await mirror.ask()
    const { value, date } = await stripe.retrieve(kind, id, null)
    if (value === null) {
      // Test data that was deleted, or another account's: Stripe knows nothing of it, so the mirror must not either.
      const mended = mend && (await removeRow(database, kind, id, asking.ticket))
      return { kind, object: id, difference: { id: { mirror: id, stripe: null } }, mended }
    }
    const page = { kind, objects: [value], reading: mirror.reading(asking, date) }
    const { drifts, unsure } = await comparePage({ database, outbox }, page, { mend })
    if (unsure.length > 0 && before !== null) await mirror.sync(kind, id)
    return drifts[0] ?? null
  }

  /** What the mirror has between two edges of Stripe's list and the list has not. */
  const compareUnlisted = async (
    progress: Progress,
    listed: ReadonlySet<string>,
    after: number | null,
    mend: boolean,
  ): Promise<Drift[]> => {
    const span = { after, until: progress.edge?.created ?? null }
    const mirrored = await mirroredBetween(database, progress.kind, span)
    const drifts: Drift[] = []
    for (const id of mirrored) {
      if (listed.has(id)) continue
      const drift = await compareOne(progress.kind, id, mend)
      if (drift !== null) drifts.push(drift)
    }
    return drifts
  }

  /** Compares one page and everything of the mirror's that belongs before its end. */
  const step = async (progress: Progress, mend: boolean): Promise<{ next: Progress | null; drifts: Drift[] }> => {
    const { kind, after, edge } = progress
    const asking = await mirror.ask()
    const { value: objects, date, hasMore } = await stripe.list(kind, { after, limit: pageSize })
    const reading = mirror.reading(asking, date)
    const { drifts, unsure } = await comparePage({ database, outbox }, { kind, objects, reading }, { mend })
    for (const id of unsure) {
      const drift = await compareOne(kind, id, mend)
      if (drift !== null) drifts.push(drift)
    }
    const last = objects.at(-1)
    const more = hasMore && last !== undefined
    const lowest = more ? createdOf(last) : null
    const listed = new Set([...objects.map(({ id }) => id), ...(edge?.ids ?? [])])
    drifts.push(...(await compareUnlisted(progress, listed, lowest, mend)))

    const counted = {
      ...progress,
      compared: progress.compared + objects.length,
      drifted: progress.drifted + drifts.length,
    }
    if (more && lowest !== null) {
      const tied = objects.filter((object) => createdOf(object) === lowest).map(({ id }) => id)
      const ids = edge?.created === lowest ? [...edge.ids, ...tied] : tied
      return { next: { ...counted, after: last.id, edge: { created: lowest, ids } }, drifts }
    }
    const nextKind = order[order.indexOf(kind) + 1]
    const next = nextKind === undefined ? null : { ...counted, kind: nextKind, after: null, edge: null }
    return { next: next ?? { ...counted, kind: 'done' as never }, drifts }
  }

  return async function reconcile({
    mend = true,
    onProgress,
    signal,
  }: ReconcileOptions = {}): Promise<ReconcileReport> {
    const stopped = await readCursor<Progress>(database, cursorName)
    let progress = stopped ?? (await fresh())
    while (order.includes(progress.kind)) {
      if (signal?.aborted) break
      const { next, drifts } = await step(progress, mend)
      await recordDrift(database, progress.run, drifts)
      progress = next ?? progress
      await writeCursor(database, cursorName, progress)
      onProgress?.({ kind: progress.kind, compared: progress.compared, drifted: progress.drifted })
    }
    const { run, compared, drifted } = progress
    if (!order.includes(progress.kind)) {
      await removeCursor(database, cursorName)
      await writeCursor(database, 'reconciled', { run, compared, drifted })
      if (drifted > 0) logger.warn({ run, compared, drifted }, 'reconcile found the mirror different from Stripe')
    }
    return { run, compared, drifted, drift: await driftOf(database, run), resumed: stopped !== null }
  }
}

function createdOf(object: ReadableOf[MirroredKind]): number {
  return 'created' in object && typeof object.created === 'number' ? object.created : 0
}
