/**
 * `npm run bench:server`: the webhook handler alone, in production settings, for any load tool. Answers
 * `POST /billing/webhook`, `GET /subscriptions/:id` (the mirror's row) and `GET /health`; prints `ready URL`.
 *
 * From the environment: `PORT` (4243), `DATABASE_URL` (unset: PGlite, kept in `DATA_DIR`, `.data/bench-server`),
 * `STRIPE_SECRET_KEY`, `STRIPE_WEBHOOK_SECRET` (several with commas), `STRIPE_API_BASE` (unset: Stripe itself), `HOOK_URL` (each
 * transition is posted there, and again until it answers 2xx).
 */
import { mkdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createEngine } from '../packages/dues/src/engine.ts'
import { DuesError } from '../packages/dues/src/errors.ts'
import type { OwnedTransition, TransitionHooks } from '../packages/dues/src/jobs/jobs.ts'
import { consoleLogger } from '../packages/dues/src/logger.ts'
import { type DatabaseSource, openDatabase } from '../packages/dues/src/store/database.ts'
import { openStripe } from '../packages/dues/src/stripe/client.ts'
import { stripeReader } from '../packages/dues/src/stripe/reader.ts'

const { PORT = '4243', DATABASE_URL, DATA_DIR = '.data/bench-server', STRIPE_API_BASE } = process.env
const { STRIPE_SECRET_KEY = 'sk_test_bench', STRIPE_WEBHOOK_SECRET = '', HOOK_URL } = process.env

if (STRIPE_WEBHOOK_SECRET === '') {
  console.error('STRIPE_WEBHOOK_SECRET is missing: set it to the `whsec_…` that the deliveries are signed with.')
  process.exit(1)
}

const pglite = DATABASE_URL ? null : await openPGlite()
const database = openDatabase(DATABASE_URL ?? (pglite as DatabaseSource))
const secrets = STRIPE_WEBHOOK_SECRET.split(',')
const stripe = openStripe({
  secretKey: STRIPE_SECRET_KEY,
  webhookSecret: secrets,
  ...(STRIPE_API_BASE ? { apiBase: STRIPE_API_BASE } : {}),
})
const engine = createEngine({
  database,
  stripe: stripeReader(stripe),
  webhookSecrets: secrets,
  hooks: HOOK_URL === undefined ? {} : hooksTo(HOOK_URL),
  logger: consoleLogger,
})
await engine.start()

const server = createServer((request, response) => {
  answer(request)
    .catch((error: unknown) => {
      if (error instanceof DuesError)
        return [error.status, { error: { code: error.code, message: error.message } }] as const
      console.error(error)
      return [500, { error: { code: 'internal', message: 'Something went wrong here; it is in the log.' } }] as const
    })
    .then(([status, body]) => reply(response, status, body))
})
server.listen(Number(PORT), () => console.log(`ready http://localhost:${(server.address() as AddressInfo).port}`))

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    server.close()
    server.closeIdleConnections()
    await engine.stop()
    await database.close()
    await pglite?.close()
    process.exit(0)
  })
}

async function answer(request: IncomingMessage): Promise<readonly [status: number, body: object]> {
  const path = request.url ?? '/'
  if (path === '/billing/webhook') {
    if (request.method !== 'POST') throw new DuesError('method_not_allowed', 'This address takes POST only.')
    const body = await read(request)
    const signature = request.headers['stripe-signature']
    await engine.receive(body, typeof signature === 'string' ? signature : null)
    return [200, { received: true }]
  }
  if (path === '/health') return [200, await engine.health()]
  const id = /^\/subscriptions\/([\w-]+)$/.exec(path)?.[1]
  const subscription = id === undefined ? null : await engine.mirror.subscription(id)
  if (subscription === null) throw new DuesError('not_found', 'The mirror has no such subscription.')
  return [200, subscription]
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > 1024 * 1024) throw new DuesError('payload_too_large', 'The body is larger than 1 MiB.')
    chunks.push(chunk)
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
}

function reply(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

/** The app's own code, as far as there is one here: an address that is told of each change. */
function hooksTo(url: string): TransitionHooks {
  const tell = async ({ key, type, owner, subscription }: OwnedTransition) => {
    const body = JSON.stringify({ key, type, owner, subscription })
    const answer = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(10_000) })
    if (!answer.ok) throw new Error(`HOOK_URL answered ${answer.status}`)
  }
  return { started: tell, switched: tell, renewed: tell, pastDue: tell, cancelling: tell, resumed: tell, ended: tell }
}

async function openPGlite() {
  const { PGlite } = await import('@electric-sql/pglite')
  mkdirSync(DATA_DIR, { recursive: true })
  return PGlite.create(DATA_DIR)
}
