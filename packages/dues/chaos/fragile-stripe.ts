import { Agent } from 'node:http'
import Stripe from 'stripe'
import type { Life } from './life.ts'
import type { Overtaking } from './overtaking.ts'

/**
 * What may become of a call to Stripe. `unreachable`, `status429`, `status409` and `status500`: it was not carried out.
 * `lost`: it was, and the answer was lost on its way back. `failed`: it was, and Stripe answers 500 all the same; that
 * answer stays with the idempotency key. `slow`: it was, and the answer is overtaken on its way by a later one.
 *
 * @see https://docs.stripe.com/api/idempotent_requests
 */
export type StripeFault = 'unreachable' | 'status429' | 'status409' | 'status500' | 'lost' | 'failed' | 'slow'

export type StripeTrouble = {
  /** Asked for each call. */
  strike(call: { method: string }): StripeFault | null
  /** Idempotency keys whose answer is a failure, for as long as Stripe remembers. Shared by all processes. */
  readonly failedKeys: Set<string>
  /** Shared, too: the answer of one process overtakes that of another. */
  readonly overtaking: Overtaking
}

type Client = Pick<InstanceType<typeof Stripe.HttpClient>, 'getClientName' | 'makeRequest'>
type Answer = Awaited<ReturnType<Client['makeRequest']>>

/** A Stripe client of one process: its calls may fail, and end with the process. */
export function fragileStripe(
  { secretKey, port }: { secretKey: string; port: number },
  life: Life,
  trouble: StripeTrouble,
): { client: Stripe; close(): void } {
  const agent = new Agent({ keepAlive: true })
  const real: Client = Stripe.createNodeHttpClient(agent)
  const httpClient: Client = {
    getClientName: () => 'chaos',
    makeRequest: (...request) =>
      life.guard(async () => {
        const call = trouble.overtaking.begin()
        const answer = await carryOut(real, trouble, request)
        trouble.overtaking.answered(objectOf(request), call)
        return answer
      }),
  }
  const client = new Stripe(secretKey, {
    host: '127.0.0.1',
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient: httpClient as Stripe.HttpClient,
  })
  return { client, close: () => agent.destroy() }
}

async function carryOut(
  real: Client,
  trouble: StripeTrouble,
  request: Parameters<Client['makeRequest']>,
): Promise<Answer> {
  const [, , , method, headers] = request
  const key = String((headers as Record<string, unknown>)['Idempotency-Key'] ?? '')
  if (key !== '' && trouble.failedKeys.has(key)) return refusal(500, { 'idempotent-replayed': 'true' })
  switch (trouble.overtaking.isDemanded(objectOf(request)) ? 'slow' : trouble.strike({ method })) {
    case 'unreachable':
      throw noConnection()
    case 'status429':
      return refusal(429)
    case 'status409':
      return refusal(409)
    case 'status500':
      return refusal(500)
    case 'lost':
      await read(await real.makeRequest(...request))
      throw noConnection()
    case 'failed':
      await read(await real.makeRequest(...request))
      if (key !== '') trouble.failedKeys.add(key)
      return refusal(500)
    case 'slow': {
      const answer = await read(await real.makeRequest(...request))
      await trouble.overtaking.hold(objectOf(request))
      return answer
    }
    case null:
      return read(await real.makeRequest(...request))
  }
}

/** What a call is about: its path without the question. */
const objectOf = ([, , path]: Parameters<Client['makeRequest']>): string => path.split('?')[0] ?? path

/** Read to its end before it is handed on, so that a call is over when its process is told so. */
async function read(answer: Answer): Promise<Answer> {
  const body: unknown = await answer.toJSON()
  return answerOf(answer.getStatusCode(), answer.getHeaders(), body)
}

const errors: Record<number, object> = {
  429: { type: 'invalid_request_error', code: 'rate_limit', message: 'Too many requests (a fault of the chaos run).' },
  409: { type: 'invalid_request_error', code: 'lock_timeout', message: 'In use (a fault of the chaos run).' },
  500: { type: 'api_error', message: 'An unknown error occurred (a fault of the chaos run).' },
}

const refusal = (status: number, headers: Record<string, string> = {}): Answer =>
  answerOf(status, headers, { error: { ...errors[status] } })

const answerOf = (status: number, headers: ReturnType<Answer['getHeaders']>, body: unknown): Answer => ({
  getStatusCode: () => status,
  getHeaders: () => headers,
  getRawResponse: () => ({ headers, statusCode: status }),
  toStream: () => null,
  toJSON: async () => body,
})

/** Not one of the codes on which the SDK tries again by itself after half a second: a run has many of them. */
const noConnection = () => Object.assign(new Error('No connection (a fault of the chaos run).'), { code: 'ETIMEDOUT' })
