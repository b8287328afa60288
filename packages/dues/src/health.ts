import type { InboxHealth } from './store/inbox.ts'

/** How Dues is. Where the database cannot be reached there is none: asking throws `database_unavailable`. */
export type Health = {
  /** `degraded`: members are served, and somebody should have a look at `problems`. */
  status: 'ok' | 'degraded'
  /** What is not as it should be, in words. No ids, no secrets. */
  problems: string[]
  inbox: InboxHealth
  /** Hooks and fetches that failed for good. */
  deadJobs: number
  /**
   * What the last whole reconcile found; null before the first. `unowned`: live subscriptions of nobody; `unknown`: of owners who have never
   * been here.
   */
  lastReconcile: { compared: number; drifted: number; unowned: number; unknown: number; at: string | null } | null
  /** Stripe as this process sees it. `down`: it has not answered several times in a row, and is asked again in some seconds. */
  stripe: 'up' | 'down'
}

/** An event that waits longer than this for its object is one too many: the first tries take seconds. */
const lagThatIsTooLong = 300

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`

/** Judges what was measured. */
export function healthOf(measured: Omit<Health, 'status' | 'problems'>): Health {
  const { inbox, deadJobs, lastReconcile, stripe } = measured
  const unowned = lastReconcile?.unowned ?? 0
  const problems = [
    ...(inbox.oldestWaitingSeconds > lagThatIsTooLong
      ? [
          `${count(inbox.waiting, 'event waits', 'events wait')} for Stripe, the oldest for ${Math.round(inbox.oldestWaitingSeconds)} seconds`,
        ]
      : []),
    ...(inbox.dead > 0 ? [`${count(inbox.dead, 'event', 'events')} could not be applied: see \`dues inbox\``] : []),
    ...(deadJobs > 0
      ? [`${count(deadJobs, 'hook or fetch', 'hooks or fetches')} failed for good: see \`dues inbox\``]
      : []),
    ...(unowned > 0
      ? [
          `${count(unowned, 'live subscription belongs', 'live subscriptions belong')} to nobody: see \`dues reconcile\``,
        ]
      : []),
    ...(stripe === 'up' ? [] : ['Stripe does not answer']),
  ]
  return { status: problems.length === 0 ? 'ok' : 'degraded', problems, ...measured }
}
