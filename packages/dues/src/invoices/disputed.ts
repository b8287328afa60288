import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { idOf } from '../mirror/contents.ts'
import { transitionByKey } from '../store/membership.ts'
import { callStripe, isMissing } from '../stripe/client.ts'

/**
 * Ends the subscription that a disputed payment was for, where the app wants it so. No credit and no last invoice: the bank has taken
 * the money back.
 *
 * @param key the transition `disputed`
 */
export async function endDisputed(context: Context, key: string): Promise<void> {
  const { database, stripe, mirror, onDispute } = context
  if (onDispute === 'keep') return
  const charge = (await transitionByKey(database, key))?.detail.charge
  if (typeof charge !== 'string') return
  await callStripe(async () => {
    for (const subscription of await subscriptionsOf(stripe, charge)) {
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

/** The subscriptions whose invoices a charge has paid. */
async function subscriptionsOf(stripe: Stripe, charge: string): Promise<string[]> {
  const intent = idOf((await stripe.charges.retrieve(charge)).payment_intent)
  if (intent === null) return []
  const payment = { type: 'payment_intent', payment_intent: intent } as const
  const { data } = await stripe.invoicePayments.list({ payment, expand: ['data.invoice'] })
  return data.flatMap(({ invoice }) => {
    if (typeof invoice !== 'object' || invoice.deleted) return []
    return idOf(invoice.parent?.subscription_details?.subscription) ?? []
  })
}
