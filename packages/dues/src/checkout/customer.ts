import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import type { Owner } from '../entitlements/types.ts'
import { customerRequestedAt, findOwner, releaseCustomer, rememberOwner, reserveCustomer } from '../store/owners.ts'

/** Stripe keeps the first answer to an idempotency key for at least a day; before that is over we stop counting on it. */
const keyIsRemembered = 23 * 3600

/**
 * The one Stripe customer of an owner, made on first need. Tabs, processes and crashes all repeat one request under one key that is
 * written down first, so Stripe makes one customer, whoever asks how often.
 *
 * @see https://docs.stripe.com/api/idempotent_requests
 */
export async function ensureCustomer(context: Context, owner: Owner): Promise<string> {
  const { database, mirror, stripe, now } = context
  await rememberOwner(database, owner)
  const known = await mirror.customerOf(owner.id)
  if (known && !known.deleted) return known.id
  if (known) await releaseCustomer(database, owner.id, known.id)

  const forgotten = await foundAgain(context, owner.id)
  if (forgotten) return forgotten

  const { key, request } = await reserveCustomer(database, owner.id, {
    request: customerRequest(await findOwner(database, owner.id)),
    now: now(),
    forgottenAfter: keyIsRemembered,
  })
  const customer = await mirror.through('customer', () =>
    stripe.customers.create(request as Stripe.CustomerCreateParams, { idempotencyKey: `dues-customer-${key}` }),
  )
  return customer.id
}

/** The customer that an owner has already; null for somebody who never bought anything. */
export async function knownCustomer({ mirror }: Context, owner: string): Promise<string | null> {
  const customer = await mirror.customerOf(owner)
  return customer && !customer.deleted ? customer.id : null
}

const customerRequest = ({ id, email, name }: Owner): Record<string, unknown> => ({
  ...(email && { email }),
  ...(name && { name }),
  metadata: { dues_owner: id },
})

/**
 * A customer whose making was begun more than a day ago, by a process that died before it wrote down the answer. Stripe may have
 * forgotten the key by now, but it finds the customer by whose it is.
 */
async function foundAgain({ database, mirror, stripe, now }: Context, owner: string): Promise<string | null> {
  const requestedAt = await customerRequestedAt(database, owner)
  if (requestedAt === null || requestedAt >= now() - keyIsRemembered) return null
  const query = `metadata['dues_owner']:'${owner.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const [customer] = (await stripe.customers.search({ query, limit: 1 })).data
  if (!customer) return null
  // Stripe's search lags behind, up to an hour on a bad day: it tells which customer it is, and the fetch what it is like now.
  await mirror.sync('customer', customer.id)
  return customer.id
}
