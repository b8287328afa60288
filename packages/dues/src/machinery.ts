import type Stripe from 'stripe'
import type { Configuration } from './configure.ts'
import { createFetcher } from './jobs/fetcher.ts'
import { createJobs, type TransitionHooks } from './jobs/jobs.ts'
import { createMirror, type Mirror } from './mirror/mirror.ts'
import { releaseSession } from './store/checkouts.ts'
import type { Database, Executor } from './store/database.ts'
import { migrate } from './store/migrate.ts'
import { stripeReader } from './stripe/reader.ts'
import { createInbox, type Receipt } from './webhooks/inbox.ts'
import { createVerifier } from './webhooks/verify.ts'

/** What runs beneath the concerns: the mirror, the inbox that feeds it, the jobs that follow. */
export type Machinery = {
  readonly mirror: Mirror
  /** Verifies a delivery and keeps it; resolves when it is on disk. */
  receive(body: Uint8Array | string, signature: string | null): Promise<Receipt>
  start(): Promise<void>
  /** Finishes what is under way. */
  stop(): Promise<void>
}

/** Wires the lower half together, in the one place that knows all of it. */
export function createMachinery({
  configuration: { webhookSecrets, now, logger },
  database,
  stripe,
  hooks,
}: {
  configuration: Configuration
  database: Database
  stripe: Stripe
  hooks: TransitionHooks
}): Machinery {
  const jobs = createJobs({ database, hooks, logger })
  const { outbox } = jobs
  const mirror = createMirror({ database, stripe: stripeReader(stripe), outbox, now, logger })
  const fetch = ({ kind, object, account }: Parameters<Parameters<typeof createFetcher>[0]['fetch']>[0]) =>
    mirror.sync(kind, object, account)
  const fetcher = createFetcher({ fetch, logger })
  const inbox = createInbox({ database, outbox, reactions, onWanted: fetcher.want, logger })
  const verify = createVerifier({ secrets: webhookSecrets, now })
  return {
    mirror,
    receive: async (body, signature) => inbox.receive(verify(body, signature)),
    async start() {
      await migrate(database)
      await jobs.start({ fetch, scheduled: {} })
    },
    async stop() {
      // From the outside inwards: no more deliveries, then no more fetches, then no more jobs.
      await inbox.drain()
      await fetcher.stop()
      await jobs.stop()
      await database.close()
    },
  }
}

/** A Checkout that is over makes room for another, in the transaction of the event that tells it. */
const letGo = (tx: Executor, { id }: { id: string }) => releaseSession(tx, id)
const reactions = { 'checkout.session.completed': letGo, 'checkout.session.expired': letGo }
