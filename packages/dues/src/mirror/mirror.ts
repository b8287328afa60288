import type Stripe from 'stripe'
import { DuesError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { silentLogger } from '../logger.ts'
import type { Database } from '../store/database.ts'
import {
  customerOfOwner,
  invoicesOfCustomer,
  type RecordedTransition,
  subscriptionById,
  subscriptionsOfOwner,
  transitionsOfOwner,
} from '../store/membership.ts'
import { isStale, takeTicket } from '../store/mirror.ts'
import { dateOf, type ReadableKind, type ReadableOf, type StripeReader } from '../stripe/reader.ts'
import { applyReading } from './apply.ts'
import { isReadable, toCustomer, toInvoice, toSubscription } from './contents.ts'
import type { Reading } from './order.ts'
import { noOutbox, type Outbox } from './outbox.ts'
import type { IsAddOn } from './transitions.ts'
import type { MirroredCustomer, MirroredInvoice, MirroredKind, MirroredSubscription } from './types.ts'

/**
 * When and with which ticket Stripe was asked: in milliseconds that only go forward, and in Unix seconds. Begin it before the call, close it with
 * the answer.
 */
export type Asking = { ticket: number; startedAt: number; at: number }

/** What the mirror says, and the ways in which Stripe's answers get into it. */
export interface Mirror {
  /**
   * Asks Stripe for an object now and keeps the answer. For the success page, and after anything that Stripe was told.
   * An answer that loses to a snapshot which may be older is asked for again at once, for somebody waits; who can wait asks once
   * (`attempts: 1`) and comes back.
   * @throws DuesError `stripe_unavailable` when Stripe cannot be asked, `database_unavailable`; `busy` when the last attempt lost as well
   */
  sync(kind: ReadableKind, id: string, account?: string | null, options?: { attempts?: number }): Promise<void>
  /**
   * Makes a call that changes an object at Stripe, keeps the object that it answers, and hands it on.
   * The answer of a POST is as good as a fetch: no webhook has to be waited for.
   *
   * @example
   * const updated = await mirror.through('subscription', () => stripe.subscriptions.update(id, params, { idempotencyKey }))
   */
  through<Kind extends MirroredKind>(
    kind: Kind,
    call: () => Promise<Stripe.Response<ReadableOf[Kind]>>,
    account?: string | null,
  ): Promise<Stripe.Response<ReadableOf[Kind]>>
  /** Takes a ticket before Stripe is asked; for callers of `apply` that `through` does not fit. */
  ask(): Promise<Asking>
  /** When an answer was read, by Stripe's clock, from when it was asked for and its `Date` header in Unix seconds. */
  reading(asking: Asking, date: number | null): Reading
  /** Keeps an object of Stripe's API that was asked for with `ask()`. `date` is the answer's `Date` header in Unix seconds. */
  apply<Kind extends MirroredKind>(
    kind: Kind,
    object: ReadableOf[Kind],
    source: Asking & { date: number | null; account?: string | null },
  ): Promise<void>
  /** One subscription by its id; null while the mirror has not heard of it. */
  subscription(id: string): Promise<MirroredSubscription | null>
  /** All subscriptions of every customer that an owner has had, ended ones too, the newest first. */
  subscriptionsOf(owner: string): Promise<MirroredSubscription[]>
  /** The customer that an owner pays with now. */
  customerOf(owner: string): Promise<MirroredCustomer | null>
  /** A customer's invoices, the newest first. */
  invoicesOf(customer: string): Promise<MirroredInvoice[]>
  /** What happened to an owner's memberships, in the order of recording. */
  transitionsOf(owner: string): Promise<RecordedTransition[]>
}

export type MirrorOptions = {
  database: Database
  stripe: StripeReader
  /** Where hooks and later fetches go. Without one, transitions are recorded and nothing runs. */
  outbox?: Outbox
  /** Unix seconds; real time unless told. Used only where an answer of Stripe's has no `Date`. */
  now?: () => number
  logger?: Logger
  /** Tells a change of add-ons from one of the plan. Without it, of a change of several items the number alone tells. */
  isAddOn?: IsAddOn | undefined
}

/**
 * Stripe makes the event of a change a moment after the change, so that its second is sometimes the next one. What is
 * stamped in the second after an answer may be something that the answer shows already.
 */
const stampLagSeconds = 1

/** Two clocks of the same time are no further apart. Beyond it one of them is made up: a simulation's, or Stripe Local's on another day. */
const longestSkewSeconds = 120

/** A fetch that lost to a snapshot it cannot be compared with asks again, this often before it gives up. */
const mostAttempts = 5

/** Makes the mirror. It holds no state: every process on the same database may have its own. */
export function createMirror({
  database,
  stripe,
  outbox = noOutbox,
  now = () => Math.floor(Date.now() / 1000),
  logger = silentLogger,
  isAddOn,
}: MirrorOptions): Mirror {
  const ask = async (): Promise<Asking> => {
    // The clock starts before the ticket is taken: `lo` must not be later than the ticket.
    const started = { startedAt: performance.now(), at: now() }
    return { ticket: await takeTicket(database), ...started }
  }

  const readingOf = ({ ticket, startedAt, at }: Asking, date: number | null): Reading => {
    const ours = now()
    // While a machine is suspended its own milliseconds stand still, and Stripe does not. A clock that was set back says too little.
    const took = Math.max(Math.ceil((performance.now() - startedAt) / 1000), ours - at)
    // A proxy may strip the Date. Our own clock can be wrong by some, so the interval is wide: more questions, no lie.
    if (date === null) return { ticket, lo: ours - took - 60, hi: ours + 60 }
    // A proxy may also stamp it, by a clock that is off. Nobody knows whose is right then, so both are.
    const apart = date > ours + 1 || date < ours - took - 1
    const off = apart && Math.abs(date - ours) <= took + longestSkewSeconds ? [date, ours] : [date]
    return { ticket, lo: Math.min(...off) - took - 1, hi: Math.max(...off) + stampLagSeconds }
  }

  const settle = async (
    kind: ReadableKind,
    id: string,
    object: ReadableOf[ReadableKind] | null,
    reading: Reading,
    account: string | null,
  ) => {
    for (;;) {
      try {
        return await applyReading({ database, outbox, logger, isAddOn }, { kind, id, object, reading, account })
      } catch (error) {
        // Not bounded: whoever was quicker has made progress, and the next try decides on what it left.
        if (!isStale(error)) throw error
      }
    }
  }

  const sync: Mirror['sync'] = async (kind, id, account = null, { attempts = mostAttempts } = {}) => {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const asking = await ask()
      const answer = await stripe.retrieve(kind, id, account)
      const settled = await settle(kind, id, answer.value, readingOf(asking, answer.date), account)
      if (settled !== 'again') return
    }
    throw new DuesError('busy', `${kind} ${id} changes faster than it can be read. It is tried again.`)
  }

  const keep = async <Kind extends MirroredKind>(
    kind: Kind,
    object: ReadableOf[Kind],
    reading: Reading,
    account: string | null,
  ) => {
    // The answer of a POST cuts a long list of items as an event does; a fetch brings all of them.
    const whole = isReadable(kind, object)
    const settled = whole ? await settle(kind, object.id, object, reading, account) : 'again'
    if (settled === 'again') await sync(kind, object.id, account)
    return settled
  }

  return {
    ask,
    reading: readingOf,
    sync,
    async through(kind, call, account = null) {
      const asking = await ask()
      const answer = await call()
      // A replayed answer is what Stripe said the first time, perhaps a day ago: good for the caller, not for the mirror.
      const replayed = answer.lastResponse.headers['idempotent-replayed'] === 'true'
      const settled = replayed ? 'dropped' : await keep(kind, answer, readingOf(asking, dateOf(answer)), account)
      // The winner asked later than this call was begun, and perhaps before it was carried out: what the call has changed is not in it.
      if (settled === 'dropped') await sync(kind, answer.id, account)
      return answer
    },
    async apply(kind, object, { date, account = null, ...asking }) {
      await keep(kind, object, readingOf(asking, date), account)
    },
    async subscription(id) {
      const found = await subscriptionById(database, id)
      return found && toSubscription(found.subscription, found.owner)
    },
    async subscriptionsOf(owner) {
      return (await subscriptionsOfOwner(database, owner)).map((row) => toSubscription(row, owner))
    },
    async customerOf(owner) {
      const row = await customerOfOwner(database, owner)
      return row && toCustomer(row, owner)
    },
    async invoicesOf(customer) {
      return (await invoicesOfCustomer(database, customer)).map(toInvoice)
    },
    transitionsOf: (owner) => transitionsOfOwner(database, owner),
  }
}
