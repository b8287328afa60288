import { type Figure, figure, format, table } from '../lib/figures.ts'
import { handlers } from '../lib/handlers.ts'
import { load } from '../lib/load.ts'
import { deliveries, firstSecond, onDatabase, type Running, type Setting, startOnEmpty } from './setting.ts'

const sizes = [1_000, 1_000_000] as const
const inFlight = 64
const many = 6_000

export type Growth = { eventsPerSecond: Record<(typeof sizes)[number], Figure>; timeRatio: Figure }

/** The same deliveries, of members drawn from all, with a thousand members in the tables and with a million. */
export async function measureGrowth(setting: Setting): Promise<Growth> {
  const running: { size: (typeof sizes)[number]; dues: Running }[] = []
  const seen = new Map<number, number[]>(sizes.map((size) => [size, []]))
  const ratios: number[] = []
  try {
    for (const size of sizes) {
      const dues = await startOnEmpty(setting, handlers.dues, `growth_${size}`)
      running.push({ size, dues })
      await load(dues.port, 1, 1, deliveries(dues, [{ id: 'evt_template', member: 0, created: firstSecond }]))
      await onDatabase(dues.database, async (sql) => {
        // A trigger takes a lock for each row, and a million of them are more than a server holds.
        await sql.query('set session_replication_role = replica')
        for (const [name, keys] of filled) {
          await sql.query(fill(name, keys), [size - 1])
          // By itself alone: the helpers of a parallel one want more shared memory than a container has.
          await sql.query(`vacuum (analyze, parallel 0) dues.${name}`)
        }
        await sql.query('checkpoint')
      })
      console.log(`growth: ${size} members are there`)
    }
    let serial = 0
    for (let round = 0; round <= setting.rounds; round++) {
      const seconds: number[] = []
      for (const { size, dues } of running) {
        const events = Array.from({ length: many }, () => {
          const n = serial++
          // A stride that meets everybody: no member twice before all were there.
          return { id: `evt_grow_${n}`, member: (n * 7919) % size, created: firstSecond + 10 + n }
        })
        const { perSecond } = await load(dues.port, inFlight, many, deliveries(dues, events))
        seconds.push(many / perSecond)
        // The first round warms both up.
        if (round > 0) seen.get(size)?.push(perSecond)
      }
      const [small = 0, large = 0] = seconds
      if (round > 0) ratios.push(large / small)
      console.log(`growth, round ${round} of ${setting.rounds} done`)
    }
  } finally {
    for (const { dues } of running) await dues.stop()
  }
  const eventsPerSecond = Object.fromEntries(sizes.map((size) => [size, figure(seen.get(size) ?? [])]))
  return { eventsPerSecond: eventsPerSecond as Growth['eventsPerSecond'], timeRatio: figure(ratios) }
}

/** The tables with a row a member, and what differs in it: each is a copy of the one that a delivery has made. */
const filled: readonly [name: string, keys: string][] = [
  ['subscription', "'id', 'sub_bench' || n, 'customer', 'cus_bench' || n"],
  ['owner_customer', "'owner', 'user_' || n, 'customer', 'cus_bench' || n"],
  ['inbox', "'id', 'evt_old_' || n, 'object', 'sub_bench' || n, 'payload', '{}'"],
  [
    'transition',
    "'key', 'sub_bench' || n || ':started', 'subscription', 'sub_bench' || n, 'customer', 'cus_bench' || n",
  ],
]

const fill = (name: string, keys: string): string =>
  `insert into dues.${name}
   select made.*
   from (select one from dues.${name} one limit 1) template, generate_series(1, $1::int) n,
     lateral jsonb_populate_record(template.one, jsonb_build_object(${keys})) made
   on conflict do nothing`

export function growthTable({ eventsPerSecond, timeRatio }: Growth): string {
  return table(
    ['members in the tables, 64 in flight', 'dues, events/s'],
    [
      ...sizes.map((size) => [size.toLocaleString('en'), format(eventsPerSecond[size])]),
      ['time with a million ÷ with a thousand', format(timeRatio, 2)],
    ],
  )
}
