import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { toNodeHandler } from 'dues/node'
import { type StripeLocal, startStripeLocal } from 'stripe-local'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { openPostgres, type TestDatabase } from '../testing/databases.ts'

const secret = 'whsec_example'
const form = new URLSearchParams({ plan: 'pro', interval: 'monthly' })
const card = new URLSearchParams({
  ...{ email: 'ada@example.com', method: 'card', number: '4242424242424242', expiry: '12 / 39', cvc: '123' },
  ...{ name: 'Ada Lovelace', billing_country: 'GB', billing_postal_code: 'SW1A 1AA' },
})

/** A port that was free a moment ago: the app and Stripe have to know it before either listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Runs an example as its README says, and resolves when it is ready. */
async function run(folder: string, env: Record<string, string>): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--conditions=dues-source', 'app.ts'], {
    cwd: new URL(`./${folder}/`, import.meta.url),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => line.startsWith('ready ') && resolve())
    child.once('exit', () => reject(new Error(`examples/${folder} ended before it was ready.`)))
  })
  return child
}

type Ask = (path: string, init?: RequestInit) => Promise<Response>

/** From a visitor to a member, by nothing but what a browser sends: Checkout, its webhook, the guarded page. */
async function becomeMember(ask: Ask, origin: string): Promise<void> {
  const ada = { cookie: 'user=ada', accept: 'text/html' }
  expect(await (await ask('/')).text()).toContain('action="/billing/checkout"')
  expect((await ask('/members', { headers: { accept: 'application/json' }, redirect: 'manual' })).status).toBe(401)
  const closed = await ask('/members', { headers: ada, redirect: 'manual' })
  expect([closed.status, closed.headers.get('location')]).toEqual([303, expect.stringContaining('/?plan=pro')])

  const headers = { ...ada, origin, 'content-type': 'application/x-www-form-urlencoded' }
  const body = form.toString()
  const started = await ask('/billing/checkout', { method: 'POST', headers, body, redirect: 'manual' })
  expect(started.status).toBe(303)
  const checkout = String(started.headers.get('location'))
  const paid = await fetch(checkout, { method: 'POST', body: card, redirect: 'manual' })
  expect(String(paid.headers.get('location'))).toContain(`${origin}/billing/success`)
  // Nobody goes to the success page: it is the webhook that makes a member.
  await vi.waitFor(
    async () => expect(await (await ask('/members', { headers: ada })).text()).toBe('Welcome to Professional.'),
    { timeout: 20_000, interval: 100 },
  )
  const forged = { method: 'POST', body: '{}', headers: { 'stripe-signature': 't=1,v1=00' } }
  expect((await ask('/billing/webhook', forged)).status).toBe(400)
}

describe('the examples', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await openPostgres()
  })
  afterAll(() => database.close())

  /** Stripe, and what an example is told of it. Each has an account of its own, and a database emptied of the one before. */
  async function surroundings(): Promise<{ local: StripeLocal; origin: string; env: Record<string, string> }> {
    const port = await freePort()
    const origin = `http://localhost:${port}`
    const local = await startStripeLocal({ webhooks: [{ url: `${origin}/billing/webhook`, secret }] })
    onTestFinished(() => local.stop())
    await database.query('drop schema if exists dues cascade')
    await database.query('drop schema if exists dues_jobs cascade')
    const env = {
      ...{ DATABASE_URL: String(database.database), STRIPE_API_BASE: local.url, PORT: String(port) },
      ...{ STRIPE_SECRET_KEY: `sk_test_example${port}`, STRIPE_WEBHOOK_SECRET: secret },
    }
    return { local, origin, env }
  }

  test.for(['hono', 'express', 'fastify'])('on %s sells a membership', async (folder) => {
    const { origin, env } = await surroundings()
    const child = await run(folder, env)
    const ended = once(child, 'exit')
    try {
      await becomeMember((path, init) => fetch(`${origin}${path}`, init), origin)
    } finally {
      child.kill('SIGTERM')
    }
    expect(await ended).toEqual([0, null])
  })

  test('on Next.js sells a membership, by the route files that Next.js would call', async () => {
    const { origin, env } = await surroundings()
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    const { register } = await import('./next/instrumentation.ts')
    const { dues } = await import('./next/lib/dues.ts')
    await register()
    onTestFinished(() => dues.stop())
    const [home, members, billing] = await Promise.all([
      import('./next/app/route.ts'),
      import('./next/app/members/route.ts'),
      import('./next/app/billing/[...path]/route.ts'),
    ])
    const pages = new Map<string, (request: Request) => Response | Promise<Response>>([
      ['/', home.GET],
      ['/members', members.GET],
    ])
    const ask: Ask = async (path, init) => {
      const request = new Request(`${origin}${path}`, init)
      const page = pages.get(path)
      return page ? page(request) : request.method === 'POST' ? billing.POST(request) : billing.GET(request)
    }
    // In place of Next.js' own server, which Stripe's webhook would reach.
    const server = createServer(toNodeHandler(billing.POST)).listen(Number(env.PORT))
    onTestFinished(() => void server.close())
    await becomeMember(ask, origin)
  })
})
