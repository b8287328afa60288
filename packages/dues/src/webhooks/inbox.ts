import type Stripe from 'stripe'
import { DuesError } from '../errors.ts'
import { type Logger, silentLogger } from '../logger.ts'
import { type Commit, commit, isOneStatement, tellChanged } from '../mirror/commit.ts'
import { createDraft } from '../mirror/draft.ts'
import { type Job, noOutbox, type Outbox } from '../mirror/outbox.ts'
import type { IsAddOn } from '../mirror/transitions.ts'
import type { Database, Executor } from '../store/database.ts'
import { type InboxRow, isStale, type Loaded, load, tryWrite } from '../store/mirror.ts'
import { dead, type Folded, fold, neededBy, type Wanted } from './fold.ts'
import { createGroup } from './group.ts'
import { createMemory } from './memory.ts'
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
  isAddOn?: IsAddOn | undefined
}

/** What a batch comes to: what to write, what to fetch afterwards, and the rows of the inbox. */
type Decision = { batch: Commit; owned: ReadonlySet<string>; wanted: Wanted[]; rows: InboxRow[] }

/** Makes the inbox. It holds no state but the deliveries that are under way in this process, and a memory that is never believed. */
export function createInbox({
  database,
  outbox = noOutbox,
  reactions = {},
  onWanted = () => undefined,
  logger = silentLogger,
  isAddOn,
}: InboxOptions): Inbox {
  const memory = createMemory()

  const decide = (events: readonly Received[], loaded: Loaded): Decision => {
    const known = new Set(loaded.known)
    const draft = createDraft(loaded, isAddOn)
    const news = events.filter(({ id }) => !known.has(id))
    const folded = news.map((event) => {
      try {
        return fold(draft, event)
      } catch (error) {
        logger.error({ event: event.id, type: event.type, err: error }, 'an event cannot be read; it is kept as dead')
        return dead(event, error)
      }
    })
    const wanted = distinctWanted(folded)
    const also = news.flatMap((event) => reactionTo(reactions, event))
    const jobs: Job[] = wanted.map((one) => ({ name: 'fetch', ...one }))
    const rows = folded.map(({ row }) => row)
    return { batch: { ...draft.write(), events: rows, jobs, also }, owned: draft.owned, wanted, rows }
  }

  const work = async (deliveries: readonly Received[]): Promise<Receipt[]> => {
    const distinct = [...new Map(deliveries.map((event) => [event.id, event])).values()]
    const needs = needsOf(distinct)
    const guess = memory.guess(needs, createdBy(distinct))
    const guessed = guess && decide(distinct, guess)
    // Jobs and hooks need a transaction, and a hook has to know its owner: then it is not a matter of one statement.
    const alone = guessed !== null && isOneStatement(outbox, guessed.batch)
    const tried = alone ? await tellChanged(outbox, () => tryWrite(database, guessed.batch, needs)) : null
    if (guessed !== null && tried !== null && !('loaded' in tried)) {
      memory.wrote(guessed.batch, tried)
      return receiptsOf(deliveries, guessed)
    }
    const loaded = tried !== null && 'loaded' in tried ? tried.loaded : await load(database, needs)
    memory.learn(loaded)
    const decision = decide(distinct, loaded)
    if (decision.rows.length > 0) {
      const written = await commit(database, outbox, decision.batch, decision.owned)
      memory.wrote(decision.batch, written)
      if (decision.wanted.length > 0) onWanted(decision.wanted)
    }
    return receiptsOf(deliveries, decision)
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
  const singly = async (event: Received): Promise<Receipt | Error> => {
    try {
      const [receipt] = await persist([event])
      return receipt ?? { event: event.id, outcome: 'duplicate' }
    } catch (error) {
      if (error instanceof DuesError) return error
      logger.error({ event: event.id, type: event.type, err: error }, 'an event cannot be applied; it is kept as dead')
      return await commit(database, outbox, { events: [dead(event, error).row] }, new Set()).then(
        () => ({ event: event.id, outcome: 'dead' }) as const,
        (refused: unknown) => (refused instanceof Error ? refused : new Error(String(refused))),
      )
    }
  }

  const take = async (batch: readonly Received[]): Promise<(Receipt | Error)[]> => {
    try {
      return await persist(batch)
    } catch (error) {
      if (error instanceof DuesError) throw error
      logger.warn({ events: batch.length, err: error }, 'a batch of events was refused; each is tried alone')
      const results: (Receipt | Error)[] = []
      for (const event of batch) results.push(await singly(event))
      return results
    }
  }

  const group = createGroup(take, { lanes: 2, keys: keysOf })

  return {
    async receive(event) {
      const result = await group.add(event)
      if (result instanceof Error) throw result
      return result
    },
    drain: group.drain,
  }
}

function needsOf(events: readonly Received[]) {
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

/** What a batch with this event in it may write: its own row and those of its objects and of their customer. */
function keysOf(event: Received): string[] {
  const { customer, subscription, invoice, owners } = neededBy(event)
  return [event.id, ...customer, ...subscription, ...invoice, ...owners]
}

/** The objects that these events tell the creation of. */
function createdBy(events: readonly Received[]): Set<string> {
  return new Set(
    events.flatMap(({ type, snapshot }) => (type.endsWith('.created') && snapshot?.id ? [snapshot.id] : [])),
  )
}

/** Of one event that came twice together, the second is a duplicate. */
function receiptsOf(deliveries: readonly Received[], { rows }: Decision): Receipt[] {
  const outcomes = new Map(rows.map(({ id, state }) => [id, state]))
  return deliveries.map(({ id }) => {
    const outcome = outcomes.get(id) ?? 'duplicate'
    outcomes.delete(id)
    return { event: id, outcome }
  })
}

/** Many events of one object are one fetch. */
function distinctWanted(folded: readonly Folded[]): Wanted[] {
  const wanted = folded.flatMap((one) => (one.wanted === null ? [] : [one.wanted]))
  return [...new Map(wanted.map((one) => [`${one.kind} ${one.object}`, one])).values()]
}

function reactionTo(reactions: Reactions, { type, snapshot }: Received) {
  const react = Object.hasOwn(reactions, type) ? reactions[type] : undefined
  if (react === undefined || snapshot === null) return []
  return [(tx: Executor) => react(tx, snapshot as Stripe.Checkout.Session)]
}
