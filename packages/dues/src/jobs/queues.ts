import type { Queue } from 'pg-boss'

/** The schema that pg-boss keeps its tables in, apart from ours. */
export const jobsSchema = 'dues_jobs'

/** How often and how fast a failed job is tried again. Between tries the wait doubles, with jitter, up to the longest. */
export type Retries = { limit: number; firstSeconds: number; longestSeconds: number }

/** About three days for Stripe, as long as Stripe itself goes on delivering, and about a week for a hook. */
export const defaultRetries: { fetch: Retries; hook: Retries } = {
  fetch: { limit: 40, firstSeconds: 2, longestSeconds: 2 * 3600 },
  hook: { limit: 40, firstSeconds: 5, longestSeconds: 4 * 3600 },
}

/** What runs later. A dead letter keeps what it was and why it failed until somebody looks: `dues inbox`. */
export const queueNames = {
  fetch: 'fetch',
  hook: 'hook',
  /** Ends what an owner pays for twice. */
  duplicates: 'duplicates',
  /** Tells Stripe's meters what was used. */
  usage: 'usage',
  /** What Dues does by itself after a transition. */
  followUp: 'follow-up',
  /** Reads on in Stripe's list of events. */
  cursor: 'cursor',
  /** Compares the mirror with Stripe. */
  reconcile: 'reconcile',
  prune: 'prune',
  deadFetch: 'dead-fetch',
  deadHook: 'dead-hook',
  deadDuplicates: 'dead-duplicates',
  deadUsage: 'dead-usage',
  deadFollowUp: 'dead-follow-up',
} as const

export const deadQueues = [
  queueNames.deadFetch,
  queueNames.deadHook,
  queueNames.deadDuplicates,
  queueNames.deadUsage,
  queueNames.deadFollowUp,
] as const

const daySeconds = 86_400

/** The dead ones come first: a queue can only name one that exists. */
export function queues(
  retries: typeof defaultRetries,
  timeoutSeconds: { fetch: number; hook: number },
): (Queue & { name: string })[] {
  const retrying = ({ limit, firstSeconds, longestSeconds }: Retries) => ({
    retryLimit: limit,
    retryDelay: firstSeconds,
    ...(firstSeconds > 0 ? { retryBackoff: true, retryDelayMax: longestSeconds } : {}),
  })
  const dead = { retentionSeconds: 90 * daySeconds, deleteAfterSeconds: 90 * daySeconds }
  const rare = {
    retryLimit: 3,
    retryDelay: 60,
    retryBackoff: true,
    expireInSeconds: 4 * 3600,
    deleteAfterSeconds: daySeconds,
  }
  return [
    { name: queueNames.deadFetch, ...dead },
    { name: queueNames.deadHook, ...dead },
    { name: queueNames.deadDuplicates, ...dead },
    { name: queueNames.deadUsage, ...dead },
    { name: queueNames.deadFollowUp, ...dead },
    {
      name: queueNames.fetch,
      // One waiting fetch of an object serves every event that came before it.
      policy: 'short',
      deadLetter: queueNames.deadFetch,
      deleteAfterSeconds: daySeconds,
      expireInSeconds: timeoutSeconds.fetch,
      ...retrying(retries.fetch),
    },
    {
      name: queueNames.hook,
      deadLetter: queueNames.deadHook,
      deleteAfterSeconds: 7 * daySeconds,
      expireInSeconds: timeoutSeconds.hook,
      ...retrying(retries.hook),
    },
    {
      name: queueNames.duplicates,
      // All that an owner pays for twice is one job.
      policy: 'short',
      deadLetter: queueNames.deadDuplicates,
      deleteAfterSeconds: 7 * daySeconds,
      expireInSeconds: timeoutSeconds.fetch,
      ...retrying(retries.fetch),
    },
    {
      name: queueNames.usage,
      deadLetter: queueNames.deadUsage,
      deleteAfterSeconds: daySeconds,
      expireInSeconds: timeoutSeconds.fetch,
      ...retrying(retries.fetch),
    },
    {
      name: queueNames.followUp,
      policy: 'short',
      deadLetter: queueNames.deadFollowUp,
      deleteAfterSeconds: 7 * daySeconds,
      expireInSeconds: timeoutSeconds.fetch,
      ...retrying(retries.fetch),
    },
    { name: queueNames.cursor, policy: 'exclusive', ...rare },
    { name: queueNames.reconcile, policy: 'exclusive', ...rare },
    { name: queueNames.prune, policy: 'exclusive', ...rare },
  ]
}
