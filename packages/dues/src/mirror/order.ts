import type { OrderColumns } from '../store/rows.ts'

/**
 * What a snapshot is told to do: write it, leave it, or ask Stripe because it cannot be told.
 * `confirm`: it cannot be told, but it shows what the row shows. The row takes a new ticket and nothing else.
 * `writeAndFetch`: what has ended has ended, whatever the second says; the details are asked for.
 */
export type SnapshotVerdict = 'write' | 'ignore' | 'fetch' | 'confirm' | 'writeAndFetch'

/** What a fetch is told to do: write it, drop it because a better answer won, or ask Stripe again. */
export type FetchVerdict = 'write' | 'drop' | 'again'

/** A fetch: its ticket, taken before Stripe was asked, and the seconds between which it was answered. */
export type Reading = { ticket: number; lo: number; hi: number }

/** What the rule has to know of a snapshot. */
export type Snapshot = {
  /** The event's, in whole seconds of Stripe's clock. */
  created: number
  /** Under a test clock, whose time is not the time of the `Date` header. */
  clocked: boolean
  /** It shows a state that is never left. */
  terminal: boolean
  /** Whether it shows exactly what the row shows. Asked only where the seconds cannot tell. */
  same: () => boolean
}

/**
 * The interval rule for the snapshot of an event. Equal seconds cannot be told apart, so they are a question for
 * Stripe, and so is everything under a test clock. See "Order" in ARCHITECTURE.md, and model.test.ts, which tries to
 * break it.
 */
export function judgeSnapshot(row: (OrderColumns & Mortal) | null, snapshot: Snapshot): SnapshotVerdict {
  const ended = row !== null && isTerminal(row)
  // Older than the end, whatever its second says; or read by a Stripe that had not caught up.
  if (ended && !snapshot.terminal) return 'ignore'
  const dies = snapshot.terminal && !ended
  if (snapshot.clocked) return dies ? 'writeAndFetch' : 'fetch'
  if (row === null || snapshot.created > row.as_of_hi) return 'write'
  if (dies) return 'writeAndFetch'
  if (snapshot.created < row.as_of_lo) return 'ignore'
  // Without the new ticket a fetch that read something in between could still win.
  return snapshot.same() ? 'confirm' : 'fetch'
}

/**
 * The ticket rule for a fetch.
 * A loser of another fetch may go: the winner's ticket is higher, so it asked Stripe later than the loser was wanted.
 * A loser of a snapshot may not, unless it is older beyond doubt: the snapshot can be older than what the fetch was for.
 */
export function judgeFetch(row: OrderColumns | null, reading: Reading): FetchVerdict {
  if (row === null || row.ticket < reading.ticket) return 'write'
  if (row.fetched || reading.hi < row.as_of_lo) return 'drop'
  return 'again'
}

/** States that Stripe never leaves. What says otherwise was read too early. */
const terminalStatuses = new Set(['canceled', 'incomplete_expired'])

/** What may end: a subscription by its status, a customer or a draft invoice by being deleted. */
export type Mortal = { status?: string | null; deleted?: boolean }

export function isTerminal(content: Mortal): boolean {
  return content.deleted === true || (typeof content.status === 'string' && terminalStatuses.has(content.status))
}

/** Whether `next` would bring something back from the dead. */
export function revives(row: Mortal | null, next: Mortal): boolean {
  return row !== null && isTerminal(row) && !isTerminal(next)
}
