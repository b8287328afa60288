import type Stripe from 'stripe'
import { DuesError } from '../errors.ts'
import { type Logger, silentLogger } from '../logger.ts'
import { type Commit, commit } from '../mirror/commit.ts'
import { createDraft } from '../mirror/draft.ts'
import { type Job, noOutbox, type Outbox } from '../mirror/outbox.ts'
import type { Database, Executor } from '../store/database.ts'
import { isStale, load } from '../store/mirror.ts'
import { dead, type Folded, fold, neededBy, type Wanted } from './fold.ts'
import { createGroup } from './group.ts'
import type { Received } from './verify.ts'

/** What became of a delivery. All of them are on disk and are answered 2xx. */
export type Receipt = {
  event: string
  /** `applied`: the mirror shows it. `waiting`: its object is being fetched. `duplicate`: it was here before. `dead`: it cannot be read. */
  outcome: 'applied' | 'waiting' | 'duplicate' | 'dead'
}

/** What other concerns do in the transaction of an event: by type, with the event's object. It may run more than once. */
export type Reactions = { readonly [type: string]: (tx: Executor, object: Stripe.Checkout.Session) => Promise<void> }

export interface Inbox {
  /**
   * Takes a verified delivery. When it resolves, the event is on disk and the mirror shows it or will.
   * Deliveries that are in flight together share one transaction.
   *
   * @throws DuesError `database_unavailable` (503): nothing was acknowledged, Stripe will send it again.
   */
  receive(event: Received): Promise<Receipt>
  /** Resolves when nothing is under way. */
  drain(): Promise<void>
}

export type InboxOptions = {
  database: Database
  outbox?: Outbox
  reactions?: Reactions
  /** Told after the commit what has to be fetched; the job that was made with it waits behind. */
  onWanted?: (wanted: readonly Wanted[]) => void
  logger?: Logger
}

/** Makes the inbox. It holds no state but the deliveries that are under way in this process. */
export function createInbox({
  database,
  outbox = noOutbox,
  reactions = {},
  onWanted = () => undefined,
  logger = silentLogger,
}: InboxOptions): Inbox {
  const decide = async (batch: readonly Received[]) => {
    const distinct = [...new Map(batch.map((event) => [event.id, event])).values()]
    const loaded = await load(database, needs(distinct))
    const known = new Set(loaded.known)
    const draft = createDraft(loaded)
    const news = distinct.filter(({ id }) => !known.has(id))
    const folded = new Map<string, Folded>()
    for (const event of news) {
      try {
        folded.set(event.id, fold(draft, event))
      } catch (error) {
        logger.error({ event: event.id, type: event.type, err: error }, 'an event cannot be read; it is kept as dead')
        folded.set(event.id, dead(event, error))
      }
    }
    return { news, draft, folded }
  }

  const work = async (batch: readonly Received[]): Promise<Receipt[]> => {
    const { news, draft, folded } = await decide(batch)
    const wanted = distinctWanted([...folded.values()])
    const also = news.flatMap(({ type, snapshot }) => {
      const react = Object.hasOwn(reactions, type) ? reactions[type] : undefined
      return react === undefined || snapshot === null
        ? []
        : [(tx: Executor) => react(tx, snapshot as Stripe.Checkout.Session)]
    })
    const jobs: Job[] = wanted.map((one) => ({ name: 'fetch', ...one }))
    const events = [...folded.values()].map(({ row }) => row)
    if (events.length > 0) {
      const all: Commit = { ...draft.write(), events, jobs, also }
      await commit(database, outbox, all, draft.owned)
      if (wanted.length > 0) onWanted(wanted)
    }
    const told = new Set<string>()
    return batch.map(({ id }) => {
      const state = told.has(id) ? undefined : folded.get(id)?.row.state
      told.add(id)
      return { event: id, outcome: state ?? 'duplicate' }
    })
  }

  /** Tries until nobody else is quicker. Each round that fails for that reason is a round in which somebody got on. */
  const persist = async (batch: readonly Received[]): Promise<Receipt[]> => {
    for (;;) {
      try {
        return await work(batch)
      } catch (error) {
        if (!isStale(error)) throw error
      }
    }
  }

  /** One that the database refuses must not fail those that came with it, and must not come back for ever either. */
  const singly = async (event: Received): Promise<Receipt | DuesError> => {
    try {
      const [receipt] = await persist([event])
      return receipt ?? { event: event.id, outcome: 'duplicate' }
    } catch (error) {
      if (error instanceof DuesError) return error
      logger.error({ event: event.id, type: event.type, err: error }, 'an event cannot be applied; it is kept as dead')
      await commit(database, outbox, { events: [dead(event, error).row] }, new Set())
      return { event: event.id, outcome: 'dead' }
    }
  }

  const group = createGroup(async (batch: readonly Received[]): Promise<(Receipt | DuesError)[]> => {
    try {
      return await persist(batch)
    } catch (error) {
      if (error instanceof DuesError) throw error
      logger.warn({ events: batch.length, err: error }, 'a batch of events was refused; each is tried alone')
      const results: (Receipt | DuesError)[] = []
      for (const event of batch) results.push(await singly(event))
      return results
    }
  })

  return {
    async receive(event) {
      const result = await group.add(event)
      if (result instanceof DuesError) throw result
      return result
    },
    drain: group.drain,
  }
}

function needs(events: readonly Received[]) {
  const all = events.map(neededBy)
  const of = (key: 'customer' | 'subscription' | 'invoice' | 'owners') => [...new Set(all.flatMap((one) => one[key]))]
  return {
    events: events.map(({ id }) => id),
    customer: of('customer'),
    subscription: of('subscription'),
    invoice: of('invoice'),
    owners: of('owners'),
  }
}

/** Many events of one object are one fetch. */
function distinctWanted(folded: readonly Folded[]): Wanted[] {
  const wanted = folded.flatMap((one) => (one.wanted === null ? [] : [one.wanted]))
  return [...new Map(wanted.map((one) => [`${one.kind} ${one.object}`, one])).values()]
}
