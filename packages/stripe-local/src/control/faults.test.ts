import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type Stripe from 'stripe'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startTestStripe } from '../../testing/client.ts'
import { createFaults, type FaultSettings } from './faults.ts'

/** A Stripe with an endpoint that keeps the bodies that came, and what a fault is asked for with. */
async function start() {
  const bodies: string[] = []
  const receiver = http.createServer((request, response) => {
    let body = ''
    request.on('data', (piece) => (body += piece))
    request.on('end', () => {
      bodies.push(body)
      response.end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void receiver.close())
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  const test = await startTestStripe({ webhooks: [{ url, secret: 'whsec_test' }] })
  const asked = async (path: string, body?: object) => {
    const response = await fetch(`${test.local.url}/_local/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: 'Bearer sk_test_resources' },
      ...(body && { body: JSON.stringify(body) }),
    })
    expect(response.status).toBe(200)
    return (await response.json()) as { counts: Record<string, number> }
  }
  const names = () =>
    bodies.map((body) => (JSON.parse(body) as { data: { object: { name: string } } }).data.object.name)
  return {
    ...test,
    bodies,
    names,
    faults: (settings: FaultSettings) => asked('faults', settings),
    counts: async () => (await asked('faults')).counts,
    settled: () => test.local.settled('sk_test_resources'),
    resend: (event: string) => asked('resend', { event }),
  }
}

describe('a delivery', () => {
  it('is sent twice', async () => {
    const { stripe, names, faults, counts, settled } = await start()
    await faults({ webhooks: { duplicate: 1 } })
    await stripe.customers.create({ name: 'Ada' })
    await settled()
    expect(names()).toEqual(['Ada', 'Ada'])
    expect(await counts()).toEqual({ 'webhooks.duplicate': 1 })
  })

  it('is not sent, until somebody sends it again', async () => {
    const { stripe, names, faults, counts, settled, resend } = await start()
    await faults({ webhooks: { drop: 1 } })
    await stripe.customers.create({ name: 'Ada' })
    await settled()
    expect(names()).toEqual([])
    expect(await counts()).toEqual({ 'webhooks.drop': 1 })
    const [event] = (await stripe.events.list({ type: 'customer.created' })).data
    expect(event?.pending_webhooks).toBe(1)
    await resend(event?.id ?? '')
    await settled()
    expect(names()).toEqual(['Ada'])
    expect((await stripe.events.retrieve(event?.id ?? '')).pending_webhooks).toBe(0)
  })

  it('comes late, after what happened later', async () => {
    const { stripe, names, faults, counts, settled } = await start()
    await faults({ webhooks: { delay: 1, delayMilliseconds: 400 } })
    await stripe.customers.create({ name: 'late' })
    const delayed = await counts()
    await faults({})
    await stripe.customers.create({ name: 'in time' })
    await settled()
    expect(names()).toEqual(['in time', 'late'])
    expect(delayed).toEqual({ 'webhooks.delay': 1 })
  })

  it('goes before those that wait', async () => {
    const { stripe, bodies, faults, counts, settled } = await start()
    const card = { payment_method: 'pm_card_visa', invoice_settings: { default_payment_method: 'pm_card_visa' } }
    const { id: customer } = await stripe.customers.create(card)
    const { id: product } = await stripe.products.create({ name: 'Pro' })
    const recurring = { interval: 'month' } as const
    const { id: price } = await stripe.prices.create({ product, currency: 'usd', unit_amount: 1900, recurring })
    await settled()
    const before = bodies.length
    await faults({ webhooks: { reorder: 1 } })
    await stripe.subscriptions.create({ customer, items: [{ price }] })
    await settled()
    const came = bodies.slice(before).map((body) => (JSON.parse(body) as Stripe.Event).id)
    const happened = (await stripe.events.list({ limit: 100 })).data.map(({ id }) => id).slice(0, came.length)
    expect(came.toSorted()).toEqual(happened.toSorted())
    // More than are under way at once: what happened first waits until another has arrived.
    expect(came.length).toBeGreaterThan(8)
    expect(came[0]).not.toBe(happened.at(-1))
    expect(await counts()).toEqual({ 'webhooks.reorder': came.length })
  })

  it('is cut short, so that its signature is of what came and its body is no JSON', async () => {
    const { stripe, bodies, faults, counts, settled } = await start()
    await faults({ webhooks: { truncate: 1 } })
    await stripe.customers.create({ name: 'Ada' })
    await settled()
    expect(bodies).toHaveLength(1)
    expect(() => JSON.parse(bodies[0] ?? '')).toThrow(SyntaxError)
    expect(bodies[0]).toMatch(/^\{\s+"id": "evt_/)
    expect(await counts()).toEqual({ 'webhooks.truncate': 1 })
  })
})

describe('a request', () => {
  it.each([
    ['status429', 429, { code: 'rate_limit' }],
    ['status500', 500, { type: 'StripeAPIError' }],
    ['status409', 409, { code: 'lock_timeout' }],
  ] as const)('is refused without being carried out: %s', async (fault, statusCode, error) => {
    const { stripe, faults, counts } = await start()
    await faults({ api: { [fault]: 1 } })
    await expect(stripe.customers.create({}, { idempotencyKey: 'k' })).rejects.toMatchObject({ statusCode, ...error })
    expect(await counts()).toEqual({ [`api.${fault}`]: 1 })
    await faults({})
    expect((await stripe.customers.list()).data).toEqual([])
    // A repeat under its key is carried out: the fault came before anything was begun.
    await expect(stripe.customers.create({}, { idempotencyKey: 'k' })).resolves.toMatchObject({ object: 'customer' })
  })

  it('takes its time, and keeps its idempotency key to itself meanwhile', async () => {
    const { stripe, faults, counts } = await start()
    await faults({ api: { slow: 1, slowMilliseconds: 300 } })
    const create = () => stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'once' })
    const began = performance.now()
    const first = create().then((customer) => ({ customer, took: performance.now() - began }))
    await expect.poll(counts).toEqual({ 'api.slow': 1 })
    await expect(create()).rejects.toMatchObject({
      statusCode: 409,
      rawType: 'idempotency_error',
      code: 'idempotency_key_in_use',
    })
    const { customer, took } = await first
    expect(took).toBeGreaterThanOrEqual(299)
    await faults({})
    expect((await create()).id).toBe(customer.id)
    expect((await stripe.customers.list()).data).toHaveLength(1)
  })

  it('is carried out and not answered', async () => {
    const { stripe, faults, counts } = await start()
    await faults({ api: { resetAfterWrite: 1 } })
    await expect(stripe.customers.create({ name: 'Ada' })).rejects.toMatchObject({ type: 'StripeConnectionError' })
    expect(await counts()).toEqual({ 'api.resetAfterWrite': 1 })
    await faults({})
    expect((await stripe.customers.list()).data).toMatchObject([{ name: 'Ada' }])
  })
})

describe('the luck of a run', () => {
  const chances = { duplicate: 0.3, delay: 0.3, reorder: 0.3, drop: 0.3, truncate: 0.3 }
  const api = { status429: 0.1, status500: 0.1, status409: 0.1, slow: 0.1, resetAfterWrite: 0.1 }

  function draw(settings: FaultSettings, times = 1000) {
    const faults = createFaults()
    faults.set(settings)
    const drawn = Array.from({ length: times }, () => ({ ...faults.planDelivery(), request: faults.planRequest() }))
    return { drawn, counts: faults.counts }
  }

  it('is the same for the same seed and another for another', () => {
    const { drawn, counts } = draw({ seed: 7, webhooks: chances, api })
    expect(draw({ seed: 7, webhooks: chances, api })).toEqual({ drawn, counts })
    expect(draw({ seed: 8, webhooks: chances, api }).drawn).not.toEqual(drawn)
  })

  it('is what was asked for, and is counted', () => {
    const { drawn, counts } = draw({ seed: 7, webhooks: chances, api }, 10_000)
    expect(drawn.filter(({ copies }) => copies === 2)).toHaveLength(counts['webhooks.duplicate'] ?? 0)
    expect(drawn.filter(({ drop }) => drop)).toHaveLength(counts['webhooks.drop'] ?? 0)
    expect(drawn.filter(({ request }) => request === 'slow')).toHaveLength(counts['api.slow'] ?? 0)
    for (const name of Object.keys(chances)) expect((counts[`webhooks.${name}`] ?? 0) / 10_000).toBeCloseTo(0.3, 1)
    expect(Object.keys(counts)).toHaveLength(10)
  })

  it('of one fault does not hang on another that is asked for', () => {
    const drops = (settings: FaultSettings) => draw({ seed: 7, ...settings }).drawn.map(({ drop }) => drop)
    expect(drops({ webhooks: chances, api })).toEqual(drops({ webhooks: { drop: 0.3 } }))
  })
})
