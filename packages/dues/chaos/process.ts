import { PGlite } from '@electric-sql/pglite'
import type pg from 'pg'
import type { Plans } from '../src/catalogue/plans.ts'
import { assembleDues, type Dues } from '../src/dues.ts'
import type { Hooks, Transition } from '../src/entitlements/transition.ts'
import { silentLogger } from '../src/logger.ts'
import type { TransitionType } from '../src/mirror/types.ts'
import { usd } from '../src/money.ts'
import { type DatabaseTrouble, fragilePglite, fragilePool } from './fragile-database.ts'
import { fragileStripe, type StripeTrouble } from './fragile-stripe.ts'
import { createLife, type Life } from './life.ts'
import type { Patience } from './patience.ts'
import { webhookSecret } from './postbox.ts'

export const plans = {
  free: { name: 'Free', features: { projects: 3 } },
  pro: { name: 'Professional', prices: { monthly: usd(19), yearly: usd(190) }, features: { projects: 100 } },
  ent: { name: 'Enterprise', prices: { monthly: usd(99) }, trial: { days: 14 }, features: { projects: Infinity } },
} as const satisfies Plans

const appUrl = 'http://app.test'

/** One process of the app: a whole Dues, on a database and a Stripe that may fail it, which may die. */
export type AppProcess = {
  readonly life: Life
  readonly dues: Dues<typeof plans>
  /** A request of an owner's, or of Stripe's. Null: the process died before it answered. */
  ask(path: string, request: { owner?: string; body?: object | string; signature?: string }): Promise<Response | null>
  /** Ends it as a deployment does; what died already is only cleared away. */
  stop(): Promise<void>
}

export type ProcessOptions = {
  database: PGlite | pg.Pool
  stripe: { secretKey: string; port: number }
  /** By which the jobs wait. */
  patience: Patience
  now: () => number
  /** Milliseconds, by which a process leaves a Stripe alone that was down. */
  restClock: () => number
  trouble: { database: DatabaseTrouble; stripe: StripeTrouble }
  /** Is told of each hook that runs; may throw. */
  onHook: (transition: Transition) => void
}

const transitionTypes: readonly TransitionType[] = [
  ...(['started', 'trialWillEnd', 'switched', 'renewed', 'pastDue', 'recovered', 'paused'] as const),
  ...(['switchScheduled', 'switchUndone', 'quantityChanged', 'addOnsChanged', 'trialChanged'] as const),
  ...(['cancelling', 'resumed', 'ended', 'expired', 'duplicateEnded', 'trialRefused'] as const),
  ...(['refunded', 'disputed', 'disputeClosed', 'actionRequired'] as const),
]

/** Jobs that wait for nothing: a run has no days. */
const soon = { limit: 10_000, firstSeconds: 0, longestSeconds: 0 }
const jobs = { retries: { fetch: soon, hook: soon }, pollSeconds: 0.5, hookWorkers: 2, fetchAfterSeconds: 1 }

/** Makes a process and starts it. It may die while it starts, or find nothing to start with. */
export async function startProcess(options: ProcessOptions): Promise<AppProcess> {
  const { stripe, now, trouble, onHook, patience, restClock } = options
  const life = createLife()
  const { client, close: closeStripe } = fragileStripe(stripe, life, trouble.stripe)
  const database =
    options.database instanceof PGlite
      ? fragilePglite(options.database, life, trouble.database)
      : fragilePool(options.database, life, trouble.database)
  const dues = assembleDues(
    {
      stripe: { client, webhookSecret },
      database,
      plans,
      identify: (request) => {
        const id = request.headers.get('x-owner')
        return id ? { id, email: `${id}@example.com` } : null
      },
      on: Object.fromEntries(transitionTypes.map((type) => [type, onHook])) as Hooks<typeof plans>,
      baseUrl: appUrl,
      now: () => new Date(now() * 1000),
      logger: silentLogger,
    },
    {
      jobs: { ...jobs, clock: patience.clock },
      fetching: { spacingMs: 10 },
      watchSeconds: 0.1,
      breaker: { clock: restClock },
    },
  )
  let stopped = false
  const process: AppProcess = {
    life,
    dues,
    async ask(path, { owner, body, signature }) {
      const request = new Request(`${appUrl}/billing${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          ...(owner !== undefined && { 'x-owner': owner }),
          ...(signature !== undefined && { 'stripe-signature': signature }),
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      return Promise.race([dues.handler(request), life.died.then(() => null)])
    },
    async stop() {
      if (stopped) return
      stopped = true
      if (life.dead) life.bury()
      // What is cleared away after a death has nothing to say any more.
      await dues.stop().catch((error: unknown) => {
        if (!life.dead) throw error
      })
      life.bury()
      await life.over()
      closeStripe()
    },
  }
  try {
    await Promise.race([dues.start(), life.died])
    return process
  } catch (error) {
    life.bury()
    await process.stop()
    throw error
  }
}
