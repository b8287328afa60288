import { type Logger, silentLogger } from '../logger.ts'
import type { Wanted } from '../webhooks/fold.ts'

export type FetcherOptions = {
  fetch: (wanted: Wanted) => Promise<void>
  logger?: Logger
  /**
   * Least time between two fetches of one object. A burst of events is then one question a second: a little more than a second here, for
   * the first question may be longer on its way to Stripe than the next.
   */
  spacingMs?: number
  /** Fetches under way at once, so that a burst does not run into Stripe's rate limit. */
  atOnce?: number
}

/** Fetches at once what the inbox wants fetched. What fails here is left to the job that was made in the same transaction. */
export interface Fetcher {
  want(wanted: readonly Wanted[]): void
  /** Lets what is under way finish and starts nothing more. */
  stop(): Promise<void>
}

type State = { wanted: Wanted; phase: 'queued' | 'running' | 'dirty' | 'resting'; timer: NodeJS.Timeout | null }

/**
 * Makes the fetcher of this process. It remembers only what is under way: an object that is wanted again while its
 * fetch runs is fetched once more afterwards, since the running one may have read too early.
 */
export function createFetcher({
  fetch,
  logger = silentLogger,
  spacingMs = 1_100,
  atOnce = 8,
}: FetcherOptions): Fetcher {
  const states = new Map<string, State>()
  const queue: string[] = []
  const running = new Set<Promise<void>>()
  let stopped = false

  const want = (wanted: Wanted) => {
    const key = `${wanted.kind} ${wanted.object}`
    const state = states.get(key)
    if (state === undefined) {
      states.set(key, { wanted, phase: 'queued', timer: null })
      queue.push(key)
    } else if (state.phase !== 'queued') {
      state.phase = 'dirty'
    }
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
    const startedAt = performance.now()
    try {
      await fetch(state.wanted)
    } catch (error) {
      logger.warn({ ...state.wanted, err: error }, 'a fetch failed; its job will try again')
    }
    if (state.phase === 'running') state.phase = 'resting'
    state.timer = setTimeout(
      () => {
        states.delete(key)
        if (state.phase !== 'dirty' || stopped) return
        want(state.wanted)
        next()
      },
      Math.max(0, startedAt + spacingMs - performance.now()),
    )
    state.timer.unref()
  }

  return {
    want(all) {
      if (stopped) return
      for (const wanted of all) want(wanted)
      next()
    },
    async stop() {
      stopped = true
      for (const { timer } of states.values()) if (timer !== null) clearTimeout(timer)
      await Promise.all(running)
    },
  }
}
