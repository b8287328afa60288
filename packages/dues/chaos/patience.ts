import { type Clock, systemClock } from 'pg-boss'

/** Time for the jobs of a world: it passes as it does, but what waits for its next look at the queue can be made to look now. */
export type Patience = {
  readonly clock: Clock
  /** Ends every wait that is about to end anyway. */
  hurry(): void
}

/** Waits between two looks are shorter, the limits of jobs and of connections longer. */
const longestMs = 1_000

export function createPatience(): Patience {
  const waits = new Map<object, () => void>()
  return {
    clock: {
      ...systemClock,
      setTimeout(fire, ms) {
        if (ms > longestMs) return systemClock.setTimeout(fire, ms)
        const wait = {}
        const end = () => {
          clearTimeout(timer)
          if (waits.delete(wait)) fire()
        }
        const timer = setTimeout(end, ms)
        waits.set(wait, end)
        return { wait, timer }
      },
      clearTimeout(handle) {
        if (typeof handle !== 'object' || handle === null || !('wait' in handle))
          return systemClock.clearTimeout(handle)
        const { wait, timer } = handle as { wait: object; timer: NodeJS.Timeout }
        waits.delete(wait)
        clearTimeout(timer)
      },
    },
    hurry() {
      for (const end of [...waits.values()]) end()
    },
  }
}
