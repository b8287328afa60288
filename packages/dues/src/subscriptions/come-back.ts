import type Stripe from 'stripe'
import { idOf } from '../catalogue/resolve.ts'
import { currencySold, unitsWanted } from '../catalogue/sold.ts'
import { type AddOnWish, wantedAddOns } from '../catalogue/wanted-add-ons.ts'
import { refuseSubscribed, subscriptionsAtStripe } from '../checkout/already.ts'
import { closeCheckout } from '../checkout/close.ts'
import { knownCustomer } from '../checkout/customer.ts'
import { comeBackIntent, isAbandoned } from '../checkout/reservation.ts'
import type { Context } from '../context.ts'
import { isLive } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import type { MirroredSubscription } from '../mirror/types.ts'
import { methodsOf } from '../payment-methods/read.ts'
import {
  type CheckoutReservation,
  findCheckout,
  recordLook,
  releaseCheckout,
  reserveCheckout,
} from '../store/checkouts.ts'
import { rememberOwner } from '../store/owners.ts'
import { callStripe, isDecided, isMissing } from '../stripe/client.ts'
import { wasJustDone } from './just-done.ts'
import { explainUnpaid } from './unpaid.ts'

type Wish = {
  readonly plan: string
  readonly interval: string
  readonly quantity?: number | undefined
  readonly addOns?: AddOnWish | undefined
}

/**
 * A new subscription for somebody whose last one is over, with the card that is known: no Checkout. The purchase is reserved as a Checkout
 * is, under one key that every click and every process repeats, so that nobody buys twice by either way.
 *
 * @see https://docs.stripe.com/api/subscriptions/create
 */
export async function comeBack(
  context: Context,
  owner: string,
  { plan, interval, quantity: wanted, addOns }: Wish,
): Promise<void> {
  const { catalogue, database, mirror, now } = context
  const offer = catalogue.offer(plan, interval)
  await context.ensurePrices()
  const price = catalogue.priceId(offer)
  const quantity = unitsWanted(catalogue, offer, wanted)
  const items = [
    { price, ...(quantity !== null && { quantity }) },
    ...wantedAddOns(catalogue, offer, addOns).map((wanted) => ({
      price: catalogue.priceId(wanted.offer),
      ...(wanted.quantity !== null && { quantity: wanted.quantity }),
    })),
  ]
  await callStripe(async () => {
    const customer = await knownCustomer(context, owner)
    const before = customer === null ? null : await subscriptionsAtStripe(context, owner, customer)
    if (customer === null || !before?.length)
      throw new DuesError(
        'not_subscribed',
        'You had no membership yet to come back to. Choose a plan and subscribe to it.',
      )
    const intent = comeBackIntent(items)
    const there = await findCheckout(database, owner)
    // What the first of two clicks has begun is finished, whatever it has made by now.
    if (there?.intent !== intent || isAbandoned(there, now())) {
      if (await isJustBack(context, owner, before, price)) return
      refuseSubscribed(context, before)
      if (there) await letGo(context, owner, there)
    }
    const currency = currencyBefore(before)
    if (currency) currencySold(offer, currency)
    const card = await cardOf(context, customer, before)
    const request = requestOf({ owner, customer, card, items, currency })
    // Somebody who was subscribed by hand has never been at a Checkout.
    await rememberOwner(database, { id: owner })
    const reservation = await reserveCheckout(database, owner, { intent, request, now: now() })
    if (reservation.intent !== intent) throw busy()
    if (!reservation.looked) {
      if (await isBackSince(context, owner, reservation, price)) return
      if (!(await recordLook(database, owner, reservation.key))) throw busy()
    }
    const made = await create(context, owner, reservation)
    await mirror.sync('subscription', made.id)
    await settle(context, owner, reservation, made, catalogue.plans[plan]?.name ?? plan)
  })
}

/** Whether another click has bought the same and let go of it, between the look at what there was and this reservation, of which nobody has bought yet. */
async function isBackSince(
  context: Context,
  owner: string,
  { key }: CheckoutReservation,
  price: string,
): Promise<boolean> {
  // Whoever buys mirrors it before letting go.
  const there = await context.mirror.subscriptionsOf(owner)
  if (!there.some(isLive)) return false
  await releaseCheckout(context.database, owner, key)
  if (await isJustBack(context, owner, there, price)) return true
  refuseSubscribed(context, there)
  return false
}

/** The second of two clicks finds what the first has done. */
const isJustBack = async (
  context: Context,
  owner: string,
  subscriptions: readonly MirroredSubscription[],
  price: string,
): Promise<boolean> =>
  subscriptions.some(
    (one) => ['active', 'trialing'].includes(one.status) && one.items.some((item) => item.price === price),
  ) && (await wasJustDone(context, owner, 'started'))

const busy = () =>
  new DuesError('busy', 'A Checkout of yours is open in another window. Finish it there, or try again in a minute.')

/** What somebody paid in they go on to pay in: a price of several would else be charged in its first. */
const currencyBefore = (before: readonly MirroredSubscription[]): string | undefined =>
  [...before].sort((a, b) => b.created - a.created)[0]?.items[0]?.currency

const requestOf = ({
  owner,
  customer,
  card,
  items,
  currency,
}: {
  owner: string
  customer: string
  card: string
  items: readonly { price: string; quantity?: number }[]
  currency: string | undefined
}): Record<string, unknown> => ({
  ...(currency && { currency }),
  customer,
  items,
  default_payment_method: card,
  // The bank may want the member's word, and then the subscription waits for it, as `incomplete`.
  payment_behavior: 'allow_incomplete',
  metadata: { dues_owner: owner },
  expand: ['latest_invoice.payments'],
})

/** By the request that was written down, under its key. What Stripe has decided against is let go of. */
async function create(
  { stripe, mirror, database }: Context,
  owner: string,
  { key, request }: CheckoutReservation,
): Promise<Stripe.Subscription> {
  try {
    return await mirror.through('subscription', () =>
      stripe.subscriptions.create(request as unknown as Stripe.SubscriptionCreateParams, {
        idempotencyKey: `dues-come-back-${key}`,
      }),
    )
  } catch (error) {
    // A database that fails after Stripe has answered has decided nothing: the purchase was made, and who comes next repeats it under its key.
    if (isDecided(error)) await releaseCheckout(database, owner, key)
    // Deleted at Stripe, or the card taken away, in the moment since they were looked at.
    if (isMissing(error, 'customer') || isMissing(error, 'default_payment_method')) throw noCard()
    throw error
  }
}

/** A first payment that was declined leaves nothing behind; one that the bank asks about waits for the member. */
async function settle(
  context: Context,
  owner: string,
  { key }: CheckoutReservation,
  made: Stripe.Subscription,
  name: string,
): Promise<void> {
  const { mirror, stripe, database } = context
  const now = await mirror.subscription(made.id)
  if (now?.status === 'active' || now?.status === 'trialing') return releaseCheckout(database, owner, key)
  const refused = await explainUnpaid(context, made, `${name} unpaid`, { first: true })
  if (refused.code === 'payment_failed' && now?.status === 'incomplete')
    await mirror
      .through('subscription', () => stripe.subscriptions.cancel(made.id))
      .catch(async (error: unknown) => {
        if (!isMissing(error)) throw error
      })
  await releaseCheckout(database, owner, key)
  throw refused
}

/** Gets another purchase out of the way: an open Checkout is closed, so that it cannot be paid as well. */
async function letGo(context: Context, owner: string, there: CheckoutReservation): Promise<void> {
  const { stripe, database, mirror } = context
  if (there.session === null) {
    if (!isAbandoned(there, context.now())) throw busy()
    return releaseCheckout(database, owner, there.key)
  }
  const session = await closeCheckout(stripe, await stripe.checkout.sessions.retrieve(there.session))
  if (session.subscription) await mirror.sync('subscription', idOf(session.subscription))
  await releaseCheckout(database, owner, there.key)
  if (session.status === 'complete') throw busy()
}

/** The card that is charged: the customer's own, the last subscription's, or the one that there is. */
async function cardOf(context: Context, customer: string, before: readonly MirroredSubscription[]): Promise<string> {
  const { stripe } = context
  const found = await stripe.customers.retrieve(customer)
  const own = found.deleted ? null : (found.invoice_settings?.default_payment_method ?? null)
  if (own) return idOf(own)
  const methods = await methodsOf(context, customer)
  const last = [...before].sort((a, b) => b.created - a.created)[0]
  const used = last && (await stripe.subscriptions.retrieve(last.id)).default_payment_method
  const card = methods.find(({ id }) => used && id === idOf(used)) ?? methods[0]
  if (card) return card.id
  throw noCard()
}

const noCard = () =>
  new DuesError('no_payment_method', 'No card of yours is known any more. Subscribe by Checkout, and give one there.')
