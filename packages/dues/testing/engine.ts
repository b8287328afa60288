import type { TestDatabase } from '../../../testing/databases.ts'
import { createEngine, type EngineOptions } from '../src/engine.ts'
import { openDatabase } from '../src/store/database.ts'
import { secret, signed } from './deliveries.ts'
import { createFakeStripe } from './fake-stripe.ts'

/** Retries without waiting, so that a test sees in a second what takes days. */
export const fastJobs = {
  retries: {
    fetch: { limit: 3, firstSeconds: 0, longestSeconds: 0 },
    hook: { limit: 3, firstSeconds: 0, longestSeconds: 0 },
  },
  pollSeconds: 0.5,
  hookWorkers: 2,
  fetchAfterSeconds: 1,
  timeoutSeconds: { fetch: 2, hook: 2 },
} satisfies EngineOptions['jobs']

/** A started engine on a database of its own and a fake Stripe. */
export async function anEngine(open: () => Promise<TestDatabase>, options: Partial<EngineOptions> = {}) {
  const opened = await open()
  const database = openDatabase(opened.database)
  const stripe = createFakeStripe()
  const shared = {
    stripe,
    webhookSecrets: [secret],
    now: () => stripe.clock,
    jobs: fastJobs,
    breaker: { restMs: 200 },
    ...options,
  }
  const engine = createEngine({ database, ...shared })
  await engine.start()
  // What is read at start is read in the background; a test wants to know that it is over.
  await engine.readEvents()
  return {
    engine,
    stripe,
    database,
    opened,
    query: opened.query,
    /** Another process on the same database: its own connections, its own engine. */
    async another(more: Partial<EngineOptions> = {}) {
      const own = opened.engine === 'PGlite' ? database : openDatabase(opened.database)
      const other = createEngine({ database: own, ...shared, ...more })
      await other.start()
      const stop = async () => {
        await other.stop()
        if (own !== database) await own.close()
      }
      return { engine: other, stop }
    },
    deliver: (event: object) => {
      const body = JSON.stringify(event)
      return engine.receive(body, signed(body, { at: stripe.clock }))
    },
    async close() {
      await engine.stop()
      await database.close()
      await opened.close()
    },
  }
}

/** Waits for something that happens by itself, up to a bound. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  boundMs = 15_000,
  everyMs = 20,
): Promise<void> {
  const end = Date.now() + boundMs
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`It did not happen in ${boundMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
