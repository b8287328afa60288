/**
 * `@better-auth/stripe` as its documentation sets it up: the plugin on Postgres with subscriptions, plans by price, and a
 * callback of the app's on each change. Started by bench/scenarios.ts and bench/webhooks.ts, in a process of its own.
 */
import { createServer } from 'node:http'
import { stripe } from '@better-auth/stripe'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import pg from 'pg'
import Stripe from 'stripe'
import { tellHook } from './hook.js'

const { PORT, DATABASE_URL, STRIPE_API_BASE = 'http://127.0.0.1:9', STRIPE_SECRET_KEY = 'sk_test_bench' } = process.env
const { STRIPE_WEBHOOK_SECRET = '', PRICES = '{}' } = process.env
const { hostname, port, protocol } = new URL(STRIPE_API_BASE)
const stripeClient = new Stripe(STRIPE_SECRET_KEY, { host: hostname, port, protocol: protocol.replace(':', '') })

const told = (subscription) => tellHook(subscription?.stripeSubscriptionId)
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 })
// A pool without a listener ends the process when its database goes away.
pool.on('error', () => undefined)

const options = {
  baseURL: `http://127.0.0.1:${PORT}`,
  secret: 'a-secret-of-the-benchmark-and-of-nobody-else',
  database: pool,
  emailAndPassword: { enabled: true },
  telemetry: { enabled: false },
  // Its limit is per address; all deliveries come from one.
  rateLimit: { enabled: false },
  logger: { disabled: true },
  plugins: [
    stripe({
      stripeClient,
      stripeWebhookSecret: STRIPE_WEBHOOK_SECRET,
      subscription: {
        enabled: true,
        plans: Object.entries(JSON.parse(PRICES)).map(([name, priceId]) => ({ name, priceId })),
        onSubscriptionComplete: ({ subscription }) => told(subscription),
        onSubscriptionCreated: ({ subscription }) => told(subscription),
        onSubscriptionUpdate: ({ subscription }) => told(subscription),
        onSubscriptionDeleted: ({ subscription }) => told(subscription),
      },
    }),
  ],
}

const { runMigrations } = await getMigrations(options)
await runMigrations()
// Its migrations make no index on what each event looks up. Whoever runs it would add them.
await pool.query(`create index if not exists by_stripe_subscription on subscription ("stripeSubscriptionId");
  create index if not exists by_stripe_customer on subscription ("stripeCustomerId");
  create index if not exists by_user_customer on "user" ("stripeCustomerId")`)
const handle = toNodeHandler(betterAuth(options))
createServer((request, response) => {
  if (request.url === '/health') return response.end('{}')
  return handle(request, response)
}).listen(Number(PORT))
process.once('SIGTERM', () => process.exit(0))
