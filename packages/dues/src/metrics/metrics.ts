import type { Diagnostics, Observe } from '../diagnostics.ts'
import { DuesError } from '../errors.ts'
import type { Health } from '../health.ts'
import { createCounter, createGauge, createHistogram, render } from './registry.ts'

/** What one Dues has counted since its process began, and how it is now, for Prometheus. */
export interface Metrics {
  /** Fed by the same messages as the diagnostics channels. */
  readonly observe: Observe
  /** Everything as text, `health` being asked now. Without a database what was counted is there all the same. */
  text(health: () => Promise<Health>): Promise<string>
}

const breakerStates = { closed: 0, probing: 1, open: 2 } as const

/** Makes the metrics of one Dues. docs/observability.md has them in a table. */
export function createMetrics(): Metrics {
  const deliveries = createCounter('dues_deliveries_total', 'Events taken, by type and by what became of them.')
  const refused = createCounter('dues_deliveries_refused_total', 'Deliveries refused before they were read, by reason.')
  const taking = createHistogram('dues_delivery_seconds', 'From a verified delivery to its being on disk.')
  const fetches = createCounter('dues_fetches_total', 'Objects asked for at Stripe because of an event.')
  const fetching = createHistogram(
    'dues_fetch_seconds',
    'How long such a question took, with the writing of its answer.',
  )
  const hooks = createCounter('dues_hooks_total', 'Hooks of the app that were run, by transition.')
  const reconciles = createCounter('dues_reconciles_total', 'Whole comparisons with Stripe by this process.')
  const opened = createCounter('dues_stripe_breaker_opened_total', 'Times that Stripe was taken to be down.')
  const reads = createCounter('dues_membership_reads_total', 'Memberships asked for, by what the cache had of them.')
  const breaker = createGauge(
    'dues_stripe_breaker_state',
    '0 closed: Stripe answers; 1 probing; 2 open: it is left alone.',
  )
  const listening = createGauge('dues_listening', '1 while this process hears of what others change.')
  const database = createGauge('dues_database_up', '0 while the database cannot be reached.')
  const waiting = createGauge('dues_inbox_waiting', 'Events that wait for their object to be fetched.')
  const lag = createGauge('dues_inbox_lag_seconds', 'For how long the oldest of them has waited.')
  const deadEvents = createGauge('dues_inbox_dead', 'Events that could not be applied.')
  const deadJobs = createGauge('dues_jobs_dead', 'Hooks and fetches that failed for good.')
  const compared = createGauge('dues_reconcile_compared', 'Objects that the last whole reconcile compared.')
  const drifted = createGauge('dues_reconcile_drifted', 'How many of them the mirror had different.')
  const unowned = createGauge('dues_reconcile_unowned', 'Live subscriptions that belong to nobody.')
  const unknown = createGauge('dues_reconcile_unknown', 'Live subscriptions of owners who have never been here.')
  const all = [
    ...[deliveries, refused, taking, fetches, fetching, hooks, reconciles, opened, reads, breaker, listening],
    ...[database, waiting, lag, deadEvents, deadJobs, compared, drifted, unowned, unknown],
  ]
  breaker.set(breakerStates.closed)
  listening.set(0)

  const observers: { [Name in keyof Diagnostics]: (message: Diagnostics[Name]) => void } = {
    'dues:event': ({ type, outcome, milliseconds }) => {
      deliveries.add({ type, outcome })
      taking.observe(milliseconds / 1_000)
    },
    'dues:refused': ({ code }) => refused.add({ code }),
    'dues:fetch': ({ kind, ok, milliseconds }) => {
      fetches.add({ kind, outcome: ok ? 'ok' : 'failed' })
      fetching.observe(milliseconds / 1_000)
    },
    'dues:hook': ({ type, error }) => hooks.add({ type, outcome: error === null ? 'ok' : 'failed' }),
    'dues:reconcile': () => reconciles.add(),
    'dues:breaker': ({ state }) => {
      breaker.set(breakerStates[state])
      if (state === 'open') opened.add()
    },
    'dues:cache': ({ outcome }) => reads.add({ cache: outcome }),
    'dues:listen': (message) => listening.set(message.listening ? 1 : 0),
  }

  const measure = (health: Health | null) => {
    database.set(health === null ? 0 : 1)
    waiting.set(health?.inbox.waiting ?? null)
    lag.set(health?.inbox.oldestWaitingSeconds ?? null)
    deadEvents.set(health?.inbox.dead ?? null)
    deadJobs.set(health?.deadJobs ?? null)
    compared.set(health?.lastReconcile?.compared ?? null)
    drifted.set(health?.lastReconcile?.drifted ?? null)
    unowned.set(health?.lastReconcile?.unowned ?? null)
    unknown.set(health?.lastReconcile?.unknown ?? null)
  }

  return {
    observe: (name, message) => observers[name](message),
    async text(health) {
      measure(
        await health().catch((error: unknown) => {
          if (error instanceof DuesError && error.code === 'database_unavailable') return null
          throw error
        }),
      )
      return render(all)
    },
  }
}
