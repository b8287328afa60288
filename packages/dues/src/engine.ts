import { createBackfill } from './backfill/backfill.ts'
import type { BackfillOptions, BackfillReport, OwnerOf } from './backfill/types.ts'
import { type Tell, tellChannels } from './diagnostics.ts'
import { createDuplicateWatch } from './duplicates/watch.ts'
import { DuesError } from './errors.ts'
import { type Health, healthOf } from './health.ts'
import { createFetcher, type FetcherOptions } from './jobs/fetcher.ts'
import { createJobs, type Jobs, type JobsOptions, type TransitionHooks } from './jobs/jobs.ts'
import { type Logger, silentLogger } from './logger.ts'
import { createMirror, type Mirror } from './mirror/mirror.ts'
import type { FollowUp, Outbox } from './mirror/outbox.ts'
import type { IsAddOn } from './mirror/transitions.ts'
import { createEventReader } from './reconcile/events.ts'
import { createReconcile, type ReconcileOptions, type ReconcileReport } from './reconcile/reconcile.ts'
import { readCursor } from './store/cursor.ts'
import type { Database } from './store/database.ts'
import { eventsById, inboxHealth, isAwaited, pruneEvents } from './store/inbox.ts'
import { migrate } from './store/migrate.ts'
import { pruneUsage } from './store/usage.ts'
import { type BreakerOptions, type BreakerState, guardReader } from './stripe/breaker.ts'
import type { StripeReader } from './stripe/reader.ts'
import type { Wanted } from './webhooks/fold.ts'
import { createFollow } from './webhooks/follow.ts'
import { createInbox, type Reactions, type Receipt } from './webhooks/inbox.ts'
import { createVerifier, type Received, readEvent } from './webhooks/verify.ts'

export type EngineOptions = {
  database: Database
  stripe: StripeReader
  /** The secrets of all endpoints, and both of one that is being rolled. */
  webhookSecrets: readonly string[]
  hooks?: TransitionHooks
  /** What other concerns do in the transaction of an event. */
  reactions?: Reactions
  /** Ends what an owner pays for twice; only the catalogue knows what that is. */
  endDuplicates?: (owner: string) => Promise<void>
  /** Tells Stripe's meter of one use. */
  reportUsage?: (entry: number) => Promise<void>
  /** What Dues does by itself after a transition, and how. */
  followUps?: { after: NonNullable<Outbox['followUps']>; run: (task: FollowUp, id: string) => Promise<void> }
  /** Unix seconds, by the clock that Stripe lives in; real time unless told. */
  now?: () => number
  logger?: Logger
  /** Whose a customer is that does not say so itself, for a backfill. */
  ownerOf?: OwnerOf | undefined
  /** Told after a commit whose membership may be another now; see `Outbox`. */
  onChanged?: Outbox['changed']
  /** Tells a change of add-ons from one of the plan; only the catalogue knows what is one. */
  isAddOn?: IsAddOn
  tell?: Tell
  jobs?: Pick<JobsOptions, 'retries' | 'pollSeconds' | 'hookWorkers' | 'fetchAfterSeconds' | 'timeoutSeconds' | 'clock'>
  fetching?: Pick<FetcherOptions, 'spacingMs' | 'atOnce'>
  /** Seconds between two looks for owners with two live subscriptions. */
  watchSeconds?: number
  /** When Stripe is taken to be down, and for how long it is then left alone. */
  breaker?: BreakerOptions
  /** When what runs by itself runs, in cron's notation, UTC. */
  schedule?: { readEvents?: string; reconcile?: string; prune?: string }
}

/** Everything that keeps the mirror equal to Stripe: deliveries in, jobs, the reading of events, reconcile. */
export interface Engine {
  readonly mirror: Mirror
  readonly jobs: Jobs
  /**
   * Takes a delivery as it came: verifies it, and resolves when it is on disk. Answer 2xx then, and only then.
   * @throws DuesError `signature_invalid`, `payload_invalid` (400), `database_unavailable` (503)
   */
  receive(body: string | Uint8Array, signature: string | null): Promise<Receipt>
  /** Runs events of the inbox again: a dead one as if it had just come, another by fetching its object. @returns how many */
  replay(ids: readonly string[]): Promise<number>
  /** Reads Stripe's list of events and takes what no delivery brought. */
  readEvents(): Promise<{ found: number }>
  /** Compares the mirror with Stripe and mends it, and reads the events that no delivery brought: together they find all that was lost. */
  reconcile(options?: ReconcileOptions): Promise<ReconcileReport>
  backfill(options?: BackfillOptions): Promise<BackfillReport>
  health(): Promise<Health>
  /**
   * Migrates, starts the jobs, and reads the events that came while nobody was there. With `work: false` only what
   * a command needs that looks or mends: the app's own processes do the jobs.
   */
  start(options?: { work?: boolean }): Promise<void>
  /** Finishes what is under way and starts nothing more. The database stays open. */
  stop(): Promise<void>
}

/** As long as Stripe lists events, and a few days more, so that an event is never found that the inbox has forgotten. */
const keepEventsDays = 35

/** How long a use is known by its key, so that asking for it again counts nothing. */
const keepUsesDays = 90

/** Makes the engine. Any number of them, in any number of processes, may share one database. */
export function createEngine({
  database,
  stripe: reader,
  webhookSecrets,
  hooks = {},
  reactions = {},
  endDuplicates = async () => undefined,
  reportUsage = async () => undefined,
  followUps,
  now = () => Math.floor(Date.now() / 1000),
  logger = silentLogger,
  onChanged,
  isAddOn,
  ownerOf,
  tell = tellChannels,
  jobs: jobsOptions = {},
  fetching = {},
  watchSeconds = jobsOptions.pollSeconds,
  breaker,
  schedule: {
    readEvents: readEventsCron = '*/10 * * * *',
    reconcile: reconcileCron = '17 3 * * *',
    prune = '47 4 * * *',
  } = {},
}: EngineOptions): Engine {
  let stripeIs: BreakerState = 'closed'
  const onState = (state: BreakerState) => {
    stripeIs = state
    tell('dues:breaker', () => ({ state }))
  }
  const stripe = guardReader(reader, { onState, ...breaker })
  const jobs = createJobs({ database, hooks, logger, tell, followUps: followUps?.after, ...jobsOptions })
  const outbox: Outbox = onChanged === undefined ? jobs.outbox : { ...jobs.outbox, changed: onChanged }
  const mirror = createMirror({ database, stripe, outbox, now, logger, isAddOn })
  const follow = createFollow({ database, mirror, stripe, outbox, reactions })

  const fetch = async (wanted: Wanted, options?: { attempts: number }) => {
    const startedAt = performance.now()
    const told = (ok: boolean) =>
      tell('dues:fetch', () => ({
        kind: wanted.kind,
        object: wanted.object,
        ok,
        milliseconds: performance.now() - startedAt,
      }))
    try {
      await follow(wanted, options)
      told(true)
    } catch (error) {
      // `busy`: Stripe answered, and a delivery was quicker. It is asked again, and nothing is wrong.
      told(error instanceof DuesError && error.code === 'busy')
      throw error
    }
  }
  /** The job of a fetch that was made at once finds nothing left to do. */
  const fetchIfAwaited = async (wanted: Wanted) => {
    if (await isAwaited(database, wanted.kind, wanted.object)) await fetch(wanted, { attempts: 1 })
  }

  const fetcher = createFetcher({ fetch: fetchIfAwaited, logger, ...fetching })
  const inbox = createInbox({ database, outbox, reactions, onWanted: fetcher.want, logger, isAddOn })
  const verify = createVerifier({ secrets: webhookSecrets, now })
  const { begin, readEvents } = createEventReader({ database, stripe, inbox, now, logger })
  const watch = createDuplicateWatch({ database, outbox, logger, everySeconds: watchSeconds })
  const reconcile = createReconcile({ database, stripe, mirror, outbox, now, logger, isAddOn })
  const backfill = createBackfill({ database, stripe, outbox, reconcile, ownerOf })

  let catchingUp: Promise<void> = Promise.resolve()

  const take = async (event: Received): Promise<Receipt> => {
    const startedAt = performance.now()
    const receipt = await inbox.receive(event)
    tell('dues:event', () => ({
      id: event.id,
      type: event.type,
      outcome: receipt.outcome,
      milliseconds: performance.now() - startedAt,
    }))
    return receipt
  }

  const verified = (body: string | Uint8Array, signature: string | null): Received => {
    try {
      return verify(body, signature)
    } catch (error) {
      if (error instanceof DuesError) tell('dues:refused', () => ({ code: error.code }))
      throw error
    }
  }

  return {
    mirror,
    jobs,
    readEvents,
    backfill,
    async receive(body, signature) {
      return take(verified(body, signature))
    },
    async replay(ids) {
      const events = await eventsById(database, ids)
      for (const { state, kind, object, account, payload } of events) {
        const event = readEvent(JSON.parse(payload), payload)
        if (state === 'dead' && event !== null) await take(event)
        else if (kind !== null && object !== null) await fetch({ kind: kind as Wanted['kind'], object, account })
      }
      return events.length
    },
    async reconcile(options) {
      const report = await reconcile(options)
      // Stripe's list of open invoices shows no paid one, and no object tells what became of it on the way: the events do.
      if (options?.mend !== false && options?.signal?.aborted !== true) await readEvents()
      tell('dues:reconcile', () => ({
        run: report.run,
        compared: report.compared,
        drifted: report.drifted,
      }))
      return report
    },
    async health() {
      const [inboxNow, dead, last] = await Promise.all([
        inboxHealth(database),
        jobs.deadJobs(),
        readCursor<NonNullable<Health['lastReconcile']>>(database, 'reconciled'),
      ])
      const { compared = 0, drifted = 0, unowned = 0, unknown = 0, at = null } = last ?? {}
      const lastReconcile = last === null ? null : { compared, drifted, unowned, unknown, at }
      // While one question is on its way to see whether it is back, it is not back yet.
      const stripe = stripeIs === 'closed' ? 'up' : 'down'
      return healthOf({ inbox: inboxNow, deadJobs: dead.length, lastReconcile, stripe })
    },
    async start({ work = true } = {}) {
      await migrate(database)
      // Before the jobs: once those run, nothing here may fail, or they would run on without anybody who stops them.
      await begin()
      await jobs.start({
        work,
        fetch: fetcher.fetched,
        endDuplicates,
        reportUsage,
        ...(followUps && { followUp: followUps.run }),
        scheduled: {
          cursor: { cron: readEventsCron, run: async () => void (await readEvents()) },
          reconcile: { cron: reconcileCron, run: async () => void (await reconcile()) },
          prune: {
            cron: prune,
            run: async () => {
              await pruneEvents(database, { olderThanDays: keepEventsDays })
              await pruneUsage(database, { olderThanDays: keepUsesDays })
            },
          },
        },
      })
      if (!work) return
      watch.start()
      // Not waited for: an app must start while Stripe is down. Access goes on from the mirror, and the schedule reads later.
      catchingUp = readEvents().then(
        () => undefined,
        (error: unknown) => {
          logger.warn({ err: error }, "Stripe's events could not be read at start; they are read again on schedule")
        },
      )
    },
    async stop() {
      await atMost(catchingUp, 2_000)
      await watch.stop()
      await inbox.drain()
      await fetcher.stop()
      await jobs.stop()
    },
  }
}

/** Waits for something that may hang on a network, but not for ever. */
async function atMost(work: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const bound = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  await Promise.race([work, bound])
  clearTimeout(timer)
}
