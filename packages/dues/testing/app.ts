import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import Stripe from 'stripe'
import type { FaultSettings } from 'stripe-local'
import { onTestFinished } from 'vitest'
import type { TestDatabase } from '../../../testing/databases.ts'
import type { Plans } from '../src/catalogue/plans.ts'
import { createDues } from '../src/dues.ts'
import { silentLogger } from '../src/logger.ts'
import { usd } from '../src/money.ts'
import type { DuesOptions } from '../src/options.ts'
import { openTestStripe } from './stripe.ts'

export const plans = {
  free: { name: 'Free', features: { projects: 3, export: false } },
  pro: {
    name: 'Professional',
    prices: { monthly: usd(19), yearly: usd(190) },
    features: { projects: 100, export: true },
  },
  ent: { name: 'Enterprise', prices: { monthly: usd(99) }, features: { projects: Infinity, export: true } },
} as const satisfies Plans

export const webhookSecret = 'whsec_test_app'

type SubscribeOptions = { plan?: string; interval?: string; card?: string } & Omit<
  Stripe.SubscriptionCreateParams,
  'customer' | 'items' | 'metadata'
>

/** An app with memberships: a database and a Stripe of the test's own, Stripe's webhooks included. Everything ends with the test. */
export async function openApp(
  open: () => Promise<TestDatabase>,
  { retries, ...options }: Partial<DuesOptions<typeof plans>> & { retries?: number } = {},
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

  const test = await openTestStripe({ webhooks: [{ url: `${url}/billing/webhook`, secret: webhookSecret }] })
  const client = (maxNetworkRetries: number) =>
    new Stripe(test.secretKey, { host: 'localhost', port: test.local.port, protocol: 'http', maxNetworkRetries })
  const process = () =>
    createDues({
      stripe:
        retries === undefined
          ? { secretKey: test.secretKey, webhookSecret, apiBase: test.local.url }
          : { client: client(retries), webhookSecret },
      database: opened.database,
      plans,
      identify: (request) => {
        const id = request.headers.get('x-owner')
        return id ? { id, email: `${id}@example.com`, name: id } : null
      },
      baseUrl: url,
      now: () => new Date(test.now() * 1000),
      logger: silentLogger,
      ...options,
    })
  const processes = [process()]
  const [dues] = processes as [ReturnType<typeof process>]
  await dues.catalogue.push()
  await dues.start()
  handle = dues.handler

  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    for (const one of processes) await one.stop()
    await opened.close()
  })

  const control = async (what: string, body: object) => {
    const response = await fetch(`${test.local.url}/_local/${what}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${test.secretKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(await response.text())
  }

  return {
    ...test,
    dues,
    url,
    query: opened.query,
    /** Another process of the same app, on the same database. */
    async another() {
      const other = process()
      processes.push(other)
      await other.start()
      return other
    },
    /** Subscribes an owner by the API, as somebody in the dashboard would, and waits for the webhooks. */
    async subscribe(
      owner: string,
      { plan = 'pro', interval = 'monthly', card = 'pm_card_visa', ...more }: SubscribeOptions = {},
    ) {
      const { stripe } = test
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
      await test.local.settled(test.secretKey)
      return { customer: customer.id, subscription: subscription.id }
    },
    /** What goes wrong on the way to Stripe from now on. */
    async faults(settings: FaultSettings) {
      await control('faults', settings)
    },
    /** Moves Stripe's clock on; resolves when everything that fell due has happened and was delivered. */
    async advance(by: { months?: number; days?: number; seconds?: number }) {
      await control('clock', by)
      await test.local.settled(test.secretKey)
    },
    /** Pays with another card from now on. */
    async payWith(customer: string, card: string) {
      const method = await test.stripe.paymentMethods.attach(card, { customer })
      await test.stripe.customers.update(customer, { invoice_settings: { default_payment_method: method.id } })
    },
    /** Resolves when every event so far has been delivered. */
    settled: () => test.local.settled(test.secretKey),
    /** A request of somebody who is signed in, as a program sends it. */
    ask: (owner: string, path: string, body?: object) =>
      dues.handler(
        new Request(`${url}/billing${path}`, {
          method: body ? 'POST' : 'GET',
          headers: { 'x-owner': owner, accept: 'application/json', 'content-type': 'application/json' },
          ...(body && { body: JSON.stringify(body) }),
        }),
      ),
  }
}

function toRequest(incoming: IncomingMessage): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, String(value))
  const { method = 'GET' } = incoming
  const body = method === 'GET' || method === 'HEAD' ? null : (Readable.toWeb(incoming) as ReadableStream)
  return new Request(`http://${incoming.headers.host}${incoming.url}`, { method, headers, body, duplex: 'half' })
}

/** Owner, plan and interval of most tests. */
export const ada = { id: 'ada', email: 'ada@example.com', name: 'Ada Lovelace' }
