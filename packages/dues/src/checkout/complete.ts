import type Stripe from 'stripe'
import { idOf } from '../catalogue/resolve.ts'
import type { Context } from '../context.ts'
import { addOnNumbers, everyAddOn } from '../entitlements/add-ons.ts'
import { DuesError } from '../errors.ts'
import type { MirroredSubscription } from '../mirror/types.ts'
import { releaseSession } from '../store/checkouts.ts'
import { findTrial, type Trial } from '../store/trials.ts'
import { callStripe, isMissing } from '../stripe/client.ts'
import { checkTrials, trialKey } from './one-trial.ts'
import type { CompletedCheckout } from './types.ts'

/** What was bought, before the membership is put beside it. */
export type Completed = Omit<CompletedCheckout, 'member' | 'plan' | 'interval' | 'addOns'> & {
  readonly plan: string | null
  readonly interval: string | null
  readonly addOns: Readonly<Record<string, number>>
}

/**
 * Asks Stripe for a session that somebody came back from. The id is in the address bar, so it proves nothing: the session must name the
 * owner who is signed in, and be for that owner's customer. What it made is mirrored at once, for the webhook may be late.
 */
export async function completeCheckout(context: Context, owner: string, sessionId: string): Promise<Completed> {
  const { stripe, mirror, database } = context
  if (!/^cs_\w{1,200}$/.test(sessionId)) throw notFound()
  const session = await callStripe(() => retrieve(stripe, sessionId))
  const customer = await mirror.customerOf(owner)
  if (
    session.client_reference_id !== owner ||
    !customer ||
    session.customer === null ||
    idOf(session.customer) !== customer.id
  )
    throw new DuesError(
      'not_your_session',
      'This Checkout belongs to another account. Sign in with the one that you bought with.',
    )
  const subscription = session.subscription && typeof session.subscription === 'object' ? session.subscription : null
  if (subscription) await callStripe(() => mirror.sync('subscription', subscription.id))
  if (session.status !== 'open') await releaseSession(database, session.id)
  const bought = { sessionId: session.id, outcome: outcomeOf(session), ...soldBy(context, session) }
  if (!subscription) return { ...bought, ...datesOf(null) }
  const refused = await refusedTrial(context, owner, subscription)
  const now = await mirror.subscription(subscription.id)
  return { ...bought, ...(refused && { amountTotal: refused.amount ?? 0 }), ...datesOf(now) }
}

/** Whoever comes back from a Checkout shall read what became of the trial, and not what is going to. Null: it was not refused. */
async function refusedTrial(
  context: Context,
  owner: string,
  { id, metadata }: Stripe.Subscription,
): Promise<Trial | null> {
  if (metadata[trialKey] === undefined) return null
  const { database, mirror, logger } = context
  await checkTrials(context, owner).catch((error: unknown) => {
    logger.warn({ err: error, subscription: id }, 'whether this card has had a trial is asked again by a job')
  })
  const trial = await findTrial(database, id)
  if (!trial?.refused) return null
  if ((await mirror.subscription(id))?.status !== 'canceled') return trial
  throw new DuesError(
    'payment_failed',
    'This card has had a free trial before, and the first payment did not go through. Nothing was charged: try again with another card.',
  )
}

async function retrieve(stripe: Stripe, id: string): Promise<Stripe.Checkout.Session> {
  try {
    return await stripe.checkout.sessions.retrieve(id, { expand: ['subscription', 'line_items'] })
  } catch (error) {
    if (isMissing(error)) throw notFound(error)
    throw error
  }
}

const notFound = (cause?: unknown) =>
  new DuesError('not_found', 'There is no such Checkout. Your account page shows what you have.', { cause })

function outcomeOf({ status, payment_status }: Stripe.Checkout.Session): Completed['outcome'] {
  if (status === 'open') return 'open'
  if (status === 'expired') return 'expired'
  // A bank debit is on its way for days; Stripe says `unpaid` until it is there.
  return payment_status === 'unpaid' ? 'processing' : 'complete'
}

function soldBy({ catalogue }: Context, session: Stripe.Checkout.Session) {
  const items = (session.line_items?.data ?? []).flatMap(({ price, quantity }) =>
    price ? [{ price: price.id, product: idOf(price.product), quantity }] : [],
  )
  const placed = items.map((item) => catalogue.place(item)).find((one) => one !== null)
  return {
    plan: placed?.plan ?? null,
    interval: placed?.interval ?? null,
    addOns: everyAddOn(addOnNumbers(items, catalogue), catalogue),
    amountTotal: session.amount_total ?? 0,
    currency: session.currency ?? 'usd',
  }
}

function datesOf(subscription: MirroredSubscription | null) {
  const ends = subscription?.items.map((item) => item.currentPeriodEnd) ?? []
  return {
    trialEndsAt: subscription?.status === 'trialing' ? dateAt(subscription.trialEnd) : null,
    renewsAt: ends.length > 0 ? dateAt(Math.min(...ends)) : null,
  }
}

const dateAt = (seconds: number | null): Date | null => (seconds === null ? null : new Date(seconds * 1000))
