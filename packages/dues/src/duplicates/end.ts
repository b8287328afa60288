import type Stripe from 'stripe'
import { idOf } from '../catalogue/resolve.ts'
import type { Context as Whole } from '../context.ts'
import { isLive } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import { commit } from '../mirror/commit.ts'
import { duplicateOfKey, transition } from '../mirror/transitions.ts'
import {
  clearSuspect,
  type Duplicate,
  dropDuplicate,
  openDuplicates,
  recordDuplicate,
  renewDuplicateKey,
  settleDuplicate,
  suspectedAt,
} from '../store/duplicates.ts'
import { load } from '../store/mirror.ts'
import { callStripe, isDecided, isMissing } from '../stripe/client.ts'
import { findDuplicates, isKeepable } from './find.ts'
import { type Given, giveBack } from './money.ts'

/** What is needed of it here. */
type Context = Pick<Whole, 'stripe' | 'database' | 'mirror' | 'outbox' | 'catalogue' | 'duplicates' | 'logger' | 'now'>

/** A third subscription, or one that ends by itself meanwhile, is another round each; more is a fault. */
const rounds = 5

/** `waits`: it is ended, and a payment for it is still on its way. Reconcile asks again every night. */
type Outcome = 'over' | 'waits'

/**
 * Sees to it that an owner pays for one membership once: the newer subscription stays, the older is ended, and what was paid twice goes
 * back as `createDues({duplicates})` says. What is going to be done is written down first, and each step asks Stripe whether it was done
 * already, so it may run twice, at once and after a crash between any two steps.
 *
 * Errors: `stripe_unavailable`, `stripe_refused`, `database_unavailable`, `busy`: the job is tried again.
 */
export async function endDuplicates(context: Context, owner: string): Promise<void> {
  const { database } = context
  const noticed = await suspectedAt(database, owner)
  await callStripe(async () => {
    for (let round = 1; round <= rounds; round++) {
      await decide(context, owner)
      const outcomes: Outcome[] = []
      for (const duplicate of await openDuplicates(database, owner)) outcomes.push(await end(context, duplicate))
      if (outcomes.every((outcome) => outcome === 'waits')) return
    }
    throw new DuesError(
      'busy',
      `The subscriptions of ${owner} change while they are being looked at. It is tried again.`,
    )
  })
  if (noticed !== null) await clearSuspect(database, owner, noticed)
}

/**
 * Writes down what has to end. What the mirror shows is reason to ask Stripe, and no more: nothing is ended by an event that is late.
 * Money that was paid before Dues began is not touched: an account that is taken over is no surprise in anybody's bank statement.
 */
async function decide(context: Context, owner: string): Promise<void> {
  const { mirror, catalogue, database, duplicates: money, logger } = context
  const suspected = findDuplicates(await mirror.subscriptionsOf(owner), catalogue)
  if (suspected === null) return
  for (const { id } of [suspected.kept, ...suspected.older]) await mirror.sync('subscription', id)
  const found = findDuplicates(await mirror.subscriptionsOf(owner), catalogue)
  if (found === null) return
  const { kept, older } = found
  const { began } = await load(database, {})
  const since = Math.max(kept.created, began ?? 0)
  for (const before of older) {
    const subscription = before.id
    logger.warn(
      { owner, kept: kept.id, ended: subscription, money },
      'somebody has two subscriptions to one membership; the older is ended',
    )
    await recordDuplicate(database, { subscription, owner, kept: kept.id, since, money, before })
  }
}

async function end(context: Context, duplicate: Duplicate): Promise<Outcome> {
  const { stripe, mirror, database } = context
  const subscription = await retrieve(stripe, duplicate.subscription)
  const kept = await retrieve(stripe, duplicate.kept)
  const isMarked = subscription?.metadata[duplicateOfKey] === duplicate.kept
  // It ended by itself before we came to it: nobody is charged for it any more, and its money was settled by whoever ended it.
  const isOver = subscription === null || !isLive(subscription)
  if (kept === null || (isOver && !isMarked)) return letBe(context, duplicate)
  if (!isOver) {
    if (!isKeepable(kept)) return letBe(context, duplicate)
    await mark(context, duplicate, duplicate.kept)
    await cancel(context, duplicate)
  }
  await mirror.sync('subscription', duplicate.subscription)
  const given = await giveBack(stripe, duplicate, idOf(kept.customer)).catch(async (error: unknown) => {
    // Stripe keeps its no as the answer to this key. Whether something was made all the same, the next try finds out.
    if (isDecided(error)) await renewDuplicateKey(database, duplicate)
    throw error
  })
  if (given === null) return 'waits'
  await tell(context, duplicate, given)
  return 'over'
}

async function retrieve(stripe: Stripe, id: string): Promise<Stripe.Subscription | null> {
  try {
    return await stripe.subscriptions.retrieve(id)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** Nothing has to end for the sake of this one: the other has ended, or has not been paid. The next round looks again. */
async function letBe(context: Context, duplicate: Duplicate): Promise<Outcome> {
  const { mirror, stripe, database } = context
  await mirror.sync('subscription', duplicate.kept)
  await mirror.sync('subscription', duplicate.subscription)
  const subscription = await retrieve(stripe, duplicate.subscription)
  if (subscription !== null && isLive(subscription) && subscription.metadata[duplicateOfKey])
    await mark(context, duplicate, '')
  await dropDuplicate(database, duplicate)
  return 'over'
}

/**
 * Says on the subscription itself what it is ended for, so that every process and every delivery tells this end from a farewell.
 *
 * These two calls carry the SDK's own idempotency key and none of ours: doing them twice is doing them once, and a key of ours would
 * keep a failure of Stripe's for a day.
 */
async function mark({ mirror, stripe }: Context, { subscription }: Duplicate, keptOrNothing: string): Promise<void> {
  const metadata = { [duplicateOfKey]: keptOrNothing }
  await mirror.through('subscription', () => stripe.subscriptions.update(subscription, { metadata }))
}

/** No proration and no last invoice: what goes back is given back by a refund or a credit, once, and not by Stripe besides. */
async function cancel({ mirror, stripe }: Context, { subscription }: Duplicate): Promise<void> {
  try {
    await mirror.through('subscription', () =>
      stripe.subscriptions.cancel(subscription, { prorate: false, invoice_now: false }),
    )
  } catch (error) {
    // Somebody else was quicker: Stripe has no live subscription of this id any more.
    if (!isMissing(error)) throw error
  }
}

/** Records it and settles it in one transaction, with the job of the hook: told once. */
async function tell({ database, outbox, now }: Context, duplicate: Duplicate, given: Given): Promise<void> {
  const { subscription, kept, money } = duplicate
  const rows = await load(database, { subscription: [subscription, kept] })
  const ended = rows.subscription.find(({ id }) => id === subscription)
  if (ended === undefined) return settleDuplicate(database, duplicate)
  const { owners } = await load(database, { owners: [ended.customer] })
  const told = transition('duplicateEnded', [subscription, 'duplicateEnded'], ended.customer, {
    before: ended,
    after: rows.subscription.find(({ id }) => id === kept) ?? null,
    at: ended.ended_at ?? now(),
    subscription,
    detail: { ended: subscription, kept, money, amount: given.amount, currency: given.currency },
  })
  const before = duplicate.before ?? told.before
  await commit(
    database,
    outbox,
    { transitions: [{ ...told, before }], also: [(tx) => settleDuplicate(tx, duplicate)] },
    new Set(owners.map(({ customer }) => customer)),
  )
}
