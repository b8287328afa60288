import type Stripe from 'stripe'
import type { Context as Whole } from '../context.ts'
import { commit } from '../mirror/commit.ts'
import { transition } from '../mirror/transitions.ts'
import { load } from '../store/mirror.ts'
import { decideTrial, findTrial, openTrials, renewTrialKey, settleTrial, type Trial } from '../store/trials.ts'
import { callStripe, isDecided, isMissing, isRefused, isUnpaid } from '../stripe/client.ts'

/** What is needed of it here. */
type Context = Pick<Whole, 'stripe' | 'database' | 'mirror' | 'outbox' | 'logger' | 'now'>

/** The metadata of a subscription whose trial our Checkout gave, in days. A trial that somebody gives by hand is left alone. */
export const trialKey = 'dues_trial'

/**
 * Sees to it that a card has one trial. Which card it is, Stripe says only when the Checkout is over; when it had a trial with another
 * owner, this one ends at once and its first period is charged, as the Checkout has said beside its button. What cannot be charged is
 * canceled: nothing is owed, and nothing was had. The transition `trialRefused` tells the owner.
 *
 * What is decided is written down before Stripe is told, so this may run twice, at once and after a crash between any two steps.
 *
 * Errors: `stripe_unavailable`, `stripe_refused`, `database_unavailable`: the job is tried again.
 *
 * @see https://docs.stripe.com/api/payment_methods/object#payment_method_object-card-fingerprint
 */
export async function checkTrials(context: Context, owner: string): Promise<void> {
  for (const id of await openTrials(context.database, owner)) await callStripe(() => checkTrial(context, owner, id))
}

async function checkTrial(context: Context, owner: string, id: string): Promise<void> {
  const { database, mirror, logger } = context
  const subscription = await retrieve(context, id)
  const trial = (await findTrial(database, id)) ?? (await decide(context, owner, id, subscription))
  if (trial === null || trial.settled || !trial.refused) return
  logger.warn({ owner, subscription: id }, 'a card has had a trial with another owner; this one is refused')
  if (subscription?.status === 'trialing') await end(context, trial)
  await mirror.sync('subscription', id)
  await tell(context, trial, await retrieve(context, id))
}

async function decide(
  { database, mirror }: Context,
  owner: string,
  id: string,
  subscription: Stripe.Subscription | null,
): Promise<Trial | null> {
  // The mirror lags behind, and the trial is over already: there is none to refuse.
  if (subscription?.status !== 'trialing') {
    await mirror.sync('subscription', id)
    return null
  }
  const before = await mirror.subscription(id)
  const started = subscription.trial_start ?? subscription.created
  const trial = { subscription: id, owner, before, fingerprint: fingerprintOf(subscription), started }
  return decideTrial(database, trial, { refusable: subscription.metadata[trialKey] !== undefined })
}

async function retrieve({ stripe }: Context, id: string): Promise<Stripe.Subscription | null> {
  const expand = ['default_payment_method', 'customer.invoice_settings.default_payment_method', 'latest_invoice']
  try {
    return await stripe.subscriptions.retrieve(id, { expand })
  } catch (error) {
    if (isMissing(error)) return null
    if (!isRefused(error)) throw error
    // A customer that was deleted has no settings, and Stripe refuses to expand them.
    return await stripe.subscriptions.retrieve(id, { expand: ['default_payment_method', 'latest_invoice'] })
  }
}

/** What Stripe makes of the number of a card or of a bank account: the same for the same number, whoever types it in. */
function fingerprintOf({ default_payment_method: own, customer }: Stripe.Subscription): string | null {
  const theirs =
    typeof customer === 'object' && !customer.deleted ? customer.invoice_settings.default_payment_method : null
  const method = own ?? theirs
  if (method === null || typeof method === 'string') return null
  const { card, sepa_debit, us_bank_account, bacs_debit, au_becs_debit } = method
  return (card ?? sepa_debit ?? us_bank_account ?? bacs_debit ?? au_becs_debit)?.fingerprint ?? null
}

/** Ends the trial and charges the first period; where that is not paid, ends the subscription: a trial that is refused is not half had. */
async function end({ stripe, mirror, database }: Context, trial: Trial): Promise<void> {
  const { subscription: id, key } = trial
  try {
    await mirror.through('subscription', () =>
      stripe.subscriptions.update(
        id,
        { trial_end: 'now', proration_behavior: 'none', payment_behavior: 'error_if_incomplete' },
        { idempotencyKey: `dues-trial-${key}` },
      ),
    )
  } catch (error) {
    if (!isUnpaid(error)) {
      if (isDecided(error)) await renewTrialKey(database, trial)
      throw error
    }
    await cancel({ stripe, mirror }, id)
  }
}

async function cancel({ stripe, mirror }: Pick<Context, 'stripe' | 'mirror'>, id: string): Promise<void> {
  try {
    await mirror.through('subscription', () => stripe.subscriptions.cancel(id, { prorate: false, invoice_now: false }))
  } catch (error) {
    // Somebody else was quicker: Stripe has no live subscription of this id any more.
    if (!isMissing(error)) throw error
  }
}

/** Records it and settles it in one transaction, with the job of the hook: told once. */
async function tell(
  { database, outbox, now }: Context,
  trial: Trial,
  subscription: Stripe.Subscription | null,
): Promise<void> {
  const { subscription: rows } = await load(database, { subscription: [trial.subscription] })
  const after = rows[0] ?? null
  const invoice = subscription?.latest_invoice
  const amount = typeof invoice === 'object' && invoice !== null ? invoice.amount_paid : 0
  const customer = trial.before?.customer ?? after?.customer
  if (customer === undefined) return settleTrial(database, trial, amount)
  const { owners } = await load(database, { owners: [customer] })
  const told = transition('trialRefused', [trial.subscription, 'trialRefused'], customer, {
    before: null,
    after,
    at: subscription?.trial_end ?? now(),
    subscription: trial.subscription,
    detail: { amount, currency: subscription?.currency ?? null },
  })
  await commit(
    database,
    outbox,
    { transitions: [{ ...told, before: trial.before }], also: [(tx) => settleTrial(tx, trial, amount)] },
    new Set(owners.map((owner) => owner.customer)),
  )
}
