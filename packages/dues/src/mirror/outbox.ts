import type { Executor } from '../store/database.ts'
import type { FollowableKind } from '../stripe/reader.ts'
import type { TransitionType } from './types.ts'

/** What a write leaves to be done later. */
export type Job =
  | { name: 'hook'; transition: string; type: TransitionType }
  | { name: 'fetch'; kind: FollowableKind; object: string; account: string | null }
  | { name: 'duplicates'; owner: string }
  | { name: 'usage'; entry: number }
  /** `after`: in so many seconds, and in place of any other that waits. */
  | { name: 'followUp'; task: FollowUp; id: string; after?: number }

/** What Dues does by itself after something has happened; `id` is a transition's key, a Checkout session's or a subscription's id. */
export type FollowUp = 'adoptCard' | 'closeInvoices' | 'endDisputed' | 'endRefunded' | 'planAgain' | 'settleEnd'

/** Takes jobs inside the transaction that causes them, so that a crash loses neither the change nor what follows from it. */
export type Outbox = {
  /** Transitions that the app has a hook for. The others need no job. */
  readonly hooked: ReadonlySet<TransitionType>
  /** Transitions after which Dues has something to do itself, in a job of its own: a hook that fails must not hold it up, nor it the hook. */
  readonly followUps?: ReadonlyMap<TransitionType, FollowUp>
  enqueue(tx: Executor, jobs: readonly Job[]): Promise<void>
  /**
   * Told after a commit, before whoever wrote goes on, whose membership may be another now: what this process wrote it must never again
   * remember otherwise. `all` where nobody knows whether a write was carried out.
   */
  changed?(owners: readonly string[] | 'all'): void
}

/** For a mirror without jobs: nothing follows. */
export const noOutbox: Outbox = { hooked: new Set(), enqueue: async () => undefined }
