/**
 * `@supabase/stripe-sync-engine`, of which `@stripe/sync-engine` was made, and which goes on by itself. With `REVALIDATE=1` it
 * asks Stripe for each subscription that an event tells of.
 */
import { createRequire } from 'node:module'
import { serve } from './serve.js'

// As CommonJS: its migrations look for their folder by a name that an ES module does not have.
const { runMigrations, StripeSync } = createRequire(import.meta.url)('@supabase/stripe-sync-engine')

const { DATABASE_URL, STRIPE_API_BASE = 'http://127.0.0.1:9', STRIPE_SECRET_KEY = 'sk_test_bench' } = process.env
const { STRIPE_WEBHOOK_SECRET, REVALIDATE } = process.env

const logger = { info: () => undefined, warn: () => undefined, error: console.error }
await runMigrations({ databaseUrl: DATABASE_URL, schema: 'stripe', logger })
const sync = new StripeSync({
  poolConfig: { connectionString: DATABASE_URL, max: 10 },
  stripeSecretKey: STRIPE_SECRET_KEY,
  stripeWebhookSecret: STRIPE_WEBHOOK_SECRET,
  ...(REVALIDATE ? { revalidateObjectsViaStripeApi: ['subscription'] } : {}),
})
// It makes its client itself and takes no address.
const base = new URL(STRIPE_API_BASE)
sync.stripe._setApiField('host', base.hostname)
sync.stripe._setApiField('port', base.port)
sync.stripe._setApiField('protocol', base.protocol.replace(':', ''))
sync.postgresClient.pool.on('error', () => undefined)

serve({
  webhook: (body, signature) => sync.processWebhook(body, signature),
  repair: () => sync.syncBackfill({ object: 'subscription' }),
})
