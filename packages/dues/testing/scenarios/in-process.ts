import { randomUUID } from 'node:crypto'
import Stripe from 'stripe'
import { startStripeLocal } from 'stripe-local'
import type { TestDatabase } from '../../../../testing/databases.ts'
import { createEngine, type Engine } from '../../src/engine.ts'
import { DuesError } from '../../src/errors.ts'
import type { OwnedTransition, TransitionHooks } from '../../src/jobs/jobs.ts'
import { openDatabase } from '../../src/store/database.ts'
import { stripeReader } from '../../src/stripe/reader.ts'
import { dyingDatabase } from '../dying-database.ts'
import { fastJobs } from '../engine.ts'
import { openLine } from './line.ts'
import { openShop } from './members.ts'
import { webhookSecret } from './stage.ts'
import type { Handler, Shop } from './types.ts'

/** A shop in this process, and the client of the handlers in it: their questions go over the line. */
type LocalShop = Shop & { client: Stripe; close(): Promise<void> }

/** A Stripe of one suite's own, whose clock is moved instead of waited for. */
export async function openLocalShop(): Promise<LocalShop> {
  const local = await startStripeLocal()
  const key = `sk_test_${randomUUID().replaceAll('-', '')}`
  const stripe = new Stripe(key, { host: 'localhost', port: local.port, protocol: 'http', telemetry: false })
  const control = async (what: string, body: object) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const answer = await fetch(`${local.url}/_local/${what}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(await answer.text())
  }
  const line = await openLine(local.url)
  const shop = await openShop({
    stripe,
    url: line.url,
    hold: line.hold,
    now: () => local.now(key),
    tick: () => control('clock', { seconds: 3 }),
    async down() {
      await control('faults', { api: { status500: 1 } })
      return () => control('faults', {})
    },
  })
  const { port } = new URL(line.url)
  const client = new Stripe(key, { host: 'localhost', port, protocol: 'http', telemetry: false })
  const close = async () => {
    await line.close()
    await local.stop()
  }
  return { ...shop, client, close }
}

/** Dues in two processes that share a database, here in one: each is an engine with its own way to the database. */
export async function duesInProcess(
  opened: TestDatabase,
  shop: LocalShop,
): Promise<Handler & { close(): Promise<void> }> {
  const database = openDatabase(opened.database)
  const runs = new Map<string, { tried: number; done: number }>()
  let hookBroken = false
  const hook = ({ subscription }: OwnedTransition) => {
    const id = subscription ?? ''
    const { tried, done } = runs.get(id) ?? { tried: 0, done: 0 }
    runs.set(id, { tried: tried + 1, done: hookBroken ? done : done + 1 })
    if (hookBroken) throw new Error('the mail server is down')
  }
  const hooks = {
    started: hook,
    switched: hook,
    cancelling: hook,
    resumed: hook,
    ended: hook,
  } satisfies TransitionHooks

  type Process = { engine: Engine; database: ReturnType<typeof dyingDatabase> }
  const started: Process[] = []
  const start = async (): Promise<Process> => {
    const own = dyingDatabase(database)
    const engine = createEngine({
      database: own,
      stripe: stripeReader(shop.client),
      webhookSecrets: [webhookSecret],
      now: shop.now,
      hooks,
      jobs: { ...fastJobs, retries: { ...fastJobs.retries, hook: { limit: 60, firstSeconds: 1, longestSeconds: 1 } } },
      fetching: { spacingMs: 20 },
      breaker: { restMs: 100 },
    })
    await engine.start()
    started.push({ engine, database: own })
    return { engine, database: own }
  }
  const processes: [Process, Process] = [await start(), await start()]

  return {
    deliver: (body, header, process) =>
      processes[process].engine.receive(body, header).then(
        () => 200,
        (error: unknown) => (error instanceof DuesError ? error.status : 500),
      ),
    async belief(id) {
      const row = await processes[1].engine.mirror.subscription(id)
      const [item] = row?.items ?? []
      return row && { status: row.status, price: item?.price ?? '', periodEnd: item?.currentPeriodEnd ?? 0 }
    },
    enrol: async () => ({}),
    async databaseDown() {
      for (const one of processes) one.database.dieAfter(0)
      return async () => {
        for (const one of processes) one.database.dieAfter(Number.POSITIVE_INFINITY)
      }
    },
    async hookDown() {
      hookBroken = true
      return async () => {
        hookBroken = false
      }
    },
    hookRuns: (id) => runs.get(id) ?? { tried: 0, done: 0 },
    dieAt(statement) {
      const { database: dying } = processes[0]
      dying.dieAfter(statement - 1)
      return () => dying.died()
    },
    async restart() {
      // The old one stays dead, as a killed process does: whatever it still tries fails.
      processes[0].database.dieAfter(0)
      processes[0] = await start()
    },
    async repair() {
      await processes[0].engine.readEvents()
    },
    without: {},
    patience: { soon: 10_000, late: 20_000, moment: 300 },
    async close() {
      for (const one of started) {
        one.database.dieAfter(Number.POSITIVE_INFINITY)
        await one.engine.stop()
      }
      await database.close()
    },
  }
}
