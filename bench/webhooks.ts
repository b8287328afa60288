/** `npm run bench`: how many signed deliveries a second the webhook handler takes, beside the floor, over HTTP. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { startPostgres } from '../testing/postgres.ts'
import { type Contestant, startContestant } from './lib/contestant.ts'
import { delivery, eventBody, webhookSecret } from './lib/events.ts'
import { type Figure, figure, format, table } from './lib/figures.ts'
import { load, type Round } from './lib/load.ts'

const rounds = Number(process.env.ROUNDS ?? 5)
const inFlight = [1, 16, 64] as const
const count = { 1: 1_000, 16: 4_000, 64: 8_000 } as const
const contestants = { floor: 'floor.ts', dues: 'server.ts' } as const
type Name = keyof typeof contestants

const postgres = await startPostgres({ durable: true })
const figures = new Map<string, Round[]>()
let serial = 0
try {
  for (let round = 1; round <= rounds; round++) {
    for (const name of Object.keys(contestants) as Name[]) {
      const database = await freshDatabase(`${name}_${round}`)
      const contestant = await start(name, database)
      await measure(contestant, name)
      await contestant.stop()
      console.log(`round ${round} of ${rounds}: ${name} done`)
    }
  }
} finally {
  await postgres.stop()
}
report()

async function freshDatabase(name: string): Promise<string> {
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  await client.query(`create database bench_${name}`)
  await client.end()
  return Object.assign(new URL(postgres.url), { pathname: `/bench_${name}` }).href
}

function start(name: Name, database: string): Promise<Contestant> {
  return startContestant({
    command: () => ['--conditions=dues-source', join(import.meta.dirname, contestants[name])],
    env: (port) => ({
      PORT: `${port}`,
      DATABASE_URL: database,
      STRIPE_WEBHOOK_SECRET: webhookSecret,
      STRIPE_API_BASE: 'http://127.0.0.1:9',
    }),
    probe: { path: '/health', headers: {} },
  })
}

/** Deliveries that need no fetch: each member's events are seconds apart and come in order. */
async function measure({ port }: Contestant, name: Name): Promise<void> {
  await load(port, 16, 1_000, prepared(1_000))
  for (const level of inFlight) {
    const key = `${name} ${level}`
    const all = figures.get(key) ?? []
    all.push(await load(port, level, count[level], prepared(count[level])))
    figures.set(key, all)
  }
}

function prepared(many: number) {
  const members = 1_000
  const made = Array.from({ length: many }, () => {
    const n = serial++
    const created = 1_760_000_000 + Math.floor(n / members)
    return delivery(eventBody({ id: `evt_bench_${n}`, member: n % members, created }))
  })
  return (i: number) => made[i] as (typeof made)[number]
}

function report(): void {
  const of = (name: Name, level: number, pick: (round: Round) => number): Figure =>
    figure((figures.get(`${name} ${level}`) ?? []).map(pick))
  const rows = inFlight.map((level) => {
    const [dues, floor] = [of('dues', level, (r) => r.perSecond), of('floor', level, (r) => r.perSecond)]
    const [p99, floorP99] = [of('dues', level, (r) => r.p99), of('floor', level, (r) => r.p99)]
    return [
      `${level}`,
      format(dues),
      format(floor),
      `${(dues.median / floor.median).toFixed(2)}`,
      format(p99, 1),
      format(floorP99, 1),
    ]
  })
  const head = ['in flight', 'dues, events/s', 'floor, events/s', 'ratio', 'dues p99, ms', 'floor p99, ms']
  console.log(table(head, rows))
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  const kept = { at: new Date().toISOString(), node: process.version, rounds, figures: Object.fromEntries(figures) }
  writeFileSync(join(folder, 'webhooks.json'), `${JSON.stringify(kept, null, 2)}\n`)
}
