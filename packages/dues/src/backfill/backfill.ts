import { DuesError } from '../errors.ts'
import { commit } from '../mirror/commit.ts'
import { idOf } from '../mirror/contents.ts'
import type { Outbox } from '../mirror/outbox.ts'
import type { Reconcile } from '../reconcile/reconcile.ts'
import {
  type Adoption,
  adopt,
  clearProposals,
  countCustomers,
  type Proposed,
  proposals,
  propose,
  someUnknown,
  type UnownedRow,
  unownedCustomers,
} from '../store/adoption.ts'
import { readCursor, removeCursor, writeCursor } from '../store/cursor.ts'
import type { Database, Executor } from '../store/database.ts'
import { isStale } from '../store/mirror.ts'
import { paceReader } from '../stripe/pace.ts'
import { isGone, type StripeReader } from '../stripe/reader.ts'
import type { BackfillOptions, BackfillReport, OwnerOf } from './types.ts'

/** How far a backfill has come, after each page. One that goes by another rule, or in earnest after a dry one, begins anew. */
type Progress = {
  name: string
  phase: 'mirror' | 'checkouts' | 'asking' | 'linking'
  after: string | null
  done: number
  counts: Pick<BackfillReport, 'compared' | 'changed' | 'adopted' | 'leftOut'>
  duplicates: Proposed[]
}

type Rule = NonNullable<BackfillOptions['by']> | undefined

const cursorName = 'backfill'
const pageSize = 100
/** The app's own function is asked about so many customers at once. */
const askedAtOnce = 20
const listedAtMost = 100

/**
 * Makes `backfill`: takes over an account that was there before Dues. It is a reconcile, which fills the mirror, and then finds whose the
 * customers are, of whom nothing says so. Whatever began before Dues did runs no hooks. Memory is bounded by a page.
 *
 * @throws DuesError `stripe_unavailable`, `database_unavailable`: it then goes on from its last page
 */
export function createBackfill({
  database,
  stripe,
  outbox,
  reconcile,
  ownerOf,
}: {
  database: Database
  stripe: StripeReader
  outbox: Outbox
  reconcile: Reconcile
  ownerOf?: OwnerOf | undefined
}) {
  const keep = (progress: Progress) => writeCursor(database, cursorName, progress)

  /** Whose a customer of each Checkout is. The newest come first, and the first word about a customer stands. */
  const readCheckouts = async (progress: Progress, reader: StripeReader): Promise<Progress> => {
    const page = await reader.checkouts({ after: progress.after, limit: pageSize }).catch((error: unknown) => {
      if (progress.after !== null && isGone(error)) return null
      throw error
    })
    if (page === null) return { ...progress, after: null }
    await propose(
      database,
      page.value.flatMap((session): Adoption[] => {
        const customer = idOf(session.customer)
        const owner = session.client_reference_id
        return customer !== null && owner ? [{ customer, owner }] : []
      }),
    )
    const last = page.value.at(-1)
    const done = progress.done + page.value.length
    return page.hasMore && last !== undefined
      ? { ...progress, after: last.id, done }
      : { ...progress, phase: 'asking', after: null, done: 0 }
  }

  const ask = async (progress: Progress, ask: OwnerOf): Promise<Progress> => {
    const page = await unownedCustomers(database, progress.after ?? '', pageSize * 5)
    for (let at = 0; at < page.length; at += askedAtOnce) {
      const some = page.slice(at, at + askedAtOnce)
      const owners = await Promise.all(some.map((customer) => answered(ask, customer)))
      await propose(
        database,
        some.flatMap(({ id }, n) => (owners[n] ? [{ customer: id, owner: owners[n] }] : [])),
      )
    }
    const last = page.at(-1)
    const done = progress.done + page.length
    return last === undefined
      ? { ...progress, phase: 'linking', after: null, done: 0 }
      : { ...progress, after: last.id, done }
  }

  const link = async (progress: Progress, { dryRun, withDuplicates }: BackfillOptions): Promise<Progress | null> => {
    const page = await proposals(database, progress.after ?? '', pageSize)
    const twice = withDuplicates ? [] : page.filter(({ live }) => live > 1)
    const adopted = page.filter((one) => !twice.includes(one))
    if (!dryRun && adopted.length > 0) await adoptAll(adopted)
    const last = page.at(-1)
    if (last === undefined) return null
    const { counts, duplicates } = progress
    return {
      ...progress,
      after: last.owner,
      done: progress.done + page.length,
      duplicates: [...duplicates, ...twice].slice(0, listedAtMost),
      counts: {
        ...counts,
        adopted: counts.adopted + customersOf(adopted),
        leftOut: counts.leftOut + customersOf(twice),
      },
    }
  }

  /** With the hooks of what happened since Dues began and waited for somebody to tell. */
  const adoptAll = async (adopted: readonly Proposed[]) => {
    const links = adopted.flatMap(({ owner, customers }) => customers.map((customer) => ({ customer, owner })))
    const also = [(tx: Executor) => adopt(tx, adopted)]
    for (;;) {
      try {
        await commit(database, outbox, { links, also }, new Set())
        return
      } catch (error) {
        if (!isStale(error)) throw error
      }
    }
  }

  return async function backfill(options: BackfillOptions = {}): Promise<BackfillReport> {
    const { by: rule = ownerOf, dryRun = false, withDuplicates = false, perSecond, onProgress, signal } = options
    const reader = paceReader(stripe, { signal, ...(perSecond !== undefined && { perSecond }) })
    const name = [nameOf(rule), dryRun, withDuplicates].join()
    const stopped = await readCursor<Progress>(database, cursorName)
    const resumed = stopped !== null && stopped.name === name
    let progress: Progress = resumed ? stopped : fresh(name)
    if (!resumed) {
      await clearProposals(database)
      await keep(progress)
    }
    if (progress.phase === 'mirror') {
      const { finished, compared, drifted } = await reconcile.takeOver({
        ...(perSecond !== undefined && { perSecond }),
        ...(signal && { signal }),
        onProgress: ({ kind, compared }) => onProgress?.({ doing: kind, done: compared }),
      })
      const phase = !finished ? 'mirror' : rule === 'client_reference_id' ? 'checkouts' : 'asking'
      progress = { ...progress, phase, counts: { ...progress.counts, compared, changed: drifted } }
      await keep(progress)
    }
    let finished = false
    while (!finished && !signal?.aborted && progress.phase !== 'mirror') {
      const { phase } = progress
      const next: Progress | null =
        phase === 'checkouts'
          ? await readCheckouts(progress, reader)
          : phase === 'asking'
            ? await ask(progress, askerOf(rule))
            : await link(progress, { dryRun, withDuplicates })
      finished = next === null
      if (next === null) break
      progress = next
      await keep(progress)
      onProgress?.({ doing: phase, done: progress.done })
    }
    const { counts, duplicates } = progress
    const report = {
      ...{ finished, resumed, ...counts, duplicates },
      ...(await countCustomers(database)),
      unknowns: await someUnknown(database, listedAtMost),
    }
    if (finished) {
      await clearProposals(database)
      await removeCursor(database, cursorName)
    }
    return report
  }
}

const fresh = (name: string): Progress => ({
  name,
  phase: 'mirror',
  after: null,
  done: 0,
  counts: { compared: 0, changed: 0, adopted: 0, leftOut: 0 },
  duplicates: [],
})

const nameOf = (rule: Rule): string =>
  rule === undefined
    ? 'none'
    : typeof rule === 'object'
      ? `metadata ${rule.metadata}`
      : typeof rule === 'string'
        ? rule
        : 'ownerOf'

function askerOf(rule: Rule): OwnerOf {
  if (typeof rule === 'function') return rule
  if (typeof rule === 'object') return ({ metadata }) => metadata[rule.metadata] ?? null
  return () => null
}

async function answered(ask: OwnerOf, customer: UnownedRow): Promise<string | null> {
  const owner = await ask(customer)
  if (owner === null || (typeof owner === 'string' && owner !== '')) return owner
  throw new DuesError(
    'settings_invalid',
    `ownerOf answered ${JSON.stringify(owner)} for ${customer.id}: it must answer the owner's id as a string, or null where it is nobody's.`,
  )
}

const customersOf = (proposed: readonly Proposed[]): number =>
  proposed.reduce((sum, { customers }) => sum + customers.length, 0)
