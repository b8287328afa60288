import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { scheduledEnd } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import { paidFor } from '../invoices/end-refund.ts'
import { callStripe, isNothingToBill } from '../stripe/client.ts'
import { endsAtOnce } from './cancel.ts'
import { currentAtStripe } from './current.ts'
import type { CancelPreview } from './types.ts'

/**
 * What an end would give back at this second, each way of it. What is credited Stripe works out, by the parameters that the
 * cancellation is made with.
 *
 * @see https://docs.stripe.com/api/invoices/create_preview#create_create_preview-subscription_details-cancel_now
 */
export function previewCancel(context: Context, owner: string): Promise<CancelPreview> {
  return callStripe(async () => {
    const current = await currentAtStripe(context, owner)
    if (!current)
      throw new DuesError('nothing_to_cancel', 'There is no membership to cancel: nothing is being charged.')
    const { subscription, item } = current
    const [{ left, unused, invoices }, bill] = await Promise.all([
      paidFor(context, subscription.id, { at: context.now() }),
      lastBill(context.stripe, subscription.id),
    ])
    const end = scheduledEnd(subscription) ?? item.currentPeriodEnd
    return {
      periodEnd: endsAtOnce.has(subscription.status) ? null : new Date(end * 1000),
      currency: bill?.currency ?? invoices[0]?.currency ?? null,
      credit: Math.max(0, -(bill?.total ?? 0)),
      unused,
      period: left,
    }
  })
}

/** The invoice that an end now makes with `unused: 'credit'`; null where there is nothing to put on it. */
async function lastBill(
  stripe: Stripe,
  subscription: string,
): Promise<Pick<Stripe.Invoice, 'currency' | 'total'> | null> {
  try {
    return await stripe.invoices.createPreview({
      subscription,
      subscription_details: { cancel_now: true, proration_behavior: 'create_prorations' },
    })
  } catch (error) {
    if (isNothingToBill(error)) return null
    throw error
  }
}
