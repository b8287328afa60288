/**
 * `@stripe/sync-engine`: Stripe's own mirror of an account in Postgres. With `REVALIDATE=1` it asks Stripe for each
 * subscription that an event tells of, its setting against events that come in another order.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runMigrations, StripeSync } from '@stripe/sync-engine'
import { serve } from './serve.js'

const { DATABASE_URL, STRIPE_API_BASE = 'http://127.0.0.1:9', STRIPE_SECRET_KEY = 'sk_test_bench' } = process.env
const { STRIPE_WEBHOOK_SECRET, REVALIDATE } = process.env
const logger = { info: () => undefined, warn: () => undefined, error: console.error }

// Its migrations download Stripe's OpenAPI file to give each field a column of its own. Here they get the fields that are
// asked for: the objects are kept whole in a JSON column either way, and that is what the rules of order are about.
const text = (...names) => Object.fromEntries(names.map((name) => [name, { type: 'string' }]))
const schema = (name, ...fields) => ({
  type: 'object',
  'x-resourceId': name,
  properties: { ...text('id', 'object', ...fields), created: { type: 'integer' } },
})
const folder = mkdtempSync(join(tmpdir(), 'sync-engine-'))
const openApiSpecPath = join(folder, 'openapi.json')
const schemas = {
  subscription: schema('subscription', 'status', 'customer', 'latest_invoice'),
  customer: schema('customer', 'email', 'name'),
  subscription_item: schema('subscription_item', 'subscription', 'price'),
}
const info = { title: 'Stripe', version: '1' }
writeFileSync(openApiSpecPath, JSON.stringify({ openapi: '3.0.0', info, paths: {}, components: { schemas } }))
// Read once, and the process is killed when it has done its part: what is left now would stay.
await runMigrations({ databaseUrl: DATABASE_URL, openApiSpecPath, logger }).finally(() =>
  rmSync(folder, { recursive: true }),
)

const sync = await StripeSync.create({
  poolConfig: { connectionString: DATABASE_URL, max: 10 },
  stripeSecretKey: STRIPE_SECRET_KEY,
  stripeWebhookSecret: STRIPE_WEBHOOK_SECRET,
  stripeAccountId: 'acct_bench',
  logger,
  ...(REVALIDATE ? { revalidateObjectsViaStripeApi: ['subscription'] } : {}),
})
// It makes its client itself and takes no address.
const base = new URL(STRIPE_API_BASE)
sync.stripe._setApiField('host', base.hostname)
sync.stripe._setApiField('port', base.port)
sync.stripe._setApiField('protocol', base.protocol.replace(':', ''))
sync.postgresClient.pool.on('error', () => undefined)

serve({
  webhook: (body, signature) => sync.webhook.processWebhook(body, signature),
  repair: () => sync.fullSync(['subscription'], false, 1, 25, false),
})
