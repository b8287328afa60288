import { type Logger, silentLogger } from '../logger.ts'
import type { Mirror } from '../mirror/mirror.ts'
import type { Outbox } from '../mirror/outbox.ts'
import type { MirroredKind } from '../mirror/types.ts'
import { readCursor, removeCursor, writeCursor } from '../store/cursor.ts'
import type { Database } from '../store/database.ts'
import { type Drift, driftOf, mirroredBetween, recordDrift } from '../store/drift.ts'
import { suspectAll } from '../store/duplicates.ts'
import { isGone, type ReadableOf, type StripeReader } from '../stripe/reader.ts'
import { comparePage } from './compare.ts'
import { removeVanished } from './vanished.ts'

/** How far a run has come; kept after each page, so that one that is stopped goes on where it was. */
type Progress = {
  /** The ticket that it began with: its name. */
  run: number
  kind: MirroredKind | 'done'
  /** The last id of the page before; null at the start of a kind. */
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
    const asking = await mirror.ask()
    const { value, date } = await stripe.retrieve(kind, id, null)
    if (value === null) {
      const mended = mend && (await removeVanished({ database, outbox }, kind, id, asking.ticket))
      return { kind, object: id, difference: { id: { mirror: id, stripe: null } }, mended }
    }
    const page = { kind, objects: [value], reading: mirror.reading(asking, date) }
    const { drifts, unsure } = await comparePage({ database, outbox }, page, { mend })
    if (unsure.length > 0 && mend) await mirror.sync(kind, id)
    return drifts[0] ?? null
  }

  /** What the mirror has between two edges of Stripe's list and the list has not. */
  const compareUnlisted = async (
    kind: MirroredKind,
    span: { after: number | null; until: number | null },
    listed: ReadonlySet<string>,
    mend: boolean,
  ): Promise<Drift[]> => {
    const drifts: Drift[] = []
    for (const id of await mirroredBetween(database, kind, span)) {
      if (listed.has(id)) continue
      const drift = await compareOne(kind, id, mend)
      if (drift !== null) drifts.push(drift)
    }
    return drifts
  }

  /** Compares one page and everything of the mirror's that belongs before its end. */
  const step = async (progress: Progress, kind: MirroredKind, mend: boolean): Promise<[Progress, Drift[]]> => {
    const { after, edge } = progress
    const asking = await mirror.ask()
    const { value: objects, date, hasMore } = await stripe.list(kind, { after, limit: pageSize })
    const reading = mirror.reading(asking, date)
    const { drifts, unsure } = await comparePage({ database, outbox }, { kind, objects, reading }, { mend })
    for (const id of unsure) {
      const drift = await compareOne(kind, id, mend)
      if (drift !== null) drifts.push(drift)
    }
    const last = hasMore ? objects.at(-1) : undefined
    const lowest = last === undefined ? null : createdOf(last)
    const listed = new Set([...objects.map(({ id }) => id), ...(edge?.ids ?? [])])
    drifts.push(...(await compareUnlisted(kind, { after: lowest, until: edge?.created ?? null }, listed, mend)))

    const { run } = progress
    const counts = { compared: progress.compared + objects.length, drifted: progress.drifted + drifts.length }
    if (last === undefined || lowest === null) {
      const next = order[order.indexOf(kind) + 1] ?? 'done'
      return [{ run, kind: next, after: null, edge: null, ...counts }, drifts]
    }
    const tied = objects.filter((object) => createdOf(object) === lowest).map(({ id }) => id)
    const ids = edge?.created === lowest ? [...edge.ids, ...tied] : tied
    return [{ run, kind, after: last.id, edge: { created: lowest, ids }, ...counts }, drifts]
  }

  /** The object that a page ended with may be gone by now; Stripe then knows no "after" it, and its kind begins anew. */
  const stepOrRestart = async (progress: Progress, kind: MirroredKind, mend: boolean) => {
    try {
      return await step(progress, kind, mend)
    } catch (error) {
      if (progress.after === null || !isGone(error)) throw error
      return step({ ...progress, after: null, edge: null }, kind, mend)
    }
  }

  return async function reconcile({
    mend = true,
    onProgress,
    signal,
  }: ReconcileOptions = {}): Promise<ReconcileReport> {
    const stopped = await readCursor<Progress>(database, cursorName)
    let progress = stopped ?? (await fresh())
    while (progress.kind !== 'done' && !signal?.aborted) {
      const { kind } = progress
      const [next, drifts] = await stepOrRestart(progress, kind, mend)
      await recordDrift(database, next.run, drifts)
      await writeCursor(database, cursorName, next)
      onProgress?.({ kind, compared: next.compared, drifted: next.drifted })
      progress = next
    }
    const { run, compared, drifted } = progress
    if (progress.kind === 'done') {
      await removeCursor(database, cursorName)
      if (mend) await suspectAll(database)
      await writeCursor(database, 'reconciled', { run, compared, drifted, at: new Date().toISOString() })
      if (drifted > 0) logger.warn({ run, compared, drifted }, 'reconcile found the mirror different from Stripe')
    }
    return { run, compared, drifted, drift: await driftOf(database, run), resumed: stopped !== null }
  }
}

function createdOf(object: ReadableOf[MirroredKind]): number {
  return 'created' in object && typeof object.created === 'number' ? object.created : 0
}
