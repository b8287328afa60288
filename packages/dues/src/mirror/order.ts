import type { OrderColumns } from '../store/rows.ts'

/** What a snapshot is told to do: write it, leave it, or ask Stripe because it cannot be told. */
export type SnapshotVerdict = 'write' | 'ignore' | 'fetch'

/** What a fetch is told to do: write it, drop it because a better answer won, or ask Stripe again. */
export type FetchVerdict = 'write' | 'drop' | 'again'

/** A fetch: its ticket, taken before Stripe was asked, and the seconds between which it was answered. */
export type Reading = { ticket: number; lo: number; hi: number }

/**
 * The interval rule for the snapshot of an event. `created` is the event's, in whole seconds.
 * Equal seconds cannot be told apart, so they are a question for Stripe, and so is everything under a test clock,
 * whose time is not the time of the `Date` header. See "Order" in ARCHITECTURE.md.
 */
export function judgeSnapshot(
  row: OrderColumns | null,
  snapshot: { created: number; clocked: boolean },
): SnapshotVerdict {
  if (snapshot.clocked) return 'fetch'
  if (row === null || snapshot.created > row.as_of_hi) return 'write'
  return snapshot.created < row.as_of_lo ? 'ignore' : 'fetch'
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

export function isTerminal(content: { status?: string | null; deleted?: boolean }): boolean {
  return content.deleted === true || (typeof content.status === 'string' && terminalStatuses.has(content.status))
}

/** Whether `next` would bring something back from the dead. */
export function revives(
  row: { status?: string | null; deleted?: boolean } | null,
  next: { status?: string | null; deleted?: boolean },
): boolean {
  return row !== null && isTerminal(row) && !isTerminal(next)
}
