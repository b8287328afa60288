import { DuesError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Database } from '../store/database.ts'
import { load, waitingFor } from '../store/mirror.ts'
import type { ReadCharge } from '../stripe/charge.ts'
import type { ReadableKind, ReadableOf } from '../stripe/reader.ts'
import { chargeTransitions } from './charges.ts'
import { type Commit, commit } from './commit.ts'
import { contentOf, happenedAt, idOf, isReadable, mentions } from './contents.ts'
import { createDraft } from './draft.ts'
import { judgeFetch, type Reading, revives } from './order.ts'
import type { Outbox } from './outbox.ts'
import type { IsAddOn } from './transitions.ts'
import type { MirroredKind } from './types.ts'

type Context = { database: Database; outbox: Outbox; logger: Logger; isAddOn?: IsAddOn | undefined }

export type Fetched<Kind extends ReadableKind = ReadableKind> = {
  kind: Kind
  id: string
  /** Null: Stripe has no such object. */
  object: ReadableOf[Kind] | null
  reading: Reading
  account: string | null
}

/** `again`: what the mirror has may be older or newer, so Stripe has to be asked once more. */
export type Outcome = 'kept' | 'dropped' | 'again'

/**
 * Keeps the answer of a fetch, with the transitions that come of it, and settles the events that waited for it.
 * Throws a stale error when another write came between; it is then called again.
 */
export async function applyReading({ database, outbox, logger, isAddOn }: Context, fetched: Fetched): Promise<Outcome> {
  const { kind, id, reading } = fetched
  const waiting = await waitingFor(database, { kind, object: id, before: reading.ticket })
  const settled = waiting.map((event) => event.id)
  // The event that made us ask says when it was; the answer only when it was read.
  const at = waiting.length > 0 ? Math.max(...waiting.map(({ created }) => created)) : reading.hi
  const finish = async (outcome: Outcome, batch: Commit = {}, owned: ReadonlySet<string> = new Set()) => {
    await commit(database, outbox, { ...batch, settled }, owned)
    return outcome
  }
  if (fetched.object === null) {
    logger.warn({ kind, id }, 'Stripe does not have this object any more; the mirror keeps what it knew')
    return finish('dropped')
  }
  if (isCharge(fetched)) {
    const customer = idOf(fetched.object.customer)
    const { subscription } = fetched.object
    const loaded = await load(database, {
      owners: customer === null ? [] : [customer],
      subscription: subscription ? [subscription] : [],
    })
    const transitions = chargeTransitions(fetched.object, at, loaded.subscription[0])
    return finish('kept', { transitions }, new Set(loaded.owners.map((owner) => owner.customer)))
  }
  const whole = fetched as Fetched<MirroredKind> & { object: ReadableOf[MirroredKind] }
  const decided = await decide({ database, isAddOn }, whole, at)
  if (decided === 'again') return 'again'
  if (decided === 'drop') return finish('dropped')
  if (decided === 'revival') {
    logger.warn({ kind, id }, 'an answer of Stripe would have brought back what has ended; it was left out')
    return finish('dropped')
  }
  const content = decided.row(fetched.kind as MirroredKind, id)
  if (content !== null)
    for (const { tells, created } of waiting) decided.tell(tells, fetched.kind as MirroredKind, content, created)
  return finish('kept', decided.write(), decided.owned)
}

async function decide(
  { database, isAddOn }: Pick<Context, 'database' | 'isAddOn'>,
  { kind, object, reading, account }: Fetched<MirroredKind> & { object: ReadableOf[MirroredKind] },
  toldAt: number,
) {
  const draft = createDraft(await load(database, mentions(kind, object)), isAddOn)
  const row = draft.row(kind, object.id)
  const verdict = judgeFetch(row, reading)
  if (verdict !== 'write') return verdict
  if (!isReadable(kind, object)) {
    throw new DuesError(
      'stripe_refused',
      `Stripe answered with a ${kind} of another shape. Use a Stripe client of the SDK's own API version.`,
    )
  }
  const content = contentOf(kind, object, account, row)
  if (content === null) return 'drop'
  if (revives(row, content)) return 'revival'
  const { ticket, lo } = reading
  // Stripe's time does not go back: an answer stamped by a clock that is behind was read no earlier than what it is written over.
  const hi = Math.max(reading.hi, row?.as_of_hi ?? 0)
  const at = happenedAt(kind, object) ?? toldAt
  draft.put(kind, content, { ticket, as_of_lo: lo, as_of_hi: hi, fetched: true, mark: ticket, at })
  return draft
}

function isCharge(fetched: Fetched): fetched is Fetched<'charge'> & { object: ReadCharge } {
  return fetched.kind === 'charge'
}
