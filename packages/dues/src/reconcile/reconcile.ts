import { type Logger, silentLogger } from '../logger.ts'
import type { Mirror } from '../mirror/mirror.ts'
import type { Outbox } from '../mirror/outbox.ts'
import type { IsAddOn } from '../mirror/transitions.ts'
import type { MirroredKind } from '../mirror/types.ts'
import { readCursor, removeCursor, writeCursor } from '../store/cursor.ts'
import type { Database } from '../store/database.ts'
import { type Drift, driftOf, mirroredBetween, recordDrift } from '../store/drift.ts'
import { suspectAll } from '../store/duplicates.ts'
import type { Unowned } from '../store/unowned.ts'
import { paceReader } from '../stripe/pace.ts'
import { isGone, type ReadableOf, type StripeReader } from '../stripe/reader.ts'
import { comparePage } from './compare.ts'
import { seeToUnowned } from './unowned.ts'
import { removeVanished } from './vanished.ts'

/**
 * What is gone through, one after the other. Of invoices first the open ones, then all that were made since the last whole run: one that was
 * made, paid and told of while nobody heard it is in no list of open ones, and after thirty days in no list of events.
 */
const stages = ['customer', 'subscription', 'invoice', 'newInvoice'] as const
type Stage = (typeof stages)[number]
const kindOf = (stage: Stage): MirroredKind => (stage === 'newInvoice' ? 'invoice' : stage)

/** Where the next run begins with the new invoices. Our clock may be ahead of Stripe's. */
type Reconciled = {
  run: number
  compared: number
  drifted: number
  unowned: number
  unknown: number
  at: string
  since: number
}
const clockSkewSeconds = 3600

/** How far a run has come; kept after each page, so that one that is stopped goes on where it was. */
type Progress = {
  /** The ticket that it began with: its name. */
  run: number
  kind: Stage | 'done'
  /** Unix seconds: every invoice made from then on is compared, and of older ones the open ones. */
  since: number
  /** The last id of the page before; null at the start of a kind. */
  after: string | null
  /** The creation time of that id, and the other ids of that second: a second may be cut by a page's end. */
  edge: { created: number; ids: string[] } | null
  compared: number
  drifted: number
  /** Whether it mends. One that only looks must not be gone on with by one that mends: what it passed would stay as it is. */
  mend: boolean
}

export type ReconcileReport = {
  run: number
  /** Objects of Stripe's that were looked at. */
  compared: number
  /** How many of them the mirror had different. */
  drifted: number
  /** The first thousand of these; all of them are in `dues.drift`. */
  drift: Drift[]
  /** Live subscriptions that belong to nobody whom the app knows, the first thousand; none before a run is finished. */
  unowned: Unowned[]
  /** Went on where an earlier run was stopped: what that had passed was not looked at again, and another run begins anew. */
  resumed: boolean
  /** False: it was stopped by its signal. The next run goes on there. */
  finished: boolean
}

export type ReconcileOptions = {
  /** False: only look. */
  mend?: boolean
  /** Questions to Stripe a second at most: 20 unless told. "Too many requests" is waited out. */
  perSecond?: number
  onProgress?: (progress: { kind: Stage; compared: number; drifted: number }) => void
  /** Stops after the page that is being worked on; the next run goes on there. */
  signal?: AbortSignal
}

export interface Reconcile {
  (options?: ReconcileOptions): Promise<ReconcileReport>
  /** The same for an account that was there before Dues: what the mirror lacks is no drift, and is not written down as such. */
  takeOver(options?: ReconcileOptions): Promise<Omit<ReconcileReport, 'drift' | 'unowned'>>
}

const pageSize = 100
const cursorNames = { reconcile: 'reconcile', takeOver: 'take over' } as const

/**
 * Makes `reconcile`: compares the whole mirror with Stripe, ended subscriptions included, and mends it. Memory is
 * bounded by a page, so that it takes over an account of any size as well (what began before Dues did runs no hooks).
 *
 * @throws DuesError `stripe_unavailable`, `database_unavailable`; it then goes on from its last page.
 * @see https://docs.stripe.com/api/subscriptions/list
 */
export function createReconcile({
  database,
  stripe: unpaced,
  mirror,
  outbox,
  now = () => Math.floor(Date.now() / 1000),
  logger = silentLogger,
  isAddOn,
}: {
  database: Database
  stripe: StripeReader
  mirror: Mirror
  outbox: Outbox
  /** Unix seconds, by the clock that Stripe lives in. */
  now?: () => number
  logger?: Logger
  isAddOn?: IsAddOn | undefined
}): Reconcile {
  const fresh = async (mend: boolean): Promise<Progress> => {
    const { ticket } = await mirror.ask()
    const events = await readCursor<{ began: number }>(database, 'events')
    const last = await readCursor<Reconciled>(database, 'reconciled')
    const since = last?.since ?? events?.began ?? now()
    return { run: ticket, kind: 'customer', since, after: null, edge: null, compared: 0, drifted: 0, mend }
  }

  /** Asks Stripe for one object that a list left open. Says how it differed. */
  const compareOne = async (
    stripe: StripeReader,
    kind: MirroredKind,
    id: string,
    mend: boolean,
  ): Promise<Drift | null> => {
    const asking = await mirror.ask()
    const { value, date } = await stripe.retrieve(kind, id, null)
    if (value === null) {
      const mended = mend && (await removeVanished({ database, outbox }, kind, id, asking.ticket))
      return { kind, object: id, difference: { id: { mirror: id, stripe: null } }, mended }
    }
    const page = { kind, objects: [value], reading: mirror.reading(asking, date) }
    const { drifts, unsure } = await comparePage({ database, outbox, isAddOn }, page, { mend })
    if (unsure.length > 0 && mend) await mirror.sync(kind, id)
    return drifts[0] ?? null
  }

  /** What the mirror has between two edges of Stripe's list and the list has not. */
  const compareUnlisted = async (
    stripe: StripeReader,
    kind: MirroredKind,
    span: { after: number | null; until: number | null },
    listed: ReadonlySet<string>,
    mend: boolean,
  ): Promise<Drift[]> => {
    const drifts: Drift[] = []
    for (const id of await mirroredBetween(database, kind, span)) {
      if (listed.has(id)) continue
      const drift = await compareOne(stripe, kind, id, mend)
      if (drift !== null) drifts.push(drift)
    }
    return drifts
  }

  /** Compares one page and everything of the mirror's that belongs before its end. */
  const step = async (stripe: StripeReader, progress: Progress, stage: Stage): Promise<[Progress, Drift[]]> => {
    const { after, edge, run, since, mend } = progress
    const kind = kindOf(stage)
    const asking = await mirror.ask()
    const from = { after, limit: pageSize, ...(stage === 'newInvoice' && { since }) }
    const { value: listed, date, hasMore } = await stripe.list(kind, from)
    // The open ones were compared a stage before.
    const objects =
      stage === 'newInvoice' ? listed.filter((one) => !('status' in one) || one.status !== 'open') : listed
    const reading = mirror.reading(asking, date)
    const { drifts, unsure } = await comparePage({ database, outbox, isAddOn }, { kind, objects, reading }, { mend })
    for (const id of unsure) {
      const drift = await compareOne(stripe, kind, id, mend)
      if (drift !== null) drifts.push(drift)
    }
    const last = hasMore ? listed.at(-1) : undefined
    const lowest = last === undefined ? null : createdOf(last)
    const seen = new Set([...objects.map(({ id }) => id), ...(edge?.ids ?? [])])
    const span = { after: lowest, until: edge?.created ?? null }
    if (stage !== 'newInvoice') drifts.push(...(await compareUnlisted(stripe, kind, span, seen, mend)))

    const counts = { compared: progress.compared + objects.length, drifted: progress.drifted + drifts.length }
    if (last === undefined || lowest === null) {
      const next = stages[stages.indexOf(stage) + 1] ?? 'done'
      return [{ run, mend, kind: next, since, after: null, edge: null, ...counts }, drifts]
    }
    const tied = objects.filter((object) => createdOf(object) === lowest).map(({ id }) => id)
    const ids = edge?.created === lowest ? [...edge.ids, ...tied] : tied
    return [{ run, mend, kind: stage, since, after: last.id, edge: { created: lowest, ids }, ...counts }, drifts]
  }

  /** The object that a page ended with may be gone by now; Stripe then knows no "after" it, and its kind begins anew. */
  const stepOrRestart = async (stripe: StripeReader, progress: Progress, stage: Stage) => {
    try {
      return await step(stripe, progress, stage)
    } catch (error) {
      if (progress.after === null || !isGone(error)) throw error
      return step(stripe, { ...progress, after: null, edge: null }, stage)
    }
  }

  const go = async (
    { mend = true, perSecond, onProgress, signal }: ReconcileOptions,
    cursorName: string,
    record: (run: number, drifts: readonly Drift[]) => Promise<void>,
  ) => {
    const stripe = paceReader(unpaced, { signal, ...(perSecond !== undefined && { perSecond }) })
    const stopped = await readCursor<Progress>(database, cursorName)
    const resumed = stopped !== null && stopped.mend === mend
    let progress = resumed ? stopped : await fresh(mend)
    while (progress.kind !== 'done' && !signal?.aborted) {
      const { kind } = progress
      const [next, drifts] = await stepOrRestart(stripe, progress, kind)
      await record(next.run, drifts)
      await writeCursor(database, cursorName, next)
      onProgress?.({ kind, compared: next.compared, drifted: next.drifted })
      progress = next
    }
    const { run, compared, drifted, since, kind } = progress
    const finished = kind === 'done'
    if (finished) await removeCursor(database, cursorName)
    return { report: { run, compared, drifted, resumed, finished }, since }
  }

  const reconcile = async (options: ReconcileOptions = {}): Promise<ReconcileReport> => {
    const { mend = true } = options
    const began = now()
    const went = await go(options, cursorNames.reconcile, (run, drifts) => recordDrift(database, run, drifts))
    const { run, compared, drifted, resumed, finished } = went.report
    let unowned: Unowned[] = []
    if (finished) {
      unowned = await seeToUnowned({ database, outbox, logger }, { mend })
      if (mend) await suspectAll(database)
      // A run that was taken up again saw its first pages earlier, and one that only looked has brought nothing.
      const since = mend && !resumed ? began - clockSkewSeconds : went.since
      const unknown = unowned.filter(({ why }) => why === 'unknown').length
      const nobodys = { unowned: unowned.length - unknown, unknown }
      const reconciled: Reconciled = { run, compared, drifted, ...nobodys, at: new Date().toISOString(), since }
      await writeCursor(database, 'reconciled', reconciled)
      if (drifted > 0) logger.warn({ run, compared, drifted }, 'reconcile found the mirror different from Stripe')
    }
    return { ...went.report, drift: await driftOf(database, run), unowned }
  }
  const takeOver: Reconcile['takeOver'] = async (options = {}) =>
    (await go(options, cursorNames.takeOver, async () => undefined)).report

  return Object.assign(reconcile, { takeOver })
}

function createdOf(object: ReadableOf[MirroredKind]): number {
  return 'created' in object && typeof object.created === 'number' ? object.created : 0
}
