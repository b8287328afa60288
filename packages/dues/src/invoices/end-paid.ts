import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { invoicesPaidBy, subscriptionBilled } from '../stripe/charge.ts'
import { callStripe, isMissing } from '../stripe/client.ts'

/**
 * Ends the subscriptions that a charge has paid for, whose money has gone back. No credit and no last invoice.
 *
 * @param comment why, for whoever looks at Stripe
 * @param counts which of the invoices that it has paid are a reason; all unless told
 */
export async function endPaid(
  { stripe, mirror }: Context,
  charge: string,
  comment: string,
  counts: (invoice: Stripe.Invoice) => boolean = () => true,
): Promise<void> {
  await callStripe(async () => {
    const invoices = await invoicesPaidBy(stripe, await stripe.charges.retrieve(charge))
    for (const subscription of new Set(invoices.filter(counts).map(subscriptionBilled))) {
      if (subscription === null) continue
      try {
        await mirror.through('subscription', () =>
          stripe.subscriptions.cancel(subscription, {
            prorate: false,
            invoice_now: false,
            cancellation_details: { comment },
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
