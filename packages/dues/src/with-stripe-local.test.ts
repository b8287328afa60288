import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type Stripe from 'stripe'
import type { FaultSettings } from 'stripe-local'
import { expect, test } from 'vitest'
import type { TestDatabase } from '../../../testing/databases.ts'
import { fastJobs, until } from '../testing/engine.ts'
import { onOneDatabase } from '../testing/on-one-database.ts'
import { startTestStripe } from '../testing/stripe.ts'
import { createEngine } from './engine.ts'
import { DuesError } from './errors.ts'
import { openDatabase } from './store/database.ts'
import { stripeReader } from './stripe/reader.ts'

const secret = 'whsec_lower_half'

/** An engine behind a real endpoint, and a Stripe Local that delivers to it. */
async function aPair(open: () => Promise<TestDatabase>) {
  const opened = await open()
  const database = openDatabase(opened.database)
  let receive: (body: Buffer, signature: string | null) => Promise<unknown> = () =>
    Promise.reject(new DuesError('database_unavailable', 'not yet'))
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const signature = request.headers['stripe-signature']
    const status = await receive(Buffer.concat(chunks), typeof signature === 'string' ? signature : null).then(
      () => 200,
      (error: unknown) => (error instanceof DuesError ? error.status : 500),
    )
    response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/billing/webhook`
  const { local, stripe, secretKey, now } = await startTestStripe({ webhooks: [{ url, secret }] })
  const told: string[] = []
  const hook = ({ key }: { key: string }) => void told.push(key)
  const engine = createEngine({
    database,
    stripe: stripeReader(stripe),
    webhookSecrets: [secret],
    now,
    hooks: {
      started: hook,
      switched: hook,
      renewed: hook,
      pastDue: hook,
      cancelling: hook,
      resumed: hook,
      ended: hook,
    },
    jobs: fastJobs,
    fetching: { spacingMs: 20 },
  })
  await engine.start()
  receive = engine.receive
  const control = async (what: string, body: object) => {
    const headers = { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' }
    const answer = await fetch(`${local.url}/_local/${what}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(await answer.text())
  }
  return {
    engine,
    stripe,
    told,
    query: opened.query,
    pass: (time: { months?: number; days?: number }) => control('clock', time),
    faults: (settings: FaultSettings) => control('faults', settings),
    /** Every delivery was tried and nothing waits for a fetch any more. */
    async quiet() {
      await local.settled(secretKey)
      await until(async () => (await engine.health()).inbox.waiting === 0, 'the waiting events to be fetched')
    },
    async close() {
      await local.stop()
      await engine.stop()
      await database.close()
      await new Promise((resolve) => server.close(resolve))
      await opened.close()
    },
  }
}

async function aMember(stripe: Stripe, owner: string) {
  const product = await stripe.products.create({ name: 'Professional' })
  const price = (amount: number, interval: 'month' | 'year') =>
    stripe.prices.create({ product: product.id, unit_amount: amount, currency: 'usd', recurring: { interval } })
  const [monthly, yearly] = [await price(1900, 'month'), await price(19000, 'year')]
  const customer = await stripe.customers.create({
    email: 'ada@example.org',
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
    metadata: { dues_owner: owner },
  })
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: monthly.id }] })
  return { customer, subscription, monthly, yearly }
}

onOneDatabase('with Stripe Local', (open) => {
  test('a whole life of a membership is mirrored and told, and a reconcile finds nothing to mend', async () => {
    const { engine, stripe, told, pass, quiet, close } = await aPair(open)
    const { subscription, yearly } = await aMember(stripe, 'user_1')
    const { id } = subscription
    await quiet()
    expect(await engine.mirror.subscriptionsOf('user_1')).toMatchObject([{ id, status: 'active' }])

    await pass({ months: 1 })
    await pass({ days: 1 })
    await quiet()
    const item = subscription.items.data[0]?.id ?? ''
    await engine.mirror.through('subscription', () =>
      stripe.subscriptions.update(id, {
        items: [{ id: item, price: yearly.id }],
        proration_behavior: 'always_invoice',
      }),
    )
    expect(await engine.mirror.subscription(id)).toMatchObject({ items: [{ price: yearly.id }] })
    await quiet()
    await stripe.subscriptions.update(id, { cancel_at_period_end: true })
    await quiet()
    await stripe.subscriptions.update(id, { cancel_at_period_end: false })
    await quiet()
    await stripe.subscriptions.cancel(id)
    await quiet()

    expect(await engine.mirror.subscription(id)).toMatchObject({ status: 'canceled', owner: 'user_1' })
    const kinds = (await engine.mirror.transitionsOf('user_1')).map(({ type }) => type)
    expect(kinds).toEqual(['started', 'renewed', 'switched', 'cancelling', 'resumed', 'ended'])
    await until(() => told.length === kinds.length, 'all hooks')
    expect(await engine.reconcile()).toMatchObject({ drift: [] })
    await close()
  })

  test('duplicates, delays, another order and losses end as Stripe has it, with each hook told once', async () => {
    const { engine, stripe, told, pass, faults, quiet, query, close } = await aPair(open)
    await faults({ webhooks: { duplicate: 0.5, reorder: 0.5, delay: 0.3, delayMilliseconds: 50, drop: 0.2 } })
    const members = await Promise.all(['user_1', 'user_2', 'user_3'].map((owner) => aMember(stripe, owner)))
    await pass({ months: 1 })
    await pass({ days: 1 })
    await Promise.all(members.map(({ subscription }, n) => n > 0 && stripe.subscriptions.cancel(subscription.id)))
    await quiet()
    await faults({})
    await engine.readEvents()
    await quiet()

    for (const { subscription } of members) {
      const there = await stripe.subscriptions.retrieve(subscription.id)
      expect(await engine.mirror.subscription(subscription.id)).toMatchObject({
        status: there.status,
        latestInvoice: there.latest_invoice,
        endedAt: there.ended_at,
      })
    }
    expect(await engine.reconcile()).toMatchObject({ drift: [] })
    await until(
      async () => (await query('select 1 as n from dues.transition where hooked')).length === told.length,
      'all hooks',
    )
    expect(new Set(told).size).toBe(told.length)
    await close()
  })

  test('one reconcile brings what ended and invoices that were paid while no delivery came, with the hooks of their renewals', async () => {
    const { engine, stripe, told, pass, faults, quiet, close } = await aPair(open)
    await faults({ webhooks: { drop: 1 } })
    const { customer } = await aMember(stripe, 'user_1')
    const over = (await aMember(stripe, 'user_2')).subscription
    await stripe.subscriptions.cancel(over.id)
    await pass({ months: 1 })
    await pass({ days: 1 })
    // Of what ended no open invoice tells: Stripe lists it to whoever asks for the ended ones, too.
    const looked = await engine.reconcile({ mend: false })
    expect(looked.drift).toContainEqual(expect.objectContaining({ kind: 'subscription', object: over.id }))
    await engine.reconcile()
    await quiet()
    const { data } = await stripe.invoices.list({ customer: customer.id })
    expect((await engine.mirror.invoicesOf(customer.id)).map(({ id, status }) => [id, status])).toEqual(
      data.map(({ id, status }) => [id, status]),
    )
    expect(await engine.mirror.subscription(over.id)).toMatchObject({ status: 'canceled', owner: 'user_2' })
    await until(() => told.some((key) => key.includes(':renewed:')), 'the renewal to be told')
    await close()
  })
})
