import type pg from 'pg'
import { type Figure, figure, format, table } from '../lib/figures.ts'
import { floor, handlers } from '../lib/handlers.ts'
import { load } from '../lib/load.ts'
import { deliveries, firstSecond, onDatabase, type Running, type Setting, startOnEmpty } from './setting.ts'

const sizes = [1_000, 1_000_000] as const
const inFlight = 64
const many = 6_000

const contestants = { floor, dues: handlers.dues }
type Name = keyof typeof contestants
type Grown = { eventsPerSecond: Record<(typeof sizes)[number], Figure>; timeRatio: Figure }
/** The floor beside Dues: of a million rows each lies on another page, which the server logs whole when it is first changed. */
export type Growth = Record<Name, Grown>

/** The same deliveries, of members drawn from all, with a thousand members in the tables and with a million. */
export async function measureGrowth(setting: Setting): Promise<Growth> {
  const running: { name: Name; size: (typeof sizes)[number]; one: Running; perSecond: number[] }[] = []
  try {
    for (const name of Object.keys(contestants) as Name[]) {
      for (const size of sizes) {
        const one = await startOnEmpty(setting, contestants[name], `growth_${name}_${size}`)
        running.push({ name, size, one, perSecond: [] })
        await load(one.port, 1, 1, deliveries(one, [{ id: 'evt_template', member: 0, created: firstSecond }]))
        await onDatabase(one.database, async (sql) => {
          // A trigger takes a lock for each row, and a million of them are more than a server holds.
          await sql.query('set session_replication_role = replica')
          for (const [table, keys] of filled[name]) {
            await fill(sql, table, keys, size - 1)
            // By itself alone: the helpers of a parallel one want more shared memory than a container has.
            await sql.query(`vacuum (analyze, parallel 0) ${table}`)
          }
          await sql.query('checkpoint')
        })
        console.log(`growth: ${size} members of ${name} are there`)
      }
    }
    let serial = 0
    for (let round = 0; round <= setting.rounds; round++) {
      for (const { size, one, perSecond } of running) {
        const events = Array.from({ length: many }, () => {
          const n = serial++
          // A stride that meets everybody: no member twice before all were there.
          return { id: `evt_grow_${n}`, member: (n * 7919) % size, created: firstSecond + 10 + n }
        })
        const seen = await load(one.port, inFlight, many, deliveries(one, events))
        // The first round warms all of them up.
        if (round > 0) perSecond.push(seen.perSecond)
      }
      console.log(`growth, round ${round} of ${setting.rounds} done`)
    }
  } finally {
    for (const { one } of running) await one.stop()
  }
  const seen = (name: Name, size: number) =>
    running.find((one) => one.name === name && one.size === size)?.perSecond ?? []
  const grown = (name: Name): Grown => {
    const [few, many] = [seen(name, sizes[0]), seen(name, sizes[1])]
    return {
      eventsPerSecond: { [sizes[0]]: figure(few), [sizes[1]]: figure(many) } as Grown['eventsPerSecond'],
      timeRatio: figure(few.map((perSecond, round) => perSecond / (many[round] ?? Number.NaN))),
    }
  }
  return { floor: grown('floor'), dues: grown('dues') }
}

/** The tables with a row a member, and what differs in it: each is a copy of the one that a delivery has made. */
const filled: Readonly<Record<Name, readonly [table: string, keys: string][]>> = {
  floor: [
    ['floor_event', "'id', 'evt_old_' || n"],
    ['floor_subscription', "'id', 'sub_bench' || n, 'customer', 'cus_bench' || n"],
  ],
  dues: [
    ['dues.subscription', "'id', 'sub_bench' || n, 'customer', 'cus_bench' || n"],
    ['dues.owner_customer', "'owner', 'user_' || n, 'customer', 'cus_bench' || n"],
    ['dues.inbox', "'id', 'evt_old_' || n, 'object', 'sub_bench' || n, 'payload', '{}'"],
    [
      'dues.transition',
      "'key', 'sub_bench' || n || ':started', 'subscription', 'sub_bench' || n, 'customer', 'cus_bench' || n",
    ],
  ],
}

/** Copies a table's one row, into the columns that it does not make itself. */
async function fill(sql: pg.Client, table: string, keys: string, count: number): Promise<void> {
  const { rows } = await sql.query<{ columns: string }>(
    `select string_agg(quote_ident(attname), ', ') as columns from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    [table],
  )
  const columns = rows[0]?.columns
  await sql.query(
    `insert into ${table} (${columns})
     select ${columns?.replaceAll(/\w+/g, 'made.$&')}
     from (select one from ${table} one limit 1) template, generate_series(1, $1::int) n,
       lateral jsonb_populate_record(template.one, jsonb_build_object(${keys})) made
     on conflict do nothing`,
    [count],
  )
}

export function growthTable({ floor, dues }: Growth): string {
  return table(
    ['members in the tables, 64 in flight', 'the floor, events/s', 'dues, events/s'],
    [
      ...sizes.map((size) => [
        size.toLocaleString('en'),
        format(floor.eventsPerSecond[size]),
        format(dues.eventsPerSecond[size]),
      ]),
      ['time with a million ÷ with a thousand', format(floor.timeRatio, 2), format(dues.timeRatio, 2)],
    ],
  )
}
