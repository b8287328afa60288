import type Stripe from 'stripe'
import type { Offer } from '../catalogue/catalogue.ts'
import { idOf } from '../catalogue/resolve.ts'
import { type Context, originOf } from '../context.ts'
import { isLive } from '../entitlements/membership.ts'
import type { Owner } from '../entitlements/types.ts'
import { DuesError } from '../errors.ts'
import {
  type CheckoutReservation,
  findCheckout,
  recordSession,
  releaseCheckout,
  reserveCheckout,
} from '../store/checkouts.ts'
import { releaseCustomer } from '../store/owners.ts'
import { callStripe, isFailure, isMissing, isUndecided } from '../stripe/client.ts'
import { refuseSubscribed, subscriptionsAtStripe } from './already.ts'
import { closeCheckout } from './close.ts'
import { ensureCustomer } from './customer.ts'
import { checkoutIntent, checkoutRequest } from './request.ts'
import { isAbandoned, isComeBack } from './reservation.ts'
import { type CheckoutTerms, checkoutTerms } from './terms.ts'
import type { CheckoutOptions, StartedCheckout } from './types.ts'

/** An expired session, a completed one, one for another price and a customer deleted at Stripe are each one round; more is a fault. */
const rounds = 5

type Wish = { owner: Owner; offer: Offer; price: string; billingUrl: string; terms: CheckoutTerms; intent: string }

/**
 * Starts a Checkout, of which an owner has at most one open. It is reserved in the database before Stripe is asked, under a key that
 * everybody who comes meanwhile repeats; no lock is held while Stripe is waited for.
 */
export async function startCheckout(
  context: Context,
  {
    owner,
    plan,
    interval,
    origin,
    ...options
  }: CheckoutOptions & { owner: Owner; plan: string; interval: string; origin?: string | undefined },
): Promise<StartedCheckout> {
  const offer = context.catalogue.offer(plan, interval)
  await context.ensurePrices()
  const price = context.catalogue.priceId(offer)
  const billingUrl = originOf(context, origin) + context.basePath
  const terms = await checkoutTerms(context, offer, options)
  const wish: Wish = { owner, offer, price, billingUrl, terms, intent: checkoutIntent({ price, billingUrl, terms }) }
  for (let round = 1; round <= rounds; round++) {
    const started = await callStripe(() => attempt(context, wish))
    if (started) return started
  }
  throw new DuesError('busy', 'Your Checkout changed while it was being prepared. Try again in a moment.')
}

/** One round: a Checkout to send the owner to, or null when what stood in the way has been cleared. */
async function attempt(context: Context, wish: Wish): Promise<StartedCheckout | null> {
  const { database } = context
  const there = await findCheckout(database, wish.owner.id)
  // A subscription that came from elsewhere (the dashboard, an API) makes an open Checkout one too many.
  if (there && (await looksSubscribed(context, wish.owner.id))) await refuseSecond(context, wish.owner)
  const reservation = there ?? (await reserve(context, wish))
  if (!reservation) return null
  if (isComeBack(reservation)) return waitFor(context, wish.owner, reservation)
  const session = await sessionOf(context, wish.owner.id, reservation)
  if (!session) return null
  if (session.status === 'open' && session.url && reservation.intent === wish.intent)
    return { sessionId: session.id, url: session.url }
  await clear(context, wish.owner.id, reservation, session)
  return null
}

/** Somebody comes back with a known card at this moment. If that has died, what it made at Stripe is looked for before it is let go of. */
async function waitFor(context: Context, owner: Owner, reservation: CheckoutReservation): Promise<null> {
  if (!isAbandoned(reservation, context.now()))
    throw new DuesError(
      'busy',
      'Your card is being charged for this in another window. Look there, or try again in a minute.',
    )
  await refuseSecond(context, owner)
  await releaseCheckout(context.database, owner.id, reservation.key)
  return null
}

const looksSubscribed = async ({ mirror }: Context, owner: string): Promise<boolean> =>
  (await mirror.subscriptionsOf(owner)).some(isLive)

/** Refuses a second subscription. Answers the customer and all that there was before; null when the customer is gone at Stripe. */
export async function refuseSecond(context: Context, owner: Owner) {
  const customer = await ensureCustomer(context, owner)
  const subscriptions = await subscriptionsAtStripe(context, owner.id, customer)
  if (subscriptions) refuseSubscribed(context, subscriptions)
  return subscriptions && { customer, subscriptions }
}

async function reserve(context: Context, wish: Wish): Promise<CheckoutReservation | null> {
  const { owner, offer, price, billingUrl, terms, intent } = wish
  const known = await refuseSecond(context, owner)
  if (!known) return null
  const { customer, subscriptions } = known
  const hadTrial = subscriptions.some((one) => one.trialStart !== null)
  const trial = hadTrial || !terms.trial ? null : (context.catalogue.plans[offer.plan]?.trial ?? null)
  const request = checkoutRequest({ owner: owner.id, customer, offer, price, billingUrl, trial, terms })
  const wanted = { intent, request: { ...request }, now: context.now() }
  const reservation = await reserveCheckout(context.database, owner.id, wanted)
  if (!reservation.isNew || !(await looksSubscribed(context, owner.id))) return reservation
  // Somebody came back with a known card since we looked: the next round says so.
  await releaseCheckout(context.database, owner.id, reservation.key)
  return null
}

/** The session of a reservation. Null when there is none to be had, and the reservation has been let go of. */
async function sessionOf(
  context: Context,
  owner: string,
  reservation: CheckoutReservation,
): Promise<Stripe.Checkout.Session | null> {
  const { stripe, database } = context
  if (reservation.session === null) return makeSession(context, owner, reservation)
  const session = await stripe.checkout.sessions.retrieve(reservation.session).catch((error: unknown) => {
    if (isMissing(error)) return null
    throw error
  })
  if (!session) await releaseCheckout(database, owner, reservation.key)
  return session
}

/** Makes the session that was reserved, by the request that was written down, under its own key: whoever comes meanwhile makes the same. */
async function makeSession(
  context: Context,
  owner: string,
  { key, request }: CheckoutReservation,
): Promise<Stripe.Checkout.Session | null> {
  const { stripe, database } = context
  let session: Stripe.Checkout.Session
  try {
    session = await stripe.checkout.sessions.create(request, { idempotencyKey: `dues-checkout-${key}` })
  } catch (error) {
    // What is undecided must be asked again under the same key. What Stripe decided stays its answer to this key for a day.
    if (isUndecided(error)) throw error
    if (isFailure(error)) await expireStrays(context, request)
    await releaseCheckout(database, owner, key)
    if (!isMissing(error, 'customer')) throw error
    // Deleted at Stripe meanwhile: the next round makes a new one.
    await releaseCustomer(database, owner, String(request.customer))
    return null
  }
  // Where the database fails here, the reservation stays: whoever comes next repeats it under its key and is given the same session.
  if (await recordSession(database, { owner, key, session: session.id })) return session
  throw new DuesError('busy', 'Another Checkout was started in another window. Go on there, or try again.')
}

/** A failure of Stripe's that stays the answer to a key may have left a session all the same. Nobody shall find it open. */
async function expireStrays({ stripe }: Context, { customer }: CheckoutReservation['request']): Promise<void> {
  const { data } = await stripe.checkout.sessions.list({ customer: String(customer), status: 'open' })
  for (const session of data) await closeCheckout(stripe, session)
}

/** Gets the owner's Checkout out of the way, if there is one, so that nobody pays it any more. */
export async function letGoOfCheckout(context: Context, owner: string): Promise<void> {
  const reservation = await findCheckout(context.database, owner)
  const session = reservation && (await sessionOf(context, owner, reservation))
  if (reservation && session) await clear(context, owner, reservation, session)
}

/** Gets a session out of the way that is not what is wanted: over, or for something else. */
async function clear(
  context: Context,
  owner: string,
  { key }: CheckoutReservation,
  session: Stripe.Checkout.Session,
): Promise<void> {
  const { stripe, mirror, database } = context
  if (session.status === 'complete' && session.subscription)
    await mirror.sync('subscription', idOf(session.subscription))
  // Paid, or over, in the moment between: the next round sees it as it is.
  if (session.status === 'open' && (await closeCheckout(stripe, session)).status !== 'expired') return
  await releaseCheckout(database, owner, key)
}
