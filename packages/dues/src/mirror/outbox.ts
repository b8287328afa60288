import type { Executor } from '../store/database.ts'
import type { FollowableKind } from '../stripe/reader.ts'
import type { TransitionType } from './types.ts'

/** What a write leaves to be done later. */
export type Job =
  | { name: 'hook'; transition: string; type: TransitionType }
  | { name: 'fetch'; kind: FollowableKind; object: string; account: string | null }
  | { name: 'duplicates'; owner: string }
  | { name: 'usage'; entry: number }

/** Takes jobs inside the transaction that causes them, so that a crash loses neither the change nor what follows from it. */
export type Outbox = {
  /** Transitions that the app has a hook for. The others need no job. */
  readonly hooked: ReadonlySet<TransitionType>
  enqueue(tx: Executor, jobs: readonly Job[]): Promise<void>
  /**
   * Told after a commit, before whoever wrote goes on, whose membership may be another now: what this process wrote it must never again
   * remember otherwise. `all` where nobody knows whether a write was carried out.
   */
  changed?(owners: readonly string[] | 'all'): void
}

/** For a mirror without jobs: nothing follows. */
export const noOutbox: Outbox = { hooked: new Set(), enqueue: async () => undefined }
