import { join } from 'node:path'
import { startContestant } from '../lib/contestant.ts'
import type { EventOptions } from '../lib/events.ts'
import { type Figure, figure, format, table } from '../lib/figures.ts'
import { handlers } from '../lib/handlers.ts'
import { load } from '../lib/load.ts'
import { deliveries, firstSecond, members, onDatabase, type Setting, startOnEmpty } from './setting.ts'

const many = 10_000
const inFlight = 64

export type Burst = {
  ordinarySeconds: Figure
  burstSeconds: Figure
  /** Of each round, the burst's time by that of the ordinary events beside it. */
  ratio: Figure
  /** From the last answer until no event waits for its object any more. */
  settledAfterSeconds: Figure
  fetches: Figure
  mostFetchesOfAMemberInASecond: Figure
}

/** 10,000 events of 1,000 members, half of them duplicates, a fifth out of order, many in one second; and as many ordinary ones. */
export async function measureBurst(setting: Setting): Promise<Burst> {
  const stripe = await startContestant({
    command: () => ['--conditions=dues-source', join(import.meta.dirname, '..', 'counting-stripe.ts')],
    env: (port) => ({ PORT: `${port}` }),
    probe: { path: '/counts', headers: {} },
  })
  const counts = async (method: string) => {
    const answer = await fetch(`http://127.0.0.1:${stripe.port}/counts`, { method })
    return (await answer.json()) as { total: number; mostInOneSecond: number }
  }
  const seen: Record<keyof Burst, number[]> = {
    ordinarySeconds: [],
    burstSeconds: [],
    ratio: [],
    settledAfterSeconds: [],
    fetches: [],
    mostFetchesOfAMemberInASecond: [],
  }
  try {
    for (let round = 1; round <= setting.rounds; round++) {
      const dues = await startOnEmpty(setting, handlers.dues, `burst_${round}`, `http://127.0.0.1:${stripe.port}`)
      try {
        // Everybody is known before, so that both parts find the same.
        await load(dues.port, 16, 2 * members, deliveries(dues, ordinary(0, 2 * members, 2 * members)))
        const calm = await load(dues.port, inFlight, many, deliveries(dues, ordinary(2 * members, many, members)))
        await counts('DELETE')
        const wild = await load(dues.port, inFlight, many, deliveries(dues, burst(round)))
        const answered = performance.now()
        await onDatabase(dues.database, async (sql) => {
          for (;;) {
            const { rowCount } = await sql.query("select 1 from dues.inbox where state = 'waiting' limit 1")
            if (rowCount === 0) return
            if (performance.now() - answered > 60_000) throw new Error('Events still wait a minute after the burst.')
            await new Promise((resolve) => setTimeout(resolve, 20))
          }
        })
        const fetched = await counts('GET')
        seen.ordinarySeconds.push(many / calm.perSecond)
        seen.burstSeconds.push(many / wild.perSecond)
        seen.ratio.push(calm.perSecond / wild.perSecond)
        seen.settledAfterSeconds.push((performance.now() - answered) / 1000)
        seen.fetches.push(fetched.total)
        seen.mostFetchesOfAMemberInASecond.push(fetched.mostInOneSecond)
      } finally {
        await dues.stop()
      }
      console.log(`burst, round ${round} of ${setting.rounds} done`)
    }
  } finally {
    await stripe.stop()
  }
  return Object.fromEntries(Object.entries(seen).map(([name, values]) => [name, figure(values)])) as Burst
}

/** Events that come in order, each second of a member's its own. */
function ordinary(from: number, count: number, people: number): EventOptions[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `evt_calm_${from + i}`,
    member: i % people,
    created: firstSecond + Math.floor((from + i) / people),
    status: statusOf(Math.floor(i / people)),
  }))
}

/** Of each member (the second thousand) five events of three seconds, each twice; of all, a fifth changes place with another. */
function burst(seed: number): EventOptions[] {
  // Of this very moment: what is fetched meanwhile can be told from none of them.
  const now = Math.floor(Date.now() / 1000)
  const events = Array.from({ length: many }, (_, i) => {
    const [member, turn] = [members + (i % members), Math.floor(i / members / 2)]
    const created = now + Math.floor(turn / 2)
    return { id: `evt_wild_${member}_${turn}`, member, created, status: statusOf(turn) }
  })
  const random = seeded(seed)
  for (let i = 0; i < many / 10; i++) {
    const [one, other] = [Math.floor(random() * many), Math.floor(random() * many)]
    const [a, b] = [events[one], events[other]]
    if (a !== undefined && b !== undefined) {
      events[one] = b
      events[other] = a
    }
  }
  return events
}

const statusOf = (turn: number): string => (turn % 2 === 0 ? 'past_due' : 'active')

/** The same disorder in each run: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
const seeded = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

export function burstTable(burst: Burst): string {
  return table(
    ['a burst of 10,000 events, 1,000 members, 64 in flight', 'dues'],
    [
      ['ordinary events, s', format(burst.ordinarySeconds, 2)],
      ['the burst, s', format(burst.burstSeconds, 2)],
      ['burst ÷ ordinary', format(burst.ratio, 2)],
      ['until nothing waits, s after the last answer', format(burst.settledAfterSeconds, 2)],
      ['fetches', format(burst.fetches)],
      ['most fetches of a member in a second', format(burst.mostFetchesOfAMemberInASecond)],
    ],
  )
}
