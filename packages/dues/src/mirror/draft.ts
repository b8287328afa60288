import type { Change, Loaded, TransitionRow, Write } from '../store/mirror.ts'
import type { Content, OrderColumns, RowOf } from '../store/rows.ts'
import { type Telling, tell } from './tellings.ts'
import { type IsAddOn, invoiceTransitions, subscriptionTransitions } from './transitions.ts'
import type { MirroredKind } from './types.ts'

/** The metadata key that says whose a customer or a subscription is. Dues writes it on everything it makes at Stripe. */
export const ownerKey = 'dues_owner'

/** Where a content stands in the order. The ticket is null where the database gives it with the write. */
export type Place = Omit<OrderColumns, 'ticket'> & {
  ticket: number | null
  /** The event or the ticket that brought it: names a change that Stripe gives no name. */
  mark: string | number
  /** When what is new happened, in Stripe's seconds, as near as is known: a reading can be a month later. */
  at: number
}

/**
 * What a write is going to be, while it is being decided: the rows that were loaded, changed in memory by one content
 * after another, with the transitions that come of each. Nothing here asks the database.
 */
export type Draft = {
  row<Kind extends MirroredKind>(kind: Kind, id: string): RowOf[Kind] | null
  put<Kind extends MirroredKind>(kind: Kind, content: Content<RowOf[Kind]>, place: Place): void
  link(customer: string, owner: string): void
  record(transitions: readonly TransitionRow[]): void
  /** Records what an event tells of an object that no row shows. */
  tell<Kind extends MirroredKind>(tells: Telling | null, kind: Kind, content: Content<RowOf[Kind]>, at: number): void
  /** Customers whose owner is known. */
  readonly owned: ReadonlySet<string>
  write(): Write
}

type Entry<Row> = { expected: number | null; row: Row; changed: boolean; ticket: number | null }
type Entries = { [Kind in MirroredKind]: Map<string, Entry<RowOf[Kind]>> }

export function createDraft(loaded: Loaded, isAddOn?: IsAddOn): Draft {
  const entries: Entries = {
    customer: entriesOf(loaded.customer),
    subscription: entriesOf(loaded.subscription),
    invoice: entriesOf(loaded.invoice),
  }
  const owned = new Set(loaded.owners.map(({ customer }) => customer))
  const links: { customer: string; owner: string }[] = []
  const transitions: TransitionRow[] = []

  const entriesFor = <Kind extends MirroredKind>(kind: Kind) => entries[kind] as Map<string, Entry<RowOf[Kind]>>
  const row: Draft['row'] = (kind, id) => entriesFor(kind).get(id)?.row ?? null
  const link = (customer: string, owner: string) => {
    if (owned.has(customer) || owner === '') return
    owned.add(customer)
    links.push({ customer, owner })
  }
  const transitionsOf = <Kind extends MirroredKind>(
    kind: Kind,
    content: Content<RowOf[Kind]>,
    { mark, at }: Place,
  ): TransitionRow[] => {
    if (kind === 'subscription') {
      const after = content as Content<RowOf['subscription']>
      // What began before Dues did is taken over silently: nobody wants a second welcome after two years.
      if (row('subscription', after.id) === null && after.created < (loaded.began ?? 0)) return []
      return subscriptionTransitions(row('subscription', after.id), after, { mark, at, ...(isAddOn && { isAddOn }) })
    }
    if (kind === 'invoice') {
      const after = content as Content<RowOf['invoice']>
      const subscription = after.subscription === null ? null : row('subscription', after.subscription)
      return invoiceTransitions(row('invoice', after.id), after, subscription, at)
    }
    return []
  }

  return {
    row,
    link,
    owned,
    record: (found) => void transitions.push(...found),
    tell(tells, kind, content, at) {
      if (tells === null) return
      const subscription = kind === 'invoice' && 'subscription' in content ? content.subscription : null
      const seen = subscription === null ? null : row('subscription', subscription)
      transitions.push(...tell(tells, kind, content, seen, at))
    },
    put(kind, content, { mark, at, ...place }) {
      transitions.push(...transitionsOf(kind, content, { mark, at, ...place }))
      const map = entriesFor(kind)
      const changed = { ...content, ...place, ticket: place.ticket ?? 0 } as unknown as RowOf[typeof kind]
      const expected = map.get(content.id)?.expected ?? null
      map.set(content.id, { expected, row: changed, changed: true, ticket: place.ticket })
      const owner = 'metadata' in content ? content.metadata[ownerKey] : undefined
      if (owner !== undefined) link('customer' in content ? content.customer : content.id, owner)
    },
    write: () => ({
      customer: changesOf(entries.customer),
      subscription: changesOf(entries.subscription),
      invoice: changesOf(entries.invoice),
      transitions,
      links,
    }),
  }
}

function entriesOf<Row extends { id: string; ticket: number }>(rows: readonly Row[]): Map<string, Entry<Row>> {
  return new Map(rows.map((row) => [row.id, { expected: row.ticket, row, changed: false, ticket: null }]))
}

function changesOf<Row extends { ticket: number }>(entries: Map<string, Entry<Row>>): Change<Row>[] {
  return [...entries.values()]
    .filter(({ changed }) => changed)
    .map(({ row, expected, ticket }) => ({ row: { ...row, ticket }, expected }))
}
