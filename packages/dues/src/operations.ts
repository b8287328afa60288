import type { Engine } from './engine.ts'
import type { Health } from './health.ts'
import type { DeadJob } from './jobs/jobs.ts'
import type { ReconcileOptions, ReconcileReport } from './reconcile/reconcile.ts'
import type { Database } from './store/database.ts'
import { type Drift, lastDrift } from './store/drift.ts'
import { type InboxEvent, listEvents } from './store/inbox.ts'
import type { Receipt } from './webhooks/inbox.ts'

/** `dues.webhooks` */
export interface WebhooksFacade {
  /**
   * Takes a delivery as it came, for an app that mounts its webhook elsewhere than at `/billing/webhook`. Answer 2xx when it resolves,
   * and only then.
   *
   * Errors: `signature_invalid`, `payload_invalid` (400), `database_unavailable` (503: Stripe sends it again).
   *
   * @param body the raw body, byte for byte
   * @param signature the `Stripe-Signature` header
   * @see https://docs.stripe.com/webhooks
   */
  receive(body: string | Uint8Array, signature: string | null): Promise<Receipt>
  /** What was received, the newest first: all of it, or what waits for Stripe, or what could not be applied. */
  list(options?: { state?: InboxEvent['state']; limit?: number }): Promise<InboxEvent[]>
  /** Runs events again: a dead one as if it had just come, another by fetching its object. Answers how many there were. */
  replay(ids: readonly string[]): Promise<number>
  /** Reads Stripe's list of events (30 days) and takes what no delivery brought. Runs by itself every ten minutes. */
  readEvents(): Promise<{ found: number }>
}

/** `dues.jobs` */
export interface JobsFacade {
  /** Hooks and fetches that failed for good, the newest first. */
  dead(): Promise<DeadJob[]>
  /** Tries dead ones again: those named, or all. Answers how many. */
  revive(ids?: readonly string[]): Promise<number>
}

/** What an operator of the app asks for: beside the concerns that members ask for. */
export type Operations = {
  readonly webhooks: WebhooksFacade
  readonly jobs: JobsFacade
  readonly reconcile: (options?: ReconcileOptions) => Promise<ReconcileReport>
  readonly drift: (options?: { limit?: number }) => Promise<Drift[]>
  readonly backfill: Engine['backfill']
  readonly health: () => Promise<Health>
}

export function createOperations(engine: Engine, database: Database): Operations {
  return {
    webhooks: {
      receive: engine.receive,
      list: (options) => listEvents(database, options),
      replay: engine.replay,
      readEvents: engine.readEvents,
    },
    jobs: { dead: engine.jobs.deadJobs, revive: engine.jobs.revive },
    reconcile: engine.reconcile,
    drift: ({ limit = 100 } = {}) => lastDrift(database, limit),
    backfill: engine.backfill,
    health: engine.health,
  }
}
