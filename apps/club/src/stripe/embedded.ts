import { join } from 'node:path'
import type { StripeKeys } from 'dues'
import Stripe from 'stripe'
import { type StripeLocal, startStripeLocal } from 'stripe-local'
import { StartError } from '../lock.ts'

/** The keys of the embedded Stripe. They open nothing anywhere else, so they may stand here. */
const secretKey = 'sk_test_trigpoint_local'
const webhookSecret = 'whsec_trigpoint_local'

/** A Stripe of the club's own: its process-mate, its keys, and a client of it. */
export type EmbeddedStripe = {
  readonly local: StripeLocal
  readonly keys: StripeKeys & { secretKey: string }
  readonly client: Stripe
}

/**
 * Tries of a failed renewal are spread over three weeks, so that a month on, on the time bar, shows somebody whose payment is due
 * after a trial of two weeks, and a second one the end.
 */
const settings = { retryDays: [3, 7, 14, 21] }

/** Starts Stripe Local with everything kept in a journal, sending its webhooks to the club. */
export async function startEmbeddedStripe(options: {
  port: number
  journal: string | undefined
  webhookUrl: string
}): Promise<EmbeddedStripe> {
  const { port, journal, webhookUrl } = options
  const webhooks = [{ url: webhookUrl, secret: webhookSecret }]
  const local = await startStripeLocal({ port, webhooks, settings, ...(journal !== undefined && { journal }) }).catch(
    (error: unknown) => {
      throw explain(error, port)
    },
  )
  const client = new Stripe(secretKey, { host: 'localhost', port: local.port, protocol: 'http' })
  return { local, client, keys: { secretKey, webhookSecret, apiBase: local.url } }
}

/** Where the journal of a data folder is; a database in memory has a Stripe in memory. */
export const journalOf = (dataDir: string): string | undefined =>
  dataDir.startsWith('memory:') ? undefined : join(dataDir, 'stripe-local.journal')

/** What a newcomer can type into "Add promotion code". */
const promotions = [
  {
    code: 'WELCOME20',
    coupon: {
      id: 'welcome',
      name: '20% off for three months',
      percent_off: 20,
      duration: 'repeating',
      duration_in_months: 3,
    },
  },
  {
    code: 'FIVEOFF',
    coupon: { id: 'five-off', name: '$5 off, once', amount_off: 500, currency: 'usd', duration: 'once' },
  },
] as const

/** Makes the promotion codes that are not there yet. */
export async function makePromotionCodes({ client }: EmbeddedStripe): Promise<void> {
  for (const { code, coupon } of promotions) {
    const { data } = await client.promotionCodes.list({ code, limit: 1 })
    if (data.length > 0) continue
    const { id } = await client.coupons.create(coupon)
    await client.promotionCodes.create({ code, promotion: { type: 'coupon', coupon: id } })
  }
}

function explain(error: unknown, port: number): unknown {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  if (!inUse) return error
  return new StartError(
    `Port ${port}, for Stripe Local, is in use. End what runs there, or set STRIPE_LOCAL_PORT to another one: STRIPE_LOCAL_PORT=${port + 1} npm start`,
  )
}
