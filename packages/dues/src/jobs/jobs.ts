import { type Clock, PgBoss, type Queue } from 'pg-boss'
import { type Tell, tellChannels } from '../diagnostics.ts'
import { DuesError } from '../errors.ts'
import { type Logger, silentLogger } from '../logger.ts'
import type { FollowUp, Job, Outbox } from '../mirror/outbox.ts'
import type { TransitionType } from '../mirror/types.ts'
import type { Database } from '../store/database.ts'
import { keepWaiting } from '../store/jobs.ts'
import { markHooked, type RecordedTransition, transitionByKey } from '../store/membership.ts'
import type { Wanted } from '../webhooks/fold.ts'
import { bossDatabase, bossTransaction } from './executor.ts'
import { deadQueues, defaultRetries, jobsSchema, queueNames, queues } from './queues.ts'

/** A transition whose owner is known: what a hook is told. Its `key` is the same each time that it is told. */
export type OwnedTransition = RecordedTransition & { owner: string }

/** The app's code for each transition. One that throws is tried again, alone. */
export type TransitionHooks = {
  readonly [Type in TransitionType]?: (transition: OwnedTransition) => void | Promise<void>
}

/** What the jobs do, given when they start. */
export type Work = {
  fetch(wanted: Wanted): Promise<void>
  /** Ends what an owner pays for twice. */
  endDuplicates(owner: string): Promise<void>
  /** Tells Stripe's meter of one use. */
  reportUsage?(entry: number): Promise<void>
  /** Does what Dues itself has to do after something has happened. */
  followUp?(task: FollowUp, id: string): Promise<void>
  /** By queue: run on a schedule, by one process at a time. */
  scheduled: { readonly [Name in 'cursor' | 'reconcile' | 'prune']?: { cron: string; run: () => Promise<void> } }
  /** False: only connects, to look and to make jobs; other processes do them. */
  work?: boolean
}

/** A job that failed for good, with the last reason. */
export type DeadJob = { id: string; queue: string; data: object; reason: string; diedAt: Date }

export interface Jobs {
  /** Where the mirror and the inbox put what has to be done later, in their own transactions. */
  readonly outbox: Outbox
  start(work: Work): Promise<void>
  /** Finishes what is being worked on, up to the given time; the rest stays in the database for another process. */
  stop(options?: { timeoutMs?: number }): Promise<void>
  /** What failed for good, the newest first. */
  deadJobs(): Promise<DeadJob[]>
  /** Puts dead jobs back into their queues. @returns how many */
  revive(ids?: readonly string[]): Promise<number>
}

export type JobsOptions = {
  database: Database
  hooks?: TransitionHooks
  logger?: Logger
  retries?: typeof defaultRetries
  /** Seconds between looks for jobs of other processes; those of this one are taken at once. */
  pollSeconds?: number
  /** Hooks that run at once in this process. */
  hookWorkers?: number
  /** A fetch is tried at once by the process that took the event; the job is for when that fails or the process dies. */
  fetchAfterSeconds?: number
  /** How long a job may take. One that has not ended by then, or whose process has died, is tried again. */
  timeoutSeconds?: { fetch: number; hook: number }
  /** By which pg-boss waits between two looks; for simulations, which have no time to wait. */
  clock?: Clock | undefined
  tell?: Tell
  followUps?: Outbox['followUps'] | undefined
}

/** Makes the jobs, on pg-boss, in the same database. */
export function createJobs({
  database,
  hooks = {},
  logger = silentLogger,
  retries = defaultRetries,
  pollSeconds = 2,
  hookWorkers = 4,
  fetchAfterSeconds = 5,
  timeoutSeconds = { fetch: 120, hook: 300 },
  clock,
  tell = tellChannels,
  followUps = new Map(),
}: JobsOptions): Jobs {
  let boss: PgBoss | null = null
  const hookLoops: string[] = []

  const running = (): PgBoss => {
    if (boss === null) throw new DuesError('settings_invalid', 'The jobs are not running: call `start()` first.')
    return boss
  }

  const enqueue: Outbox['enqueue'] = async (tx, jobs) => {
    const options = { db: bossTransaction(tx) }
    const fetches = jobs.flatMap((job) => (job.name === 'fetch' ? [job] : []))
    const hookJobs = jobs.flatMap((job) => (job.name === 'hook' ? [job] : []))
    if (fetches.length > 0) {
      await keepWaiting(tx, queueNames.fetch, fetches.map(fetchKey))
      await running().insert(
        queueNames.fetch,
        fetches.map((job) => fetchInsert(job, fetchAfterSeconds)),
        options,
      )
    }
    const owners = jobs.flatMap((job) => (job.name === 'duplicates' ? [job.owner] : []))
    if (owners.length > 0)
      await running().insert(
        queueNames.duplicates,
        owners.map((owner) => ({ data: { owner }, singletonKey: owner })),
        options,
      )
    const entries = jobs.flatMap((job) => (job.name === 'usage' ? [job.entry] : []))
    if (entries.length > 0)
      await running().insert(
        queueNames.usage,
        entries.map((entry) => ({ data: { entry } })),
        options,
      )
    const following = jobs.flatMap((job) => (job.name === 'followUp' ? [job] : []))
    if (following.length > 0) await running().insert(queueNames.followUp, following.map(followUpInsert), options)
    if (hookJobs.length > 0) {
      await running().insert(
        queueNames.hook,
        hookJobs.map(({ transition, type }) => ({ data: { transition, type } })),
        options,
      )
      // The commit is a moment away. A worker that looks too early looks again: see wake().
      wake()
    }
  }

  /** Wakes the hook workers of this process now and a little later, when the transaction has surely been committed. */
  let waking: NodeJS.Timeout | null = null
  const wake = () => {
    waking ??= setTimeout(() => {
      waking = null
      for (const loop of hookLoops) boss?.notifyWorker(loop)
    }, 20)
  }

  const runHook = async ({ transition: key, type }: { transition: string; type: TransitionType }) => {
    const transition = await transitionByKey(database, key)
    const hook = hooks[type]
    if (transition === null || hook === undefined) {
      logger.warn({ transition: key, type }, 'a hook has nothing to run for; it is left out')
      return
    }
    // The link was taken away again. The transition waits for another.
    if (transition.owner === null) return markHooked(database, [key], false)
    const startedAt = performance.now()
    const told = (error: string | null) =>
      tell('dues:hook', () => ({ transition: key, type, error, milliseconds: performance.now() - startedAt }))
    try {
      await hook({ ...transition, owner: transition.owner })
      told(null)
    } catch (error) {
      told(error instanceof Error ? error.message : String(error))
      logger.warn({ transition: key, type, err: error }, 'a hook threw; it is tried again')
      throw error
    }
  }

  /** Makes the queues and, where there is work to do, the loops that do it. */
  const begin = async (
    starting: PgBoss,
    { fetch, endDuplicates, reportUsage, followUp, scheduled, work = true }: Work,
  ) => {
    const there = new Map((await starting.getQueues()).map((queue) => [queue.name, queue]))
    for (const { name, policy, ...options } of queues(retries, timeoutSeconds)) {
      const existing = there.get(name)
      if (existing === undefined)
        await starting.createQueue(name, policy === undefined ? options : { ...options, policy })
      else if (!isAsWanted(existing, options)) await starting.updateQueue(name, options)
    }
    boss = starting
    if (!work) return
    const loops = async <Data>(name: string, count: number, run: (data: Data) => Promise<void>) => {
      const ids: string[] = []
      for (let n = 0; n < count; n++) {
        ids.push(
          await starting.work<Data>(name, { pollingIntervalSeconds: pollSeconds }, async ([job]) => {
            // Where there was one there may be more: the loop looks again at once instead of waiting for its turn.
            starting.notifyWorker(ids[n] ?? '')
            if (job !== undefined) await run(job.data)
          }),
        )
      }
      return ids
    }
    await loops<Wanted>(queueNames.fetch, 2, fetch)
    await loops<{ owner: string }>(queueNames.duplicates, 1, ({ owner }) => endDuplicates(owner))
    // One after the other: Stripe counts one event at a time for a customer and a meter.
    if (reportUsage) await loops<{ entry: number }>(queueNames.usage, 1, ({ entry }) => reportUsage(entry))
    if (followUp)
      await loops<{ task: FollowUp; id: string }>(queueNames.followUp, 1, ({ task, id }) => followUp(task, id))
    if (Object.keys(hooks).length > 0) hookLoops.push(...(await loops(queueNames.hook, hookWorkers, runHook)))
    for (const [name, schedule] of Object.entries(scheduled)) {
      await starting.work(name, { pollingIntervalSeconds: Math.max(pollSeconds, 10) }, async () => schedule.run())
      await starting.schedule(name, schedule.cron, null, { tz: 'UTC' })
    }
  }

  const halt = async (stopping: PgBoss, timeoutMs: number) => {
    boss = null
    if (waking !== null) clearTimeout(waking)
    waking = null
    hookLoops.length = 0
    await stopping.stop({ graceful: timeoutMs > 0, timeout: timeoutMs, close: false })
  }

  return {
    outbox: { hooked: new Set(Object.keys(hooks) as TransitionType[]), followUps, enqueue },

    async start(work) {
      const starting = new PgBoss({
        db: bossDatabase(database),
        schema: jobsSchema,
        backend: database.engine,
        // One connection serves the app as well; a registry of instances is more than we ask of it.
        registerInstance: false,
        ...(clock && { clock }),
        superviseIntervalSeconds: Math.min(60, timeoutSeconds.hook),
        monitorIntervalSeconds: Math.min(60, timeoutSeconds.hook),
        ...(database.engine === 'pglite' ? { reindex: false, monitorVacuum: false } : {}),
      })
      starting.on('error', (error) =>
        logger.error({ err: error }, 'the jobs could not reach the database; they try again'),
      )
      starting.on('warning', (warning) => logger.warn({ warning: warning.message }, 'the jobs warn'))
      try {
        await starting.start()
        await begin(starting, work)
      } catch (error) {
        // Its loops would run on beside those of the next try, for as long as the process lives.
        await halt(starting, 0)
        throw error
      }
    },

    async stop({ timeoutMs = 10_000 } = {}) {
      if (boss !== null) await halt(boss, timeoutMs)
    },

    async deadJobs() {
      const found = await Promise.all(deadQueues.map((name) => deadIn(running(), name)))
      return found.flat().sort((a, b) => b.diedAt.getTime() - a.diedAt.getTime())
    },

    async revive(ids) {
      // PostgreSQL refuses what is no UUID, and pg-boss takes an empty list for all of them.
      const known = ids?.filter((id) => uuid.test(id))
      if (known?.length === 0) return 0
      const filter = known === undefined ? {} : { ids: known }
      const counts = await Promise.all(deadQueues.map((name) => running().redrive(name, filter)))
      wake()
      return counts.reduce((sum, count) => sum + count, 0)
    },
  }
}

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** Most starts find the queues as an earlier one has left them: then none is written, and an app of many processes starts the quicker. */
const isAsWanted = (existing: Queue, wanted: Omit<Queue, 'name'>): boolean =>
  Object.entries(wanted).every(([option, value]) => existing[option as keyof Queue] === value)

type FetchJob = Job & { name: 'fetch' }

const fetchKey = ({ kind, object }: FetchJob): string => `${kind}:${object}`

function fetchInsert(job: FetchJob, startAfter: number) {
  const { kind, object, account } = job
  return {
    data: { kind, object, account },
    singletonKey: fetchKey(job),
    startAfter,
  }
}

/** One that comes later must not keep one that is for now from being made. */
const followUpInsert = ({ task, id, after }: Job & { name: 'followUp' }) => ({
  data: { task, id },
  singletonKey: `${task}:${id}${after ? ':later' : ''}`,
  ...(after && { startAfter: after }),
})

async function deadIn(boss: PgBoss, queue: string): Promise<DeadJob[]> {
  const jobs = await boss.findJobs<object>(queue, { queued: true })
  return jobs.map(({ id, data, createdOn, sourceOutput }) => ({
    id,
    queue,
    data,
    reason: reasonOf(sourceOutput),
    diedAt: createdOn,
  }))
}

/** pg-boss keeps an error as an object with its message. */
function reasonOf(output: object | null): string {
  return output !== null && 'message' in output && typeof output.message === 'string' ? output.message : 'unknown'
}
