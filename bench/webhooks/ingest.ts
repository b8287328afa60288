import { type Figure, figure, format, table } from '../lib/figures.ts'
import { floor, handlers, verifyOnly, type WebhookHandler } from '../lib/handlers.ts'
import { load, type Round } from '../lib/load.ts'
import { deliveries, firstSecond, members, type Running, type Setting, startOnEmpty } from './setting.ts'

const contestants = {
  floor,
  dues: handlers.dues,
  'better-auth': handlers['better-auth'],
  'sync-engine': handlers['sync-engine'],
  'verifying alone': verifyOnly,
}
type Name = keyof typeof contestants
const peers = ['better-auth', 'sync-engine'] as const satisfies Name[]
const levels = [1, 16, 64] as const
const count = { 1: 1_000, 16: 4_000, 64: 8_000 } as const

type Measured = { perSecond: Figure; p50: Figure; p99: Figure; sending: Figure }
export type Ingest = Record<Name, Record<(typeof levels)[number], Measured>>

/** How many ordinary deliveries a second each contestant takes: each member's events are seconds apart and come in order. */
export async function measureIngest(setting: Setting): Promise<Ingest> {
  const seen = new Map<string, Round[]>()
  for (let round = 1; round <= setting.rounds; round++) {
    for (const [name, handler] of Object.entries(contestants) as [Name, WebhookHandler][]) {
      const contestant = await startOnEmpty(setting, handler, `${name}_${round}`)
      try {
        await measure(contestant, (level, one) => {
          const key = `${name} ${level}`
          seen.set(key, [...(seen.get(key) ?? []), one])
        })
      } finally {
        await contestant.stop()
      }
      console.log(`ingest, round ${round} of ${setting.rounds}: ${name} done`)
    }
  }
  const of = (name: Name, level: number): Measured => {
    const rounds = seen.get(`${name} ${level}`) ?? []
    return {
      perSecond: figure(rounds.map((one) => one.perSecond)),
      p50: figure(rounds.map((one) => one.p50)),
      p99: figure(rounds.map((one) => one.p99)),
      sending: figure(rounds.map((one) => one.sending)),
    }
  }
  const names = Object.keys(contestants) as Name[]
  return Object.fromEntries(
    names.map((name) => [name, Object.fromEntries(levels.map((level) => [level, of(name, level)]))]),
  ) as Ingest
}

async function measure(contestant: Running, note: (level: number, round: Round) => void): Promise<void> {
  let serial = 0
  const ordinary = (many: number) =>
    deliveries(
      contestant,
      Array.from({ length: many }, () => {
        const n = serial++
        return { id: `evt_bench_${n}`, member: n % members, created: firstSecond + Math.floor(n / members) }
      }),
    )
  // What is slow needs fewer to be told from another figure.
  const part = peers.some((peer) => contestants[peer] === contestant.handler) ? 8 : 1
  await load(contestant.port, 16, members / part, ordinary(members / part))
  for (const level of levels) {
    const many = count[level] / part
    note(level, await load(contestant.port, level, many, ordinary(many)))
  }
}

export function ingestTable(ingest: Ingest): string {
  const names = Object.keys(contestants) as Name[]
  const rows = levels.map((level) => [
    `${level}`,
    ...names.map((name) => format(ingest[name][level].perSecond)),
    ratio(ingest.dues[level].perSecond, ingest.floor[level].perSecond),
    ratio(ingest.dues[level].perSecond, best(level)),
    ratio(ingest['verifying alone'][level].perSecond, ingest.floor[level].perSecond),
    ...(['dues', 'floor'] as const).map((name) => format(ingest[name][level].p99, 1)),
    format(ingest.dues[level].sending),
  ])
  function best(level: (typeof levels)[number]): Figure {
    return peers
      .map((peer) => ingest[peer][level].perSecond)
      .reduce((one, other) => (one.median > other.median ? one : other))
  }
  return table(
    [
      'in flight',
      ...names.map((name) => `${name}, events/s`),
      'dues ÷ floor',
      'dues ÷ best peer',
      'verifying alone ÷ floor',
      'dues p99, ms',
      'floor p99, ms',
      'processor that sending takes, µs an event',
    ],
    rows,
  )
}

const ratio = (one: Figure, other: Figure): string => (one.median / other.median).toFixed(2)
