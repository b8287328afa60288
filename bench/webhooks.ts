/**
 * `npm run bench`: the webhook handler over HTTP beside the floor and its peers, on a PostgreSQL of its own that waits for the
 * disk. `-- --only ingest,burst,growth` measures some of the three, `--rounds N` more or fewer rounds. Writes bench/results/webhooks.json
 * (what was not measured now stays) and a chart.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startPostgres } from '../testing/postgres.ts'
import { barChart } from './lib/chart.ts'
import { fetchPeers, versionsOfPeers } from './lib/peers.ts'
import { type Burst, burstTable, measureBurst } from './webhooks/burst.ts'
import { type Growth, growthTable, measureGrowth } from './webhooks/growth.ts'
import { type Ingest, ingestTable, measureIngest } from './webhooks/ingest.ts'

type Kept = { ingest?: Ingest; burst?: Burst; growth?: Growth }

const { values } = parseArgs({
  options: { only: { type: 'string', default: 'ingest,burst,growth' }, rounds: { type: 'string', default: '5' } },
})
const only = values.only.split(',')
const folder = join(import.meta.dirname, 'results')
const file = join(folder, 'webhooks.json')

if (only.includes('ingest')) fetchPeers()
const postgres = await startPostgres({ durable: true })
const setting = { postgres, rounds: Number(values.rounds) }
const measured: Kept = {}
try {
  if (only.includes('ingest')) measured.ingest = await measureIngest(setting)
  if (only.includes('burst')) measured.burst = await measureBurst({ ...setting, rounds: Math.min(3, setting.rounds) })
  if (only.includes('growth')) measured.growth = await measureGrowth(setting)
} finally {
  await postgres.stop()
}

console.log('\nMedians, with the lowest and the highest round.\n')
if (measured.ingest) console.log(`${ingestTable(measured.ingest)}\n`)
if (measured.burst) console.log(`${burstTable(measured.burst)}\n`)
if (measured.growth) console.log(`${growthTable(measured.growth)}\n`)
keep()

function keep(): void {
  mkdirSync(folder, { recursive: true })
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept) : {}
  const sections: Kept = {}
  for (const name of ['ingest', 'burst', 'growth'] as const) {
    const section = measured[name] ?? before[name]
    if (section !== undefined) Object.assign(sections, { [name]: section })
  }
  const kept = {
    at: new Date().toISOString(),
    node: process.version,
    processor: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    peers: versionsOfPeers(),
    rounds: setting.rounds,
    ...sections,
  }
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`)
  const { ingest } = sections
  if (ingest === undefined) return
  const names = Object.keys(ingest) as (keyof Ingest)[]
  const groups = ([1, 16, 64] as const).map((level) => ({
    label: `${level} in flight`,
    values: names.map((name) => ingest[name][level].perSecond),
  }))
  writeFileSync(
    join(folder, 'webhooks.svg'),
    barChart('Signed 3 kB webhooks taken in a second', 'events/s', names, groups),
  )
}
