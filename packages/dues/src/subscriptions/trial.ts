import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import { callStripe } from '../stripe/client.ts'
import { besideSchedule } from './beside-schedule.ts'
import { type Current, currentAtStripe } from './current.ts'
import { keyOf } from './key.ts'
import { explainUnpaid } from './unpaid.ts'

/**
 * Makes a trial longer or shorter. The first period begins when it ends, and nothing is charged before.
 *
 * @see https://docs.stripe.com/billing/subscriptions/trials
 */
export async function moveTrialEnd(context: Context, owner: string, until: Date): Promise<void> {
  const trial_end = Math.floor(until.getTime() / 1000)
  if (!(trial_end > context.now()))
    throw new DuesError('bad_request', 'That day is past. Give a day to come, or end the trial now.')
  await callStripe(async () => {
    const { subscription } = onTrial(await currentAtStripe(context, owner))
    await change(context, { subscription }, { trial_end, proration_behavior: 'none' })
  })
}

/**
 * Ends a trial now: the first period begins, and is charged. When that fails the trial goes on.
 *
 * @see https://docs.stripe.com/billing/subscriptions/trials#end-trial
 */
export async function endTrial(context: Context, owner: string): Promise<void> {
  await callStripe(async () => {
    const current = await currentAtStripe(context, owner)
    // The second of two clicks.
    if (current?.subscription.status === 'active' && trialJustEnded(context, current)) return
    const { subscription, placed } = onTrial(current)
    const paying: Stripe.SubscriptionUpdateParams =
      subscription.collectionMethod === 'charge_automatically' ? { payment_behavior: 'pending_if_incomplete' } : {}
    const answer = await change(
      context,
      { subscription },
      { trial_end: 'now', ...paying, expand: ['latest_invoice.payments'] },
      keyOf('end-trial', owner, subscription.id, subscription.trialEnd, subscription.latestInvoice),
    )
    if ((await context.mirror.subscription(subscription.id))?.status !== 'trialing') return
    const name = placed && context.catalogue.plans[placed.plan]?.name
    throw await explainUnpaid(context, answer, `your trial${name ? ` of ${name}` : ''}`)
  })
}

function onTrial(current: Current | null): Current {
  if (current?.subscription.status === 'trialing') return current
  throw new DuesError('not_on_trial', 'There is no trial under way.')
}

const trialJustEnded = ({ now }: Context, { subscription }: Current): boolean =>
  subscription.trialEnd !== null && subscription.trialEnd >= now() - 60

const change = (
  context: Context,
  { subscription }: Pick<Current, 'subscription'>,
  params: Stripe.SubscriptionUpdateParams,
  idempotencyKey?: string,
): Promise<Stripe.Subscription> =>
  besideSchedule(
    context,
    subscription,
    () =>
      context.mirror.through('subscription', () =>
        context.stripe.subscriptions.update(subscription.id, params, idempotencyKey ? { idempotencyKey } : {}),
      ),
    ({ items }) => items,
  )
