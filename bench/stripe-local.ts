import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Contestant, startContestant } from './lib/contestant.ts'
import { create, get, headers, keyed, local, type Program, post, probe, warmUp } from './lib/customers.ts'
import { type Figure, figure, format, table } from './lib/figures.ts'
import { load, send } from './lib/load.ts'
import { fetchPeers } from './lib/peers.ts'
import { bySize, heapPerCustomer } from './lib/size.ts'

/** `-- --quick`: everything a tenth as often, to see whether it runs. Its figures are worth nothing and are not written down. */
const quick = process.argv.includes('--quick')
const times = (count: number) => (quick ? Math.ceil(count / 10) : count)
const rounds = times(5)
const scratch = mkdtempSync(join(tmpdir(), 'stripe-local-bench-'))
const peers = fetchPeers()

const contestants = {
  'stripe-local': local(),
  'stripe-local, journal': local(['--journal', join(scratch, 'journal')]),
  'emulate 0.12.2': {
    command: (port: number) => [join(peers, 'emulate/dist/index.js'), '--service', 'stripe', '--port', `${port}`],
    probe,
  },
  'stripe-stateful-mock 0.0.16': {
    command: () => [join(peers, 'stripe-stateful-mock/dist/cli.js')],
    env: (port: number) => ({ PORT: `${port}`, LOG_LEVEL: 'silent' }),
    probe,
  },
  'bare node:http': {
    command: () => [join(import.meta.dirname, 'bare.ts')],
    env: (port: number) => ({ PORT: `${port}` }),
    probe,
  },
} satisfies Record<string, Program>
type Name = keyof typeof contestants
const names = Object.keys(contestants) as Name[]

/** What is measured of every contestant, each of which was warmed up by the same requests. */
const measures: Record<string, (contestant: Contestant) => Promise<number>> = {
  'customers created/s, 1 in flight': async ({ port }) =>
    (await load(port, 1, times(2000), (i) => post('/v1/customers', `email=a${i}@example.com`, keyed('a')))).perSecond,
  'customers created/s, 16 in flight': async ({ port }) =>
    (await load(port, 16, times(4500), (i) => post('/v1/customers', `email=b${i}@example.com`, keyed('b')))).perSecond,
  'customers read/s, 1 in flight': async ({ port }) => {
    const id = await create(port, '/v1/customers', 'email=c@example.com', keyed('c'))
    return (await load(port, 1, times(2000), () => get(`/v1/customers/${id}`, keyed('c')))).perSecond
  },
  'customers read/s, 16 in flight': async ({ port }) => {
    const id = await create(port, '/v1/customers', 'email=d@example.com', keyed('d'))
    return (await load(port, 16, times(4500), () => get(`/v1/customers/${id}`, keyed('d')))).perSecond
  },
}

const paying = 'payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa'

const figures = new Map<string, Map<Name, number[]>>()
for (let round = 0; round < rounds; round++) {
  console.log(`round ${round + 1} of ${rounds}`)
  // Each round begins with another one, so that nobody always has the machine as the same other left it.
  for (const name of [...names.slice(round), ...names.slice(0, round)]) {
    rmSync(join(scratch, 'journal'), { force: true })
    const contestant = await startContestant(contestants[name])
    try {
      note('ready, ms', name, contestant.readyAfter)
      await warmUp(contestant, times(4000))
      for (const [measure, run] of Object.entries(measures)) note(measure, name, await run(contestant))
    } finally {
      await contestant.stop()
    }
  }
}
for (const name of names) {
  if (name === 'bare node:http') continue
  note('heap per customer, bytes', name, await heapPerCustomer(contestants[name], times(20_000)))
}
console.log()
console.log(
  table(
    ['median (lowest–highest)', ...names],
    [...figures.keys()].map((measure) => [measure, ...names.map((name) => cell(measure, name))]),
  ),
)

const own = await ownFigures()
console.log()
console.log(
  table(
    ['stripe-local alone', ''],
    Object.entries(own).map(([name, value]) => [name, value]),
  ),
)
const measured = Object.fromEntries(
  [...figures].map(([measure, byName]) => [
    measure,
    Object.fromEntries([...byName].map(([name, values]) => [name, figure(values)])),
  ]),
)
if (!quick) {
  const results = join(import.meta.dirname, 'results')
  mkdirSync(results, { recursive: true })
  writeFileSync(
    join(results, 'stripe-local.json'),
    `${JSON.stringify({ node: process.version, rounds, measured, own }, null, 2)}\n`,
  )
}
rmSync(scratch, { recursive: true, force: true })
console.log(`\nin all ${Math.round(performance.now() / 1000)} s`)

function note(measure: string, name: Name, value: number): void {
  const byName = figures.get(measure) ?? new Map<Name, number[]>()
  figures.set(measure, byName)
  byName.set(name, [...(byName.get(name) ?? []), value])
}

function of(measure: string, name: Name): Figure | undefined {
  const values = figures.get(measure)?.get(name)
  return values && figure(values)
}

function cell(measure: string, name: Name): string {
  const measured = of(measure, name)
  return measured ? format(measured) : '—'
}

/** What no peer has: subscriptions, deliveries, a year of a thousand subscriptions, the price of size. */
async function ownFigures(): Promise<Record<string, string>> {
  const contestant = await startContestant(local())
  const { port } = contestant
  try {
    await warmUp(contestant, times(4000))
    const product = await create(port, '/v1/products', 'name=Pro')
    const price = await create(
      port,
      '/v1/prices',
      `product=${product}&currency=usd&unit_amount=1900&recurring[interval]=month`,
    )
    const subscriber = () => create(port, '/v1/customers', paying)
    const customers: string[] = []
    for (let i = 0; i < times(1000); i++) customers.push(await subscriber())
    const subscribe = (i: number) =>
      post('/v1/subscriptions', `customer=${customers[i % customers.length]}&items[0][price]=${price}`)
    await load(port, 16, times(2000), subscribe)
    const one: number[] = []
    const sixteen: number[] = []
    for (let round = 0; round < rounds; round++) {
      one.push((await load(port, 1, times(300), subscribe)).perSecond)
      sixteen.push((await load(port, 16, times(800), subscribe)).perSecond)
    }
    return {
      'subscriptions created/s, 1 in flight': format(figure(one)),
      'subscriptions created/s, 16 in flight': format(figure(sixteen)),
      'webhook deliveries/s': format(figure(await deliveries())),
      'a year of 1,000 monthly subscriptions, s': format(figure(await years()), 2),
      ...(await sizes()),
    }
  } finally {
    await contestant.stop()
  }
}

/** Events of created customers, counted as they come in at an endpoint of this process. */
async function deliveries(): Promise<number[]> {
  let received = 0
  let done: (() => void) | undefined
  const wanted = times(3000)
  const endpoint = http.createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      response.end()
      if (++received === wanted) done?.()
    })
  })
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`
  const contestant = await startContestant(local(['--webhook', `${url}=whsec_bench`]))
  const values: number[] = []
  for (let round = 0; round <= rounds; round++) {
    received = 0
    const all = new Promise<void>((resolve) => {
      done = resolve
    })
    const began = performance.now()
    await load(contestant.port, 16, wanted, (i) => post('/v1/customers', `name=n${i}`))
    await all
    values.push(wanted / ((performance.now() - began) / 1000))
  }
  await contestant.stop()
  endpoint.close()
  // The first round was the warming up.
  return values.slice(1)
}

/** Seconds that the account's clock takes through a year over a thousand monthly subscriptions. */
async function years(): Promise<number[]> {
  const values: number[] = []
  for (let round = 0; round < times(3); round++) {
    const contestant = await startContestant(local())
    const { port } = contestant
    const product = await create(port, '/v1/products', 'name=Pro')
    const price = await create(
      port,
      '/v1/prices',
      `product=${product}&currency=usd&unit_amount=1900&recurring[interval]=month`,
    )
    for (let i = 0; i < times(1000); i++) {
      const customer = await create(port, '/v1/customers', paying)
      await create(port, '/v1/subscriptions', `customer=${customer}&items[0][price]=${price}`)
    }
    const began = performance.now()
    await send(http.globalAgent, port, { method: 'POST', path: '/_local/clock', headers, body: '{"months":12}' })
    values.push((performance.now() - began) / 1000)
    await contestant.stop()
  }
  return values
}

/** The same work with more and more customers there already, and what they take in memory. */
async function sizes(): Promise<Record<string, string>> {
  const rows: Record<string, string> = {}
  const sized = await bySize([100, 10_000, times(1_000_000)], { rounds: 5, count: times(1000), most: 150 })
  for (const { there, created, read, heapMegabytes } of sized) {
    const size = there.toLocaleString('en')
    rows[`customers created/s, 1 in flight, with ${size} there`] = format(created)
    rows[`customers read/s, 1 in flight, with ${size} there`] = format(read)
    rows[`heap with ${size} customers and their events, MB`] = heapMegabytes.toLocaleString('en')
  }
  return rows
}
