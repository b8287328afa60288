import { tellChannel } from './diagnostics.ts'
import { createDuplicateWatch } from './duplicates/watch.ts'
import { createFetcher, type FetcherOptions } from './jobs/fetcher.ts'
import { createJobs, type Jobs, type JobsOptions, type TransitionHooks } from './jobs/jobs.ts'
import { type Logger, silentLogger } from './logger.ts'
import { createMirror, type Mirror } from './mirror/mirror.ts'
import { createEventReader } from './reconcile/events.ts'
import { createReconcile, type ReconcileOptions, type ReconcileReport } from './reconcile/reconcile.ts'
import { readCursor } from './store/cursor.ts'
import type { Database } from './store/database.ts'
import { eventsById, type InboxHealth, inboxHealth, isAwaited, pruneEvents } from './store/inbox.ts'
import { migrate } from './store/migrate.ts'
import { type BreakerOptions, guardReader } from './stripe/breaker.ts'
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
  /** Unix seconds, by the clock that Stripe lives in; real time unless told. */
  now?: () => number
  logger?: Logger
  jobs?: Pick<JobsOptions, 'retries' | 'pollSeconds' | 'hookWorkers' | 'fetchAfterSeconds' | 'timeoutSeconds'>
  fetching?: Pick<FetcherOptions, 'spacingMs' | 'atOnce'>
  /** When Stripe is taken to be down, and for how long it is then left alone. */
  breaker?: BreakerOptions
  /** When what runs by itself runs, in cron's notation, UTC. */
  schedule?: { readEvents?: string; reconcile?: string; prune?: string }
}

/** How the engine is, for a health endpoint and for metrics. */
export type Health = {
  inbox: InboxHealth
  /** Hooks and fetches that failed for good. */
  deadJobs: number
  /** What the last whole reconcile found; null before the first. */
  lastReconcile: { compared: number; drifted: number } | null
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
  reconcile(options?: ReconcileOptions): Promise<ReconcileReport>
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

/** Makes the engine. Any number of them, in any number of processes, may share one database. */
export function createEngine({
  database,
  stripe: reader,
  webhookSecrets,
  hooks = {},
  reactions = {},
  endDuplicates = async () => undefined,
  now = () => Math.floor(Date.now() / 1000),
  logger = silentLogger,
  jobs: jobsOptions = {},
  fetching = {},
  breaker,
  schedule: {
    readEvents: readEventsCron = '*/10 * * * *',
    reconcile: reconcileCron = '17 3 * * *',
    prune = '47 4 * * *',
  } = {},
}: EngineOptions): Engine {
  const stripe = guardReader(reader, breaker)
  const jobs = createJobs({ database, hooks, logger, ...jobsOptions })
  const { outbox } = jobs
  const mirror = createMirror({ database, stripe, outbox, now, logger })
  const follow = createFollow({ database, mirror, stripe, outbox, reactions })

  const fetch = async (wanted: Wanted) => {
    const startedAt = performance.now()
    const told = (ok: boolean) =>
      tellChannel('dues:fetch', () => ({
        kind: wanted.kind,
        object: wanted.object,
        ok,
        milliseconds: performance.now() - startedAt,
      }))
    try {
      await follow(wanted)
      told(true)
    } catch (error) {
      told(false)
      throw error
    }
  }
  /** The job of a fetch that was made at once finds nothing left to do. */
  const fetchIfAwaited = async (wanted: Wanted) => {
    if (await isAwaited(database, wanted.kind, wanted.object)) await fetch(wanted)
  }

  const fetcher = createFetcher({ fetch: fetchIfAwaited, logger, ...fetching })
  const inbox = createInbox({ database, outbox, reactions, onWanted: fetcher.want, logger })
  const verify = createVerifier({ secrets: webhookSecrets, now })
  const { begin, readEvents } = createEventReader({ database, stripe, inbox, now, logger })
  const watch = createDuplicateWatch({ database, outbox, logger, everySeconds: jobsOptions.pollSeconds })
  const reconcile = createReconcile({ database, stripe, mirror, outbox, logger })

  let catchingUp: Promise<void> = Promise.resolve()

  const take = async (event: Received): Promise<Receipt> => {
    const startedAt = performance.now()
    const receipt = await inbox.receive(event)
    tellChannel('dues:event', () => ({
      id: event.id,
      type: event.type,
      outcome: receipt.outcome,
      milliseconds: performance.now() - startedAt,
    }))
    return receipt
  }

  return {
    mirror,
    jobs,
    readEvents,
    async receive(body, signature) {
      return take(verify(body, signature))
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
      tellChannel('dues:reconcile', () => ({
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
        readCursor<{ compared: number; drifted: number }>(database, 'reconciled'),
      ])
      const lastReconcile = last === null ? null : { compared: last.compared, drifted: last.drifted }
      return { inbox: inboxNow, deadJobs: dead.length, lastReconcile }
    },
    async start({ work = true } = {}) {
      await migrate(database)
      // Before the jobs: once those run, nothing here may fail, or they would run on without anybody who stops them.
      await begin()
      await jobs.start({
        work,
        fetch: fetchIfAwaited,
        endDuplicates,
        scheduled: {
          cursor: { cron: readEventsCron, run: async () => void (await readEvents()) },
          reconcile: { cron: reconcileCron, run: async () => void (await reconcile()) },
          prune: {
            cron: prune,
            run: async () => void (await pruneEvents(database, { olderThanDays: keepEventsDays })),
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
