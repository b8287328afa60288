import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Contestant, startContestant } from './lib/contestant.ts'
import { type Figure, figure, format, table } from './lib/figures.ts'
import { load, send } from './lib/load.ts'
import { fetchPeers } from './lib/peers.ts'

const rounds = 5
const headers = { authorization: 'Bearer sk_test_bench', 'content-type': 'application/x-www-form-urlencoded' }
const cli = join(import.meta.dirname, '../packages/stripe-local/bin/stripe-local.js')
const scratch = mkdtempSync(join(tmpdir(), 'stripe-local-bench-'))
const peers = fetchPeers()

const probe = { path: '/v1/customers?limit=1', headers }
const local = (extra: string[]) => ({
  command: (port: number) => ['--conditions=dues-source', cli, '--port', `${port}`, ...extra],
  probe,
})
const contestants = {
  'stripe-local': local([]),
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
}
type Name = keyof typeof contestants

const post = (path: string, body: string, as = headers) => ({ method: 'POST', path, headers: as, body })
const get = (path: string, as: typeof headers) => ({ method: 'GET', path, headers: as })
/** A key for each measure: emulate answers no more than 5,000 requests of one. */
const keyed = (name: string) => ({ ...headers, authorization: `Bearer sk_test_bench_${name}` })

/** What is measured of every contestant. */
const measures: Record<string, (contestant: Contestant) => Promise<number>> = {
  'ready, ms': async ({ readyAfter }) => readyAfter,
  'customers created/s, 1 in flight': async ({ port }) =>
    (await load(port, 1, 1000, (i) => post('/v1/customers', `email=a${i}@example.com`, keyed('a')))).perSecond,
  'customers created/s, 16 in flight': async ({ port }) =>
    (await load(port, 16, 4000, (i) => post('/v1/customers', `email=b${i}@example.com`, keyed('b')))).perSecond,
  'customers read/s, 1 in flight': async ({ port }) => {
    const id = await create(port, '/v1/customers', 'email=c@example.com', keyed('c'))
    return (await load(port, 1, 1000, () => get(`/v1/customers/${id}`, keyed('c')))).perSecond
  },
  'customers read/s, 16 in flight': async ({ port }) => {
    const id = await create(port, '/v1/customers', 'email=d@example.com', keyed('d'))
    return (await load(port, 16, 4000, () => get(`/v1/customers/${id}`, keyed('d')))).perSecond
  },
}

const figures = new Map<string, Map<Name, number[]>>()
for (let round = 1; round <= rounds; round++) {
  console.log(`round ${round} of ${rounds}`)
  for (const name of Object.keys(contestants) as Name[]) {
    const contestant = await startContestant(contestants[name])
    try {
      for (const [measure, run] of Object.entries(measures)) note(measure, name, await run(contestant))
    } finally {
      await contestant.stop()
    }
  }
}
const names = Object.keys(contestants) as Name[]
console.log()
console.log(
  table(
    ['median (lowest–highest)', ...names],
    Object.keys(measures).map((measure) => [measure, ...names.map((name) => format(of(measure, name)))]),
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
const results = join(import.meta.dirname, 'results')
mkdirSync(results, { recursive: true })
const measured = Object.fromEntries(
  [...figures].map(([measure, byName]) => [
    measure,
    Object.fromEntries([...byName].map(([name, values]) => [name, figure(values)])),
  ]),
)
writeFileSync(
  join(results, 'stripe-local.json'),
  `${JSON.stringify({ node: process.version, rounds, measured, own }, null, 2)}\n`,
)
rmSync(scratch, { recursive: true, force: true })

function note(measure: string, name: Name, value: number): void {
  const byName = figures.get(measure) ?? new Map<Name, number[]>()
  figures.set(measure, byName)
  byName.set(name, [...(byName.get(name) ?? []), value])
}

function of(measure: string, name: Name): Figure {
  return figure(figures.get(measure)?.get(name) ?? [])
}

async function create(port: number, path: string, body: string, as = headers): Promise<string> {
  return (JSON.parse(await send(http.globalAgent, port, post(path, body, as))) as { id: string }).id
}

/** What no peer has: subscriptions, deliveries, a year of a thousand subscriptions, the price of size. */
async function ownFigures(): Promise<Record<string, string>> {
  const contestant = await startContestant(contestants['stripe-local'])
  const { port } = contestant
  try {
    const product = await create(port, '/v1/products', 'name=Pro')
    const price = await create(
      port,
      '/v1/prices',
      `product=${product}&currency=usd&unit_amount=1900&recurring[interval]=month`,
    )
    const subscriber = async (clock?: string): Promise<string> => {
      const customer = await create(
        port,
        '/v1/customers',
        `payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa${clock ? `&test_clock=${clock}` : ''}`,
      )
      return customer
    }
    const customers: string[] = []
    for (let i = 0; i < 1000; i++) customers.push(await subscriber())
    const subscribe = (i: number) =>
      post('/v1/subscriptions', `customer=${customers[i % customers.length]}&items[0][price]=${price}`)
    const one: number[] = []
    const sixteen: number[] = []
    for (let round = 0; round < rounds; round++) {
      one.push((await load(port, 1, 300, subscribe)).perSecond)
      sixteen.push((await load(port, 16, 800, subscribe)).perSecond)
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
  const wanted = 3000
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
  for (let round = 0; round < rounds; round++) {
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
  return values
}

/** Seconds that the account's clock takes through a year over a thousand monthly subscriptions. */
async function years(): Promise<number[]> {
  const values: number[] = []
  for (let round = 0; round < 3; round++) {
    const contestant = await startContestant(local([]))
    const { port } = contestant
    const product = await create(port, '/v1/products', 'name=Pro')
    const price = await create(
      port,
      '/v1/prices',
      `product=${product}&currency=usd&unit_amount=1900&recurring[interval]=month`,
    )
    for (let i = 0; i < 1000; i++) {
      const customer = await create(
        port,
        '/v1/customers',
        'payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa',
      )
      await create(port, '/v1/subscriptions', `customer=${customer}&items[0][price]=${price}`)
    }
    const began = performance.now()
    await send(http.globalAgent, port, { method: 'POST', path: '/_local/clock', headers, body: '{"months":12}' })
    values.push((performance.now() - began) / 1000)
    await contestant.stop()
  }
  return values
}

/** The same work with more and more customers there already, and what one of them takes in memory. */
async function sizes(): Promise<Record<string, string>> {
  const contestant = await startContestant(local([]))
  const rows: Record<string, string> = {}
  let there = 0
  for (const size of [100, 10_000, 100_000]) {
    await load(contestant.port, 16, size - there, (i) => post('/v1/customers', `name=n${i}`))
    there = size
    const values: number[] = []
    for (let round = 0; round < rounds; round++) {
      values.push((await load(contestant.port, 1, 300, (i) => post('/v1/customers', `name=m${i}`))).perSecond)
      there += 300
    }
    rows[`customers created/s, 1 in flight, with ${size.toLocaleString('en')} there`] = format(figure(values))
  }
  await contestant.stop()
  return rows
}
