import { DuesError } from '../errors.ts'
import { type Logger, silentLogger } from '../logger.ts'
import type { Wanted } from '../webhooks/fold.ts'

export type FetcherOptions = {
  /** Asks once. Throws `busy` when the answer lost to something that may be older: then it has to be asked again. */
  fetch: (wanted: Wanted) => Promise<void>
  logger?: Logger
  /**
   * Least time from the end of a fetch to the next of the same object, so that a burst of events is one question a second. From the end:
   * a question may be long on its way to Stripe, and the next one be there at once.
   */
  spacingMs?: number
  /** Fetches under way at once, so that a burst does not run into Stripe's rate limit. */
  atOnce?: number
}

/** Fetches at once what the inbox wants fetched. What fails here is left to the job that was made in the same transaction. */
export interface Fetcher {
  want(wanted: readonly Wanted[]): void
  /**
   * Resolves when a fetch of the object that began after this call has ended, in its turn; for the jobs, so that theirs and those of the
   * events are not two questions in one second. Throws what the fetch threw.
   */
  fetched(wanted: Wanted): Promise<void>
  /** Lets what is under way finish and starts nothing more. */
  stop(): Promise<void>
}

type Waiting = { resolve: () => void; reject: (error: unknown) => void }
type State = {
  wanted: Wanted
  phase: 'queued' | 'running' | 'dirty' | 'resting'
  timer: NodeJS.Timeout | null
  /** Who waits for the next fetch that begins. */
  waiting: Waiting[]
}

const stopping = 'This process is stopping; another asks Stripe.'

/**
 * Makes the fetcher of this process. It remembers only what is under way: an object that is wanted again while its
 * fetch runs is fetched once more afterwards, since the running one may have read too early.
 */
export function createFetcher({
  fetch,
  logger = silentLogger,
  spacingMs = 1_010,
  atOnce = 8,
}: FetcherOptions): Fetcher {
  const states = new Map<string, State>()
  const queue: string[] = []
  const running = new Set<Promise<void>>()
  let stopped = false

  const want = (wanted: Wanted): State => {
    const key = `${wanted.kind} ${wanted.object}`
    const state = states.get(key)
    if (state === undefined) {
      const queued: State = { wanted, phase: 'queued', timer: null, waiting: [] }
      states.set(key, queued)
      queue.push(key)
      return queued
    }
    if (state.phase !== 'queued') state.phase = 'dirty'
    return state
  }

  const next = () => {
    while (!stopped && running.size < atOnce) {
      const key = queue.shift()
      if (key === undefined) return
      const work = run(key).finally(() => {
        running.delete(work)
        next()
      })
      running.add(work)
    }
  }

  const run = async (key: string) => {
    const state = states.get(key)
    if (state === undefined) return
    state.phase = 'running'
    const waiting = state.waiting.splice(0)
    try {
      await fetch(state.wanted)
      for (const { resolve } of waiting) resolve()
    } catch (error) {
      for (const { reject } of waiting) reject(error)
      // Asked again at once it would be two questions in one second, and while a burst lasts the answer would lose again.
      if (error instanceof DuesError && error.code === 'busy') state.phase = 'dirty'
      else logger.warn({ ...state.wanted, err: error }, 'a fetch failed; its job will try again')
    }
    if (stopped) return
    if (state.phase === 'running') state.phase = 'resting'
    state.timer = setTimeout(() => {
      states.delete(key)
      if (state.phase !== 'dirty' || stopped) return
      want(state.wanted).waiting.push(...state.waiting)
      next()
    }, spacingMs)
    state.timer.unref()
  }

  return {
    want(all) {
      if (stopped) return
      for (const wanted of all) want(wanted)
      next()
    },
    fetched(wanted) {
      if (stopped) return Promise.reject(new DuesError('busy', stopping))
      const fetched = new Promise<void>((resolve, reject) => {
        want(wanted).waiting.push({ resolve, reject })
      })
      next()
      return fetched
    },
    async stop() {
      stopped = true
      for (const { timer, waiting } of states.values()) {
        if (timer !== null) clearTimeout(timer)
        for (const { reject } of waiting.splice(0)) reject(new DuesError('busy', stopping))
      }
      await Promise.all(running)
    },
  }
}
