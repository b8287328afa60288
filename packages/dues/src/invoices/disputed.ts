import type { Context } from '../context.ts'
import { transitionByKey } from '../store/membership.ts'
import { subscriptionsPaidBy } from '../stripe/charge.ts'
import { callStripe, isMissing } from '../stripe/client.ts'

/**
 * What becomes of a membership of which a payment is disputed: it goes on, it ends as soon as somebody disputes, or when the bank has
 * decided for them.
 */
export const disputePolicies = ['keep', 'end', 'endWhenLost'] as const
export type DisputePolicy = (typeof disputePolicies)[number]

/**
 * Ends the subscription that a disputed payment was for, where the app wants it so. No credit and no last invoice: the bank has taken
 * the money back.
 *
 * @param key the transition `disputed` or `disputeClosed`
 */
export async function endDisputed(context: Context, key: string): Promise<void> {
  const { database, stripe, mirror, onDispute } = context
  if (onDispute === 'keep') return
  const transition = await transitionByKey(database, key)
  const ends = onDispute === 'end' ? transition?.type === 'disputed' : transition?.detail.status === 'lost'
  const charge = transition?.detail.charge
  if (!ends || typeof charge !== 'string') return
  await callStripe(async () => {
    for (const subscription of await subscriptionsPaidBy(stripe, await stripe.charges.retrieve(charge))) {
      try {
        await mirror.through('subscription', () =>
          stripe.subscriptions.cancel(subscription, {
            prorate: false,
            invoice_now: false,
            cancellation_details: { comment: 'A payment was disputed.' },
          }),
        )
      } catch (error) {
        // It has ended already.
        if (!isMissing(error)) throw error
        await mirror.sync('subscription', subscription)
      }
    }
  })
}
