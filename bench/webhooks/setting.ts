import pg from 'pg'
import type { PostgresServer } from '../../testing/postgres.ts'
import type { Contestant } from '../lib/contestant.ts'
import { delivery, type EventOptions, eventBody, webhookSecret } from '../lib/events.ts'
import { startHandler, type WebhookHandler } from '../lib/handlers.ts'
import type { Request } from '../lib/load.ts'

/** What every section of the benchmark works with. */
export type Setting = { postgres: PostgresServer; rounds: number }

/** The price of all members in lib/events.ts, under the name of the plan. */
export const prices = { pro: 'price_1SRzqBKXBGcbgpbZproMonthly' }
/** Members whom a contestant must have met before their events mean something to it. */
export const members = 1_000
/** When the first event of a run is dated, in Unix seconds. */
export const firstSecond = 1_760_000_000

export type Running = Contestant & { database: string; handler: WebhookHandler }

/** Starts a contestant on an empty database of its own. */
export async function startOnEmpty(
  { postgres }: Setting,
  handler: WebhookHandler,
  name: string,
  stripe?: string,
): Promise<Running> {
  const database = await emptyDatabase(postgres, name)
  const contestant = await startHandler(handler, { database, webhookSecret, prices, ...(stripe && { stripe }) })
  if (handler.enrol !== undefined)
    await onDatabase(database, async (sql) => {
      for (let n = 0; n < members; n++) await handler.enrol?.(sql, `cus_bench${n}`, `user_${n}`, 'checkout')
      await sql.query(
        `update subscription set "stripeSubscriptionId" = replace("stripeCustomerId", 'cus_', 'sub_') where "stripeSubscriptionId" is null`,
      )
    })
  return { ...contestant, database, handler }
}

/** Signed deliveries, made before the clock runs. */
export function deliveries(
  { handler }: Pick<Running, 'handler'>,
  events: readonly EventOptions[],
): (i: number) => Request {
  const made = events.map((event) => ({ ...delivery(eventBody(event)), path: handler.webhook }))
  return (i) => made[i] as Request
}

export async function onDatabase<Result>(url: string, work: (sql: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function emptyDatabase({ url }: PostgresServer, name: string): Promise<string> {
  const database = `bench_${name.replaceAll(/\W+/g, '_')}`
  await onDatabase(url, (sql) => sql.query(`create database ${database}`))
  return Object.assign(new URL(url), { pathname: `/${database}` }).href
}
