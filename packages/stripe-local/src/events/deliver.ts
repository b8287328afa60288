import type { Agent } from 'node:http'
import type { Account } from '../account.ts'
import { http, https } from '../http.ts'
import type { Kinds, LocalDelivery } from '../kinds.ts'
import { render } from '../protocol/render.ts'
import { signatureHeader } from './sign.ts'
import { type Subscriber, subscriberById } from './subscribers.ts'

type Event = Kinds['event'] | Kinds['v2.core.event']

/** Real seconds to wait after a failed attempt before the next one. Stripe goes on for three days; so does this. */
const retryAfter = [1, 5, 30, 120, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600]
const timeoutMilliseconds = 20_000
const atOnce = 8

/**
 * Delivers an account's events to its webhook endpoints: signed, each attempt anew, retried with backoff when the answer is
 * not 2xx (a redirect is a failure). What is still pending is in the store, so a restored account goes on with it.
 *
 * https://docs.stripe.com/webhooks
 */
export function createDeliveries(account: Account) {
  const queue: (() => Promise<void>)[] = []
  const timers = new Set<NodeJS.Timeout>()
  const agents = new Map<string, Agent>()
  let running = 0
  let delayed = 0
  let stopped = false
  let waiting: (() => void)[] = []

  account.onDelivery(schedule)

  /** Puts a delivery in line, as often, as late and in the place that the faults ask for. */
  function schedule(delivery: LocalDelivery): void {
    const plan = account.faults.planDelivery()
    if (plan.drop) {
      record(delivery.id, { status: null, error: 'dropped by a fault', milliseconds: 0 }, 'failed')
      return
    }
    for (let copy = 0; copy < plan.copies; copy++) {
      const job = () => attempt(delivery.id, plan.truncate)
      if (plan.delayMilliseconds > 0) later(plan.delayMilliseconds, job)
      else if (plan.first) queue.unshift(job)
      else queue.push(job)
    }
    // Not before the clock stands still: a delivery signed on the way to a later time would be out of tolerance when it arrives.
    queueMicrotask(next)
  }

  function later(milliseconds: number, job: () => Promise<void>): void {
    delayed++
    const timer = setTimeout(() => {
      timers.delete(timer)
      delayed--
      queue.push(job)
      next()
    }, milliseconds)
    timers.add(timer)
  }

  function next(): void {
    while (!stopped && running < atOnce) {
      const job = queue.shift()
      if (!job) break
      running++
      void job()
        // What came of it could not be written down: it stands as pending and is sent again after a restart.
        .catch((error: unknown) => console.error(error))
        .finally(() => {
          running--
          next()
        })
    }
    if (running === 0 && queue.length === 0 && delayed === 0) {
      for (const resolve of waiting) resolve()
      waiting = []
    }
  }

  async function attempt(deliveryId: string, truncate: boolean): Promise<void> {
    const delivery = account.find('local.delivery', deliveryId)
    const event = delivery && eventOf(delivery)
    const endpoint = delivery && subscriberById(account.store, delivery.endpoint)
    if (!event || !endpoint || stopped) return
    const began = performance.now()
    const outcome = await send(endpoint, { ...render(account, event), ...delivery.older }, truncate)
    const milliseconds = Math.round(performance.now() - began)
    if (stopped) return
    const succeeded = outcome.status !== null && outcome.status >= 200 && outcome.status < 300
    const tries = (account.find('local.delivery', deliveryId)?.attempts.length ?? 0) + 1
    const wait = retryAfter[tries - 1]
    record(
      deliveryId,
      { ...outcome, milliseconds },
      succeeded ? 'delivered' : wait === undefined ? 'failed' : 'pending',
    )
    if (!succeeded && wait !== undefined) retryIn(wait, deliveryId)
  }

  const eventOf = ({ event }: LocalDelivery): Event | undefined =>
    account.find('event', event) ?? account.find('v2.core.event', event)

  /** A retry is not waited for by `settled`: an endpoint that is down would hold everybody up. */
  function retryIn(seconds: number, deliveryId: string): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      queue.push(() => attempt(deliveryId, false))
      next()
    }, seconds * 1000)
    timer.unref()
    timers.add(timer)
  }

  function record(
    deliveryId: string,
    outcome: { status: number | null; error: string | null; milliseconds: number },
    state: LocalDelivery['state'],
  ): void {
    account.work({ id: null, idempotency_key: null }, () => {
      const delivery = account.get('local.delivery', deliveryId)
      const settled = delivery.state === 'delivered' ? 'delivered' : state
      account.update('local.delivery', deliveryId, {
        state: settled,
        attempts: [...delivery.attempts, { at: account.clock.now(), ...outcome }],
      })
      const event = account.find('event', delivery.event)
      if (event && settled === 'delivered' && delivery.state !== 'delivered' && event.pending_webhooks > 0) {
        account.store.put('event', { ...event, pending_webhooks: event.pending_webhooks - 1 })
      }
    })
  }

  /** Connections are kept from one event to the next. */
  function agentOf(url: URL): Agent {
    const agent = agents.get(url.protocol) ?? new (clientOf(url).Agent)({ keepAlive: true })
    agents.set(url.protocol, agent)
    return agent
  }

  async function send(
    endpoint: Subscriber,
    event: object,
    truncate: boolean,
  ): Promise<{ status: number | null; error: string | null }> {
    const whole = JSON.stringify(event, null, 2)
    const body = truncate ? whole.slice(0, Math.floor(whole.length / 2)) : whole
    try {
      const url = new URL(endpoint.url)
      return await new Promise((resolve) => {
        const request = clientOf(url).request(
          url,
          {
            method: 'POST',
            agent: agentOf(url),
            timeout: timeoutMilliseconds,
            headers: {
              'content-type': 'application/json; charset=utf-8',
              'content-length': Buffer.byteLength(body),
              'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
              accept: '*/*; q=0.5, application/xml',
              'stripe-signature': signatureHeader(body, [endpoint.secret], account.clock.now()),
            },
          },
          (response) => {
            response.resume()
            response.on('end', () => resolve({ status: response.statusCode ?? null, error: null }))
            response.on('error', (error) => resolve({ status: null, error: error.message }))
          },
        )
        request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMilliseconds / 1000} s`)))
        request.on('error', (error) => resolve({ status: null, error: error.message || error.name }))
        request.end(body)
      })
    } catch (error) {
      return { status: null, error: error instanceof Error ? error.message : String(error) }
    }
  }

  return {
    /** Sends an event again to one endpoint, or to all that want it, delivered before or not. */
    resend(eventId: string, endpointId?: string): void {
      for (const delivery of account.store.by('local.delivery', 'event', eventId)) {
        if (!endpointId || delivery.endpoint === endpointId) queue.push(() => attempt(delivery.id, false))
      }
      next()
    },

    /** Goes on with what a restored account had not delivered. */
    resume(): void {
      for (const delivery of account.store.all('local.delivery'))
        if (delivery.state === 'pending') queue.push(() => attempt(delivery.id, false))
      next()
    },

    /** Resolves when every event so far has been tried once and no answer is awaited. */
    settled: (): Promise<void> =>
      running === 0 && queue.length === 0 && delayed === 0
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push(resolve)),

    stop(): void {
      stopped = true
      for (const timer of timers) clearTimeout(timer)
      for (const agent of agents.values()) agent.destroy()
      for (const resolve of waiting) resolve()
      waiting = []
      queue.length = 0
    },
  }
}

const clientOf = ({ protocol }: URL) => (protocol === 'https:' ? https() : http)

export type Deliveries = ReturnType<typeof createDeliveries>
