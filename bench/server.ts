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
import { webhookLimit } from '../packages/dues/src/http/body.ts'
import type { OwnedTransition, TransitionHooks } from '../packages/dues/src/jobs/jobs.ts'
import { consoleLogger } from '../packages/dues/src/logger.ts'
import { type DatabaseSource, openDatabase } from '../packages/dues/src/store/database.ts'
import { openStripe } from '../packages/dues/src/stripe/client.ts'
import { stripeReader } from '../packages/dues/src/stripe/reader.ts'

const { DATABASE_URL, DATA_DIR = '.data/bench-server', STRIPE_API_BASE, HOOK_URL } = process.env
const PORT = process.env.PORT || '4243'
const STRIPE_SECRET_KEY = process.env.STRIPE_SECRET_KEY || 'sk_test_bench'
const secrets = (process.env.STRIPE_WEBHOOK_SECRET ?? '').split(',').flatMap((one) => one.trim() || [])

const problems = [
  secrets.length === 0 &&
    'STRIPE_WEBHOOK_SECRET is missing: set it to the `whsec_…` that the deliveries are signed with.',
  !(Number(PORT) >= 0 && Number(PORT) < 65_536) &&
    'PORT is no port: set it to a number from 0 (any that is free) to 65535.',
  STRIPE_API_BASE &&
    !/^https?:/.test(STRIPE_API_BASE) &&
    'STRIPE_API_BASE is no URL: it begins with http:// or https://.',
].filter((problem) => problem)
if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exit(1)
}

const pglite = DATABASE_URL ? null : await openPGlite()
const database = openDatabase(DATABASE_URL || (pglite as DatabaseSource))
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
await engine.start().catch(async (error: unknown) => {
  console.error(error instanceof DuesError ? `${error.message}\n${reasonOf(error.cause)}` : error)
  process.exit(1)
})

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
server.on('error', (error: NodeJS.ErrnoException) => {
  console.error(error.code === 'EADDRINUSE' ? `Port ${PORT} is taken: set PORT to one that is free.` : error)
  process.exit(1)
})
server.listen(Number(PORT), () => console.log(`ready http://localhost:${(server.address() as AddressInfo).port}`))

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    // Whoever is being answered gets the answer, and with it that the connection ends.
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    // Again and again: one that was opened and never used counts as idle only after a while.
    setInterval(() => server.closeIdleConnections(), 50)
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 2_000))])
    await engine.stop()
    await database.close()
    await pglite?.close()
    process.exit(0)
  })
}

async function answer(request: IncomingMessage): Promise<readonly [status: number, body: object]> {
  // An absolute target (`GET http://…/health`) is what proxies send.
  const path = (request.url ?? '/').replace(/^http:\/\/[^/]*/, '').replace(/[?#].*$/, '')
  if (path === '/billing/webhook') {
    if (request.method !== 'POST') throw new DuesError('method_not_allowed', 'This address takes POST only.')
    const body = await read(request)
    const signature = request.headers['stripe-signature']
    await engine.receive(body, typeof signature === 'string' ? signature : null)
    return [200, { received: true }]
  }
  if (path === '/health') return [200, await engine.health()]
  const id = decoded(/^\/subscriptions\/([^/]+)$/.exec(path)?.[1])
  const subscription = id === null ? null : await engine.mirror.subscription(id)
  if (subscription === null) throw new DuesError('not_found', 'The mirror has no such subscription.')
  return [200, subscription]
}

/** Null: no text that the database could look for. */
function decoded(id: string | undefined): string | null {
  try {
    const text = decodeURIComponent(id ?? '')
    return text === '' || text.includes('\0') ? null : text
  } catch {
    return null
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : ''
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  // Read to its end all the same: whoever is still sending when the connection breaks never sees the answer.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= webhookLimit) chunks.push(chunk)
    else chunks.length = 0
    if (length > 16 * webhookLimit) break
  }
  if (length > webhookLimit) throw new DuesError('payload_too_large', 'The body is larger than 1 MiB.')
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
}

function reply(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  if (!server.listening) response.setHeader('connection', 'close')
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
