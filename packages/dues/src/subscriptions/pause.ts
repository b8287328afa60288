import type { Context } from '../context.ts'
import { scheduledEnd } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import { callStripe, isRefused } from '../stripe/client.ts'
import { besideSchedule } from './beside-schedule.ts'
import { currentAtStripe } from './current.ts'
import { wasJustDone } from './just-done.ts'
import { keyOf } from './key.ts'
import { changeable } from './target.ts'
import type { PauseOptions } from './types.ts'
import { explainUnpaid } from './unpaid.ts'

/**
 * Puts a membership to rest: Stripe's `paused`, in which nothing is charged, periods stand still, and there is no access. That is what a
 * member means by a pause. Stripe's `pause_collection` is another thing, for the app's owner: the membership goes on and its invoices
 * are not collected.
 *
 * @see https://docs.stripe.com/api/subscriptions/pause
 */
export async function pauseSubscription(
  context: Context,
  owner: string,
  { unused = 'credit' }: PauseOptions = {},
): Promise<void> {
  const { mirror, stripe } = context
  await callStripe(async () => {
    const current = await currentAtStripe(context, owner)
    // Pausing twice is pausing once.
    if (current?.subscription.status === 'paused') return
    const { subscription } = await changeable(context, current)
    if (scheduledEnd(subscription) !== null)
      throw new DuesError(
        'membership_ending',
        'Your membership is set to end, so there is nothing to pause. Keep it first.',
      )
    if (subscription.collectionMethod !== 'charge_automatically')
      throw new DuesError(
        'bad_request',
        'A membership that is paid by invoice cannot be paused: it could not be let go on.',
      )
    const from = { type: unused === 'credit' ? 'now' : 'none' }
    await besideSchedule(context, subscription, () =>
      mirror
        .through('subscription', () =>
          stripe.subscriptions.pause(subscription.id, { type: 'subscription', bill_for: { unused_time_from: from } }),
        )
        .catch(async (error: unknown) => {
          await mirror.sync('subscription', subscription.id)
          // Another click was quicker.
          if (!isRefused(error) || (await mirror.subscription(subscription.id))?.status !== 'paused') throw error
        }),
    )
  })
}

/**
 * Lets a paused membership go on with a new period from today, of which the credit of the pause pays the first part. It stays paused until
 * that is paid.
 *
 * @see https://docs.stripe.com/api/subscriptions/resume
 */
export async function unpauseSubscription(context: Context, owner: string): Promise<void> {
  const { mirror, stripe, catalogue } = context
  await callStripe(async () => {
    const current = await currentAtStripe(context, owner)
    const subscription = current?.subscription
    if (subscription?.status === 'paused') {
      const { id, latestInvoice } = subscription
      const answer = await mirror.through('subscription', () =>
        stripe.subscriptions.resume(
          id,
          {
            billing_cycle_anchor: { type: 'now' },
            payment_behavior: 'resume_on_payment_success',
            expand: ['latest_invoice.payments'],
          },
          // Two clicks are one request; a failed try leaves another newest invoice, and each pause another period.
          { idempotencyKey: keyOf('resume', owner, id, latestInvoice, current?.item.currentPeriodEnd) },
        ),
      )
      if ((await mirror.subscription(id))?.status !== 'paused') return
      throw await explainUnpaid(context, answer, `${catalogue.plans[current?.placed?.plan ?? '']?.name ?? 'it'} paused`)
    }
    if (subscription?.pauseCollection) {
      const { id } = subscription
      await mirror.through('subscription', () => stripe.subscriptions.update(id, { pause_collection: '' }))
      return
    }
    if (subscription && (await wasJustDone(context, owner, 'resumed'))) return
    throw new DuesError('not_paused', 'Your membership is not paused.')
  })
}
