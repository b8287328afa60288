/**
 * `npm run scenarios`: the table of scenarios, played over HTTP against Dues and its peers. Prints the table, writes
 * bench/results/scenarios.json and docs/scenarios.md. `--only dues,better-auth` plays against some, and writes nothing;
 * `--scenario NAME` plays one row.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import Stripe from 'stripe'
import { type StripeLocal, startStripeLocal } from 'stripe-local'
import { type Line, openLine } from '../packages/dues/testing/scenarios/line.ts'
import { openShop } from '../packages/dues/testing/scenarios/members.ts'
import { play, type Verdict } from '../packages/dues/testing/scenarios/stage.ts'
import { scenarios } from '../packages/dues/testing/scenarios/table.ts'
import type { Shop } from '../packages/dues/testing/scenarios/types.ts'
import { startPostgres } from '../testing/postgres.ts'
import { type HandlerName, handlers } from './lib/handlers.ts'
import { fetchPeers } from './lib/peers.ts'
import { overHttp } from './scenarios/over-http.ts'
import { type Outcome, outcomePage, outcomeTable } from './scenarios/page.ts'

const { values } = parseArgs({ options: { only: { type: 'string' }, scenario: { type: 'string' } } })
const names = (values.only?.split(',') ?? Object.keys(handlers)).map((name) => {
  if (name in handlers) return name as HandlerName
  throw new Error(`There is no handler ${name}. There are: ${Object.keys(handlers).join(', ')}.`)
})
const rows = scenarios.filter(({ name }) => values.scenario === undefined || name === values.scenario)

fetchPeers()
const postgres = await startPostgres()
const local = await startStripeLocal()
try {
  // Side by side: what takes long is waiting for Stripe's seconds, and nobody's speed is measured here.
  const played = await Promise.all(names.map(playAll))
  const outcome: Outcome = { at: new Date().toISOString(), node: process.version, handlers: played }
  console.log(`\n${outcomeTable(outcome, rows)}\n`)
  for (const { key, verdicts } of played)
    for (const [name, { outcome, because }] of Object.entries(verdicts))
      if (outcome === 'wrong') console.log(`${key}, ${name}: ${because}`)
  if (values.only === undefined && values.scenario === undefined) keep(outcome)
} finally {
  await local.stop()
  await postgres.stop()
}

async function playAll(key: HandlerName): Promise<Outcome['handlers'][number]> {
  const { name, version } = handlers[key]
  const secretKey = `sk_test_${randomUUID().replaceAll('-', '')}`
  const line = await openLine(local.url)
  const shop = await realTimeShop(local, line, secretKey)
  const database = await freshDatabase(`scenarios_${key.replaceAll(/\W+/g, '_')}`)
  const handler = await overHttp(handlers[key], { database, shop, secretKey })
  const verdicts: Record<string, Verdict> = {}
  try {
    for (const scenario of rows) {
      verdicts[scenario.name] = await play(scenario, shop, handler)
      console.log(`${key}: ${scenario.name}: ${verdicts[scenario.name]?.outcome}`)
    }
  } finally {
    await handler.close()
    await line.close()
  }
  return { key, name, version, verdicts }
}

/** A shop whose seconds are everybody's: a handler in another process has no other clock. */
async function realTimeShop({ port, url, now }: StripeLocal, line: Line, secretKey: string): Promise<Shop> {
  const stripe = new Stripe(secretKey, { host: 'localhost', port, protocol: 'http', telemetry: false })
  const faults = async (settings: object) => {
    const headers = { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' }
    await fetch(`${url}/_local/faults`, { method: 'POST', headers, body: JSON.stringify(settings) })
  }
  return openShop({
    stripe,
    url: line.url,
    hold: line.hold,
    now: () => now(secretKey),
    tick: () => new Promise((resolve) => setTimeout(resolve, 1_005 - (Date.now() % 1_000))),
    async down() {
      await faults({ api: { status500: 1 } })
      return () => faults({})
    },
  })
}

async function freshDatabase(name: string): Promise<string> {
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  return Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href
}

function keep(outcome: Outcome): void {
  const results = join(import.meta.dirname, 'results')
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, 'scenarios.json'), `${JSON.stringify(outcome, null, 2)}\n`)
  writeFileSync(join(import.meta.dirname, '../docs/scenarios.md'), outcomePage(outcome, scenarios))
}
