import { isDeepStrictEqual } from 'node:util'
import type Stripe from 'stripe'
import { chargeTransitions } from '../mirror/charges.ts'
import { contentOf, happenedAt, idOf, isReadable, mentions, type ObjectOf } from '../mirror/contents.ts'
import { type Draft, ownerKey } from '../mirror/draft.ts'
import { isTerminal, judgeSnapshot } from '../mirror/order.ts'
import type { Telling } from '../mirror/tellings.ts'
import { keepable } from '../mirror/text.ts'
import type { MirroredKind } from '../mirror/types.ts'
import type { InboxRow } from '../store/mirror.ts'
import type { Content, RowOf } from '../store/rows.ts'
import type { FollowableKind } from '../stripe/reader.ts'
import { type Meaning, meaningOf } from './registry.ts'
import type { Received } from './verify.ts'

/** What has to be fetched before the mirror shows what an event tells. */
export type Wanted = { kind: FollowableKind; object: string; account: string | null }

/** What became of one event: its row for the inbox, and what is to be fetched for it. */
export type Folded = { row: InboxRow; wanted: Wanted | null }

/** Kinds that a thin event may be about and that can be followed to something of the mirror's. */
const followable = new Set<string>([
  'customer',
  'subscription',
  'invoice',
  'charge',
  'dispute',
  'checkout.session',
  'subscription_schedule',
] satisfies FollowableKind[])

/** The ids that have to be loaded before an event can be folded. */
export function neededBy({ type, snapshot }: Received): ReturnType<typeof mentions> {
  const meaning = meaningOf(type)
  const nothing = { customer: [], subscription: [], invoice: [], owners: [] }
  if (meaning === null || snapshot === null) return nothing
  if (meaning.as === 'snapshot' && snapshot.id !== undefined) {
    return mentions(meaning.kind, snapshot as ObjectOf[MirroredKind])
  }
  if (meaning.as === 'charge') {
    return { ...nothing, owners: present(idOf((snapshot as Stripe.Charge).customer)) }
  }
  if (meaning.as === 'session') {
    const { customer, subscription } = snapshot as Stripe.Checkout.Session
    return { ...nothing, owners: present(idOf(customer)), subscription: present(idOf(subscription)) }
  }
  return nothing
}

/** Folds one event into the draft. Throws on a body that cannot be understood; the draft is then as it was. */
export function fold(draft: Draft, event: Received): Folded {
  const meaning = event.related === null ? meaningOf(event.type) : meaningOfThin(event.type, event.related.type)
  if (meaning === null) return settled(event)
  if (event.related !== null) {
    const tells = meaning.as === 'snapshot' ? meaning.tells : undefined
    return waiting(event, event.related.type as FollowableKind, event.related.id, tells)
  }
  // An upcoming invoice is one of those: it does not exist yet.
  if (event.snapshot?.id === undefined) return settled(event)
  switch (meaning.as) {
    case 'snapshot':
      return foldSnapshot(draft, event, meaning, event.snapshot.id)
    case 'charge': {
      const charge = event.snapshot as Stripe.Charge
      // How its dispute stands is told by the dispute alone.
      if (charge.disputed) return waiting(event, 'charge', charge.id)
      draft.record(chargeTransitions(charge, event.created))
      return settled(event)
    }
    case 'points': {
      const id = meaning.to(event.snapshot as never)
      return id === null ? settled(event) : waiting(event, meaning.kind, id)
    }
    case 'session':
      return foldSession(draft, event, event.snapshot as Stripe.Checkout.Session)
  }
}

function foldSnapshot(
  draft: Draft,
  event: Received,
  { kind, deletes, tells }: Meaning & { as: 'snapshot' },
  id: string,
): Folded {
  const object = event.snapshot as ObjectOf[MirroredKind]
  if (!isReadable(kind, object)) return waiting(event, kind, id, tells)
  const row = draft.row(kind, id)
  const content = contentOf(kind, object, event.account, row)
  if (content === null) return settled(event)
  if (deletes && 'deleted' in content) content.deleted = true

  const verdict = judgeSnapshot(row, {
    created: event.created,
    clocked: content.test_clock !== null,
    terminal: isTerminal(content),
    same: () => row !== null && isSame(row, content),
  })
  const at = happenedAt(kind, object) ?? event.created
  const place = { ticket: null, fetched: false, mark: event.id, at }
  if (verdict === 'write' || verdict === 'writeAndFetch') {
    draft.put(kind, content, { ...place, as_of_lo: event.created, as_of_hi: event.created })
  } else if (verdict === 'confirm' && row !== null) {
    draft.put(kind, content, { ...place, as_of_lo: row.as_of_lo, as_of_hi: row.as_of_hi })
  }
  draft.tell(tells ?? null, kind, content, event.created)
  return verdict === 'fetch' || verdict === 'writeAndFetch' ? waiting(event, kind, id) : settled(event, kind, id)
}

/** A session of our own says whose its customer is. Its subscription is fetched if no event of its own was here before. */
function foldSession(draft: Draft, event: Received, session: Stripe.Checkout.Session): Folded {
  linkSession(draft, session)
  const subscription = idOf(session.subscription)
  if (subscription === null || draft.row('subscription', subscription) !== null) return settled(event)
  return waiting(event, 'subscription', subscription)
}

/** Another app on the same Stripe account may use `client_reference_id` for something else; the metadata is ours. */
export function linkSession(draft: Pick<Draft, 'link'>, session: Stripe.Checkout.Session): void {
  const customer = idOf(session.customer)
  const owner = session.metadata?.[ownerKey]
  if (customer !== null && owner !== undefined && owner === session.client_reference_id) draft.link(customer, owner)
}

/**
 * A thin event has the type of its snapshot twin behind a `v1.`, or one of its own, finer than those (`….past_due`).
 * Of charges, only those count that the registry names: every payment makes some.
 */
function meaningOfThin(type: string, related: string): Meaning | null {
  if (!type.startsWith('v1.') || !followable.has(related)) return null
  const twin = meaningOf(type.slice('v1.'.length))
  if (twin !== null) return twin
  return related === 'subscription' || related === 'customer' || related === 'invoice'
    ? { as: 'snapshot', kind: related }
    : null
}

function isSame<Kind extends MirroredKind>(row: RowOf[Kind], content: Content<RowOf[Kind]>): boolean {
  return Object.entries(content).every(([column, value]) => isDeepStrictEqual(row[column as keyof typeof row], value))
}

function rowOf({ id, type, account, created, payload }: Received): InboxRow {
  const about = { kind: null, object: null, tells: null, error: null }
  return { id, type, account, created, payload, state: 'applied', ...about }
}

function settled(event: Received, kind: string | null = null, object: string | null = null): Folded {
  return { row: { ...rowOf(event), kind, object }, wanted: null }
}

function waiting(event: Received, kind: FollowableKind, object: string, tells: Telling | null = null): Folded {
  return {
    row: { ...rowOf(event), kind, object, tells, state: 'waiting' },
    wanted: { kind, object, account: event.account },
  }
}

/** An event that nobody can read stays on disk, with the reason, for somebody to look at and replay. */
export function dead(event: Received, error: unknown): Folded {
  const reason = error instanceof Error ? error.message : String(error)
  return { row: { ...rowOf(event), state: 'dead', error: keepable(reason.slice(0, 2_000)) }, wanted: null }
}

function present(id: string | null): string[] {
  return id === null ? [] : [id]
}
