import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Stripe from 'stripe'
import { afterEach, describe, expect, it } from 'vitest'
import { type StripeLocal, type StripeLocalOptions, startStripeLocal } from './index.ts'

const secret = 'whsec_test'
const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function start(options: StripeLocalOptions = {}): Promise<StripeLocal> {
  const local = await startStripeLocal(options)
  cleanUps.push(() => local.stop())
  return local
}

const clientOf = (local: StripeLocal, key = 'sk_test_a'): Stripe =>
  new Stripe(key, { host: 'localhost', port: local.port, protocol: 'http', maxNetworkRetries: 0 })

/** A webhook endpoint that keeps what came, verified by the official SDK. */
async function receiver(statusOf: (attempt: number) => number = () => 200) {
  const events: Stripe.Event[] = []
  const bodies: string[] = []
  const server = http.createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      bodies.push(body)
      try {
        events.push(
          new Stripe('sk_test_a').webhooks.constructEvent(body, String(request.headers['stripe-signature']), secret),
        )
      } catch {
        response.writeHead(400).end()
        return
      }
      response.writeHead(statusOf(bodies.length)).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => new Promise((resolve) => server.close(resolve)))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, events, bodies }
}

async function control(local: StripeLocal, path: string, body: object, key = 'sk_test_a'): Promise<unknown> {
  const response = await fetch(`${local.url}/_local/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(await response.text())
  return response.json()
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'stripe-local-'))
  cleanUps.push(() => rmSync(path, { recursive: true }))
  return path
}

describe('accounts', () => {
  it('see nothing of each other', async () => {
    const local = await start()
    const customer = await clientOf(local, 'sk_test_a').customers.create({ email: 'ada@example.com' })
    await expect(clientOf(local, 'sk_test_b').customers.retrieve(customer.id)).rejects.toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      message: `No such customer: '${customer.id}'`,
    })
    expect((await clientOf(local, 'sk_test_b').customers.list()).data).toEqual([])
  })

  it('take any test key and refuse a live one, a publishable one and none', async () => {
    const local = await start()
    await expect(clientOf(local, 'sk_live_abc').customers.list()).rejects.toMatchObject({ statusCode: 401 })
    await expect(clientOf(local, 'pk_test_abc').customers.list()).rejects.toMatchObject({ code: 'secret_key_required' })
    const response = await fetch(`${local.url}/v1/customers`)
    expect(response.status).toBe(401)
    expect(await response.text()).toContain('You did not provide an API key')
  })

  it('refuse a version of the API that is none, and take those that are', async () => {
    const local = await start()
    const asked = async (version: string) =>
      await fetch(`${local.url}/v1/customers`, {
        headers: { authorization: 'Bearer sk_test_a', 'stripe-version': version },
      })
    for (const version of ['2022-11-15', '2025-10-29.clover', '2026-10-28.endive', '2026-10-28.preview; x_beta=v1']) {
      expect((await asked(version)).status).toBe(200)
    }
    const refused = await asked('nonsense')
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ error: { message: 'Invalid Stripe API version: nonsense' } })
  })

  it('take the key by basic auth as curl sends it', async () => {
    const local = await start()
    const authorization = `Basic ${Buffer.from('sk_test_a:').toString('base64')}`
    const response = await fetch(`${local.url}/v1/customers`, { headers: { authorization } })
    expect(await response.json()).toEqual({ object: 'list', data: [], has_more: false, url: '/v1/customers' })
  })
})

describe('idempotency', () => {
  it('answers a repeated key with the first answer and does nothing again', async () => {
    const local = await start()
    const stripe = clientOf(local)
    const first = await stripe.customers.create({ email: 'a@b.c' }, { idempotencyKey: 'once' })
    const again = await stripe.customers.create({ email: 'a@b.c' }, { idempotencyKey: 'once' })
    expect(again.id).toBe(first.id)
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true')
    expect(again.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId)
    expect((await stripe.customers.list()).data).toHaveLength(1)
  })

  it('refuses another body under the same key', async () => {
    const stripe = clientOf(await start())
    await stripe.customers.create({ email: 'a@b.c' }, { idempotencyKey: 'once' })
    await expect(stripe.customers.create({ email: 'x@y.z' }, { idempotencyKey: 'once' })).rejects.toMatchObject({
      statusCode: 400,
      type: 'StripeIdempotencyError',
    })
  })

  it('does not keep what failed validation, so a mended request can use the key', async () => {
    const stripe = clientOf(await start())
    const wrong = { wrong: 1 } as unknown as Stripe.CustomerCreateParams
    await expect(stripe.customers.create(wrong, { idempotencyKey: 'once' })).rejects.toMatchObject({ param: 'wrong' })
    await expect(stripe.customers.create({}, { idempotencyKey: 'once' })).resolves.toMatchObject({ object: 'customer' })
  })
})

describe('lists', () => {
  it('go through everything in both directions, the newest first', async () => {
    const stripe = clientOf(await start())
    const created: string[] = []
    for (let i = 0; i < 7; i++) created.unshift((await stripe.customers.create({ name: `${i}` })).id)
    const first = await stripe.customers.list({ limit: 3 })
    expect(first.data.map(({ id }) => id)).toEqual(created.slice(0, 3))
    expect(first.has_more).toBe(true)
    const rest = await stripe.customers.list({ limit: 100, starting_after: created[2] })
    expect(rest.data.map(({ id }) => id)).toEqual(created.slice(3))
    expect(rest.has_more).toBe(false)
    const back = await stripe.customers.list({ limit: 2, ending_before: created[3] })
    expect(back.data.map(({ id }) => id)).toEqual(created.slice(1, 3))
    expect(back.has_more).toBe(true)
  })

  it('refuse a cursor that is not of the list', async () => {
    const stripe = clientOf(await start())
    await expect(stripe.customers.list({ starting_after: 'cus_nobody' })).rejects.toMatchObject({
      statusCode: 400,
      param: 'starting_after',
    })
  })
})

describe('events', () => {
  it('reach the endpoint signed, with what changed', async () => {
    const hook = await receiver()
    const local = await start({ webhooks: [{ url: hook.url, secret }] })
    const customer = await clientOf(local).customers.create({ name: 'Ada' })
    await clientOf(local).customers.update(customer.id, { name: 'Grace' })
    await local.settled('sk_test_a')
    expect(hook.events.map(({ type }) => type).toSorted()).toEqual(['customer.created', 'customer.updated'])
    const updated = hook.events.find(({ type }) => type === 'customer.updated')
    expect(updated?.data.previous_attributes).toEqual({ name: 'Ada' })
    expect(updated?.request?.id).toMatch(/^req_/)
    expect(updated?.pending_webhooks).toBe(1)
  })

  it('go only to endpoints that want their type', async () => {
    const hook = await receiver()
    const local = await start({ webhooks: [{ url: hook.url, secret, events: ['customer.deleted'] }] })
    const stripe = clientOf(local)
    await stripe.customers.del((await stripe.customers.create()).id)
    await local.settled('sk_test_a')
    expect(hook.events.map(({ type }) => type)).toEqual(['customer.deleted'])
  })

  it('of a failed request do not exist', async () => {
    const hook = await receiver()
    const local = await start({ webhooks: [{ url: hook.url, secret }] })
    await expect(clientOf(local).customers.create({ email: 'no address' })).rejects.toMatchObject({ param: 'email' })
    await local.settled('sk_test_a')
    expect(hook.bodies).toEqual([])
    expect((await clientOf(local).customers.list()).data).toEqual([])
  })

  it('that were not acknowledged are sent again, signed anew', async () => {
    const hook = await receiver((attempt) => (attempt === 1 ? 503 : 200))
    const local = await start({ webhooks: [{ url: hook.url, secret }] })
    await clientOf(local).customers.create()
    await expect.poll(() => hook.events.length, { timeout: 5000 }).toBe(2)
    expect(hook.events[0]?.id).toBe(hook.events[1]?.id)
  })
})

describe('thin events', () => {
  /** An event destination that keeps what came, verified by the official SDK. */
  async function destinationOf(stripe: Stripe, enabled_events: string[]) {
    const notifications: Stripe.V2.Core.EventNotification[] = []
    let signingSecret = ''
    const server = http.createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => (body += chunk))
      request.on('end', () => {
        notifications.push(
          stripe.parseEventNotification(body, String(request.headers['stripe-signature']), signingSecret),
        )
        response.end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanUps.push(() => new Promise((resolve) => server.close(resolve)))
    const destination = await stripe.v2.core.eventDestinations.create({
      name: 'here',
      type: 'webhook_endpoint',
      event_payload: 'thin',
      enabled_events,
      webhook_endpoint: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` },
      include: ['webhook_endpoint.signing_secret'],
    })
    signingSecret = destination.webhook_endpoint?.signing_secret ?? ''
    return { destination, notifications }
  }

  it('name the object and do not carry it; the SDK verifies them and fetches what they name', async () => {
    const local = await start()
    const stripe = clientOf(local)
    const { notifications } = await destinationOf(stripe, ['v1.customer.created'])

    const customer = await stripe.customers.create({ name: 'Ada' })
    await local.settled('sk_test_a')
    const [notification] = notifications
    expect(notification?.type).toBe('v1.customer.created')
    if (notification?.type !== 'v1.customer.created') return
    expect(notification.related_object.id).toBe(customer.id)
    expect((await notification.fetchRelatedObject()).id).toBe(customer.id)
    expect((await notification.fetchEvent()).snapshot_event).toMatch(/^evt_1/)
  })

  it('reach the destination that is pinged, and no other, whatever types it asks for', async () => {
    const local = await start()
    const stripe = clientOf(local)
    const { destination, notifications } = await destinationOf(stripe, ['v1.customer.created'])
    const other = await destinationOf(stripe, ['*'])

    const ping = await stripe.v2.core.eventDestinations.ping(destination.id)
    await local.settled('sk_test_a')
    expect(other.notifications).toEqual([])
    expect(notifications.map(({ id }) => id)).toEqual([ping.id])
    const [notification] = notifications
    if (notification?.type !== 'v2.core.event_destination.ping') throw new Error(`That was ${notification?.type}.`)
    expect((await notification.fetchRelatedObject()).id).toBe(destination.id)
    expect((await notification.fetchEvent()).id).toBe(ping.id)
  })

  it('are not sent to a destination that is disabled: what Stripe does then is not known here', async () => {
    const stripe = clientOf(await start())
    const { destination } = await destinationOf(stripe, ['*'])
    await stripe.v2.core.eventDestinations.disable(destination.id)
    await expect(stripe.v2.core.eventDestinations.ping(destination.id)).rejects.toMatchObject({ statusCode: 501 })
  })
})

describe('faults on demand', () => {
  it('duplicate and drop deliveries and count what they did', async () => {
    const hook = await receiver()
    const local = await start({ webhooks: [{ url: hook.url, secret }] })
    await control(local, 'faults', { webhooks: { duplicate: 1 } })
    await clientOf(local).customers.create()
    await local.settled('sk_test_a')
    expect(hook.events).toHaveLength(2)
    await control(local, 'faults', { webhooks: { drop: 1 } })
    await clientOf(local).customers.create()
    await local.settled('sk_test_a')
    expect(hook.events).toHaveLength(2)
    const response = await fetch(`${local.url}/_local/faults`, { headers: { authorization: 'Bearer sk_test_a' } })
    expect(await response.json()).toMatchObject({ counts: { 'webhooks.drop': 1 } })
  })

  it('break the connection after the write was done, and the key finds the write again', async () => {
    const local = await start()
    const stripe = clientOf(local)
    await control(local, 'faults', { api: { resetAfterWrite: 1 } })
    await expect(stripe.customers.create({}, { idempotencyKey: 'k' })).rejects.toMatchObject({
      type: 'StripeConnectionError',
    })
    await control(local, 'faults', {})
    const again = await stripe.customers.create({}, { idempotencyKey: 'k' })
    expect((await stripe.customers.list()).data.map(({ id }) => id)).toEqual([again.id])
  })

  it('answer 429, 500 and 409 as Stripe does, without doing anything', async () => {
    const local = await start()
    for (const [fault, statusCode] of [
      ['status429', 429],
      ['status500', 500],
      ['status409', 409],
    ] as const) {
      await control(local, 'faults', { api: { [fault]: 1 } })
      await expect(clientOf(local).customers.create()).rejects.toMatchObject({ statusCode })
    }
    await control(local, 'faults', {})
    expect((await clientOf(local).customers.list()).data).toEqual([])
  })
})

describe('the clock', () => {
  it('moves on, and the Date header and new objects follow it', async () => {
    const local = await start()
    const stripe = clientOf(local)
    const before = local.now('sk_test_a')
    await control(local, 'clock', { days: 40 })
    const customer = await stripe.customers.create()
    expect(customer.created).toBeGreaterThanOrEqual(before + 40 * 86_400)
    expect(Date.parse(String(customer.lastResponse.headers.date)) / 1000).toBeGreaterThanOrEqual(customer.created)
    expect(local.now('sk_test_b')).toBeLessThan(before + 86_400)
  })

  it('does not go back', async () => {
    const local = await start()
    await expect(control(local, 'clock', { to: 1 })).rejects.toThrow('only moves on')
  })
})

describe('what is kept', () => {
  it('survives the process with a journal: objects, idempotency keys, the clock, undelivered events', async () => {
    const journal = join(folder(), 'journal')
    const first = await startStripeLocal({ journal, webhooks: [{ url: 'http://127.0.0.1:9/closed', secret }] })
    const customer = await clientOf(first).customers.create({ name: 'Ada' }, { idempotencyKey: 'k' })
    await control(first, 'clock', { seconds: 3600 })
    const now = first.now('sk_test_a')
    await first.stop()

    const hook = await receiver()
    const second = await start({ journal })
    expect(second.now('sk_test_a')).toBeGreaterThanOrEqual(now)
    const stripe = clientOf(second)
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ name: 'Ada' })
    expect((await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'k' })).id).toBe(customer.id)
    const [endpoint] = (await stripe.webhookEndpoints.list()).data
    await stripe.webhookEndpoints.update(endpoint?.id ?? '', { url: hook.url })
    await expect.poll(() => hook.events.map(({ type }) => type), { timeout: 8000 }).toContain('customer.created')
  })

  it('survives a last line that was cut off by the crash', async () => {
    const journal = join(folder(), 'journal')
    const first = await startStripeLocal({ journal })
    const customer = await clientOf(first).customers.create()
    await first.stop()
    writeFileSync(journal, `${readFileSync(journal, 'utf8')}{"key":"sk_test_a","put":[["customer","cus_`)
    const second = await start({ journal })
    expect((await clientOf(second).customers.list()).data.map(({ id }) => id)).toEqual([customer.id])
  })

  it('comes back from a snapshot, and so does the journal', async () => {
    const journal = join(folder(), 'journal')
    const local = await start({ journal })
    const stripe = clientOf(local)
    const kept = await stripe.customers.create()
    const snapshot = local.snapshot('sk_test_a')
    await stripe.customers.create()
    await stripe.customers.update(kept.id, { name: 'Changed' })
    local.restore('sk_test_a', snapshot)
    const { data } = await stripe.customers.list()
    expect(data.map(({ id, name }) => [id, name])).toEqual([[kept.id, null]])
    await local.stop()
    const again = await start({ journal })
    expect((await clientOf(again).customers.list()).data.map(({ id }) => id)).toEqual([kept.id])
  })
})

describe('what is not there', () => {
  it('is a 501 that says so when Stripe has it, and a 404 when Stripe has not', async () => {
    const local = await start()
    await expect(clientOf(local).terminal.readers.list()).rejects.toMatchObject({ statusCode: 501 })
    const response = await fetch(`${local.url}/v1/nothing`, { headers: { authorization: 'Bearer sk_test_a' } })
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('Unrecognized request URL (GET: /v1/nothing)')
  })

  it('is refused before anything is done: expand of what is no property, deeper than four levels', async () => {
    const stripe = clientOf(await start())
    await expect(stripe.customers.create({ expand: ['nothing'] })).rejects.toMatchObject({ statusCode: 400 })
    await expect(stripe.customers.list({ expand: ['data.a.b.c.d.e'] })).rejects.toMatchObject({ statusCode: 400 })
    expect((await stripe.customers.list()).data).toEqual([])
  })
})
