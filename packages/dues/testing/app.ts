import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Stripe from 'stripe'
import type { FaultSettings } from 'stripe-local'
import { afterAll, beforeAll, describe } from 'vitest'
import { onEachDatabase, openPGlite, type TestDatabase } from '../../../testing/databases.ts'
import type { AddOns } from '../src/catalogue/add-ons.ts'
import type { Plans } from '../src/catalogue/plans.ts'
import { assembleDues, type Tuning } from '../src/dues.ts'
import { silentLogger } from '../src/logger.ts'
import { usd } from '../src/money.ts'
import type { DuesOptions } from '../src/options.ts'
import type { DatabaseSource } from '../src/store/database.ts'
import { until } from './engine.ts'
import { startTestStripe } from './stripe.ts'
import { toRequest } from './to-request.ts'

export const plans = {
  free: { name: 'Free', features: { projects: 3, export: false } },
  pro: {
    name: 'Professional',
    prices: { monthly: usd(19), yearly: usd(190) },
    features: { projects: 100, export: true },
  },
  ent: {
    name: 'Enterprise',
    prices: { monthly: usd(99) },
    trial: { days: 14 },
    features: { projects: Infinity, export: true },
  },
} as const satisfies Plans

export const addOns = {
  storage: {
    name: 'Storage',
    prices: { monthly: usd(5), yearly: usd(50) },
    quantity: { max: 20 },
    features: { gigabytes: 100, projects: 10 },
  },
  support: {
    name: 'Priority support',
    prices: { monthly: usd(20), yearly: usd(200) },
    plans: ['pro'],
    quantity: { max: 1 },
    features: { priority: true },
  },
} as const satisfies AddOns

/** What most members have beside their plan. */
export const noAddOns = { storage: 0, support: 0 }

const webhookSecret = 'whsec_test_app'

export type App = Awaited<ReturnType<typeof openApp>>

/**
 * Runs one suite on each database with one app for all of its tests: a database, a Stripe and its webhooks. Each test has an owner
 * of its own.
 *
 * @example
 * onEachApp('a switch', (app) => {
 *   test('keeps the subscription', async () => {
 *     const { dues, subscribe } = app()
 *     const owner = anOwner()
 *   })
 * })
 */
export function onEachApp(
  name: string,
  suite: (app: () => App) => void,
  options: Partial<DuesOptions<typeof plans, typeof addOns>> & AppOptions = {},
): void {
  onEachDatabase(name, (open) => {
    describe('with one app', () => {
      let app: App
      beforeAll(async () => {
        app = await openApp(open, options)
      })
      afterAll(() => app.close())
      suite(() => app)
    })
  })
}

/** As `onEachApp`, on PGlite alone: for what Stripe decides, and SQL does not. */
export function onOneApp(
  name: string,
  suite: (app: () => App) => void,
  options: Partial<DuesOptions<typeof plans, typeof addOns>> & AppOptions = {},
): void {
  describe(name, () => {
    let app: App
    beforeAll(async () => {
      app = await openApp(openPGlite, options)
    })
    afterAll(() => app.close())
    suite(() => app)
  })
}

/** `retries`: how often a call to Stripe is repeated. `tuning`: for a test that has no days to wait. */
type AppOptions = { retries?: number; tuning?: Tuning }

let owners = 0
/** Somebody who was never seen before. */
export function anOwner() {
  const id = `owner_${++owners}`
  return { id, email: `${id}@example.com`, name: `Owner ${owners}` }
}

type SubscribeOptions = { plan?: string; interval?: string; card?: string } & Omit<
  Stripe.SubscriptionCreateParams,
  'customer' | 'items' | 'metadata'
>

export async function openApp(
  open: () => Promise<Omit<TestDatabase, 'database'> & { database: DatabaseSource }>,
  { retries = 2, tuning, ...options }: Partial<DuesOptions<typeof plans, typeof addOns>> & AppOptions,
) {
  const opened = await open()
  let handle: (request: Request) => Promise<Response> = async () => new Response(null, { status: 503 })
  const server = createServer(async (incoming, outgoing) => {
    const response = await handle(toRequest(incoming))
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(Buffer.from(await response.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://localhost:${(server.address() as AddressInfo).port}`

  const test = await startTestStripe({ webhooks: [{ url: `${url}/billing/webhook`, secret: webhookSecret }] })
  const { local, stripe, secretKey } = test
  // As Dues makes its own, but it does not wait for half a second and more before it repeats a call.
  const client = new Stripe(secretKey, {
    host: 'localhost',
    port: local.port,
    protocol: 'http',
    maxNetworkRetries: retries,
    telemetry: false,
  })
  client.getInitialNetworkRetryDelay = () => 0.01
  const process = (changes: Partial<DuesOptions<typeof plans, typeof addOns>> = {}) =>
    assembleDues(
      {
        stripe: { client, webhookSecret },
        database: opened.database,
        plans,
        // Plans of a suite's own have none, unless it brings them.
        ...(!options.plans && { addOns }),
        identify: (request) => {
          const id = request.headers.get('x-owner')
          return id ? { id, email: `${id}@example.com` } : null
        },
        baseUrl: url,
        now: () => new Date(test.now() * 1000),
        logger: silentLogger,
        ...options,
        ...changes,
      },
      // A test waits for its events: by the second that is between two fetches of an object, most tests took that second.
      { fetching: { spacingMs: 20 }, ...tuning },
    )
  const dues = process()
  const other = process()
  await dues.catalogue.push()
  await dues.start()
  await other.start()
  handle = dues.handler

  const control = async (what: string, body: object) => {
    const response = await fetch(`${local.url}/_local/${what}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(await response.text())
  }
  const settled = async () => {
    await local.settled(secretKey)
    // Events of one second cannot be told apart, so what they are about is fetched a moment later.
    await until(async () => (await dues.health()).inbox.waiting === 0, 'no event waits for its object')
  }

  return {
    ...test,
    dues,
    /** Another process of the same app, on the same database. */
    other,
    /** A further process, not started yet; whoever takes it stops it. */
    another: process,
    webhookSecret,
    url,
    /** What each process was given as its `database`. */
    database: opened.database,
    query: opened.query,
    /** Resolves when every event so far has been delivered and the mirror shows it. */
    settled,
    /** Subscribes an owner by the API, as somebody in the dashboard would, and waits for the webhooks. */
    async subscribe(
      owner: string,
      { plan = 'pro', interval = 'monthly', card = 'pm_card_visa', ...more }: SubscribeOptions = {},
    ) {
      const customer = await stripe.customers.create({
        email: `${owner}@example.com`,
        payment_method: card,
        invoice_settings: { default_payment_method: card },
        metadata: { dues_owner: owner },
      })
      const { data: prices } = await stripe.prices.list({ lookup_keys: [`dues_${plan}_${interval}`] })
      const subscription = await stripe.subscriptions.create({
        customer: customer.id,
        items: prices.map(({ id }) => ({ price: id })),
        metadata: { dues_owner: owner },
        ...more,
      })
      await settled()
      return { customer: customer.id, subscription: subscription.id }
    },
    /** Pays with another card from now on. */
    async payWith(customer: string, card: string) {
      const method = await stripe.paymentMethods.attach(card, { customer })
      await stripe.customers.update(customer, { invoice_settings: { default_payment_method: method.id } })
    },
    /** The customers that Stripe has of an owner. */
    customersOf: async (owner: string) => (await stripe.customers.list({ email: `${owner}@example.com` })).data,
    /** What goes wrong on the way to Stripe from now on. */
    faults: (settings: FaultSettings) => control('faults', settings),
    /** How Stripe is set up: `retryDays`, and what its dashboard lets one choose. */
    settings: (settings: object) => control('settings', settings),
    /** Moves Stripe's clock on; resolves when everything that fell due has happened and was delivered. */
    async advance(by: { months?: number; days?: number; seconds?: number }) {
      await control('clock', by)
      await settled()
    },
    /** A request of somebody who is signed in, as a program sends it. */
    ask: (owner: string, path: string, body?: object) =>
      dues.handler(
        new Request(`${url}/billing${path}`, {
          method: body ? 'POST' : 'GET',
          headers: { 'x-owner': owner, accept: 'application/json', 'content-type': 'application/json' },
          ...(body && { body: JSON.stringify(body) }),
        }),
      ),
    async close() {
      server.close()
      server.closeAllConnections()
      await local.stop()
      await dues.stop()
      await other.stop()
      await opened.close()
    },
  }
}
