import type { Executor } from '../store/database.ts'
import type { FollowableKind } from '../stripe/reader.ts'
import type { TransitionType } from './types.ts'

/** What a write leaves to be done later. */
export type Job =
  | { name: 'hook'; transition: string; type: TransitionType }
  | { name: 'fetch'; kind: FollowableKind; object: string; account: string | null }
  | { name: 'duplicates'; owner: string }

/** Takes jobs inside the transaction that causes them, so that a crash loses neither the change nor what follows from it. */
export type Outbox = {
  /** Transitions that the app has a hook for. The others need no job. */
  readonly hooked: ReadonlySet<TransitionType>
  enqueue(tx: Executor, jobs: readonly Job[]): Promise<void>
}

/** For a mirror without jobs: nothing follows. */
export const noOutbox: Outbox = { hooked: new Set(), enqueue: async () => undefined }
