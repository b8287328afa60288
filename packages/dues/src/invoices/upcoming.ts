import type { Context } from '../context.ts'
import { scheduledEnd } from '../entitlements/membership.ts'
import { callStripe } from '../stripe/client.ts'
import { currentInMirror } from '../subscriptions/current.ts'
import { dateAt, sumsOf, toLine } from './read.ts'
import type { UpcomingInvoice } from './types.ts'

/** Statuses in which Stripe will make another invoice. */
const renewing = new Set<string>(['active', 'trialing', 'past_due'])

/** The next invoice of an owner's subscription; null for one that ends before there is one. */
export async function upcomingInvoice(context: Context, owner: string): Promise<UpcomingInvoice | null> {
  const current = await currentInMirror(context, owner)
  if (!current) return null
  const { subscription, item } = current
  const { id, schedule, status, pauseCollection } = subscription
  if (!renewing.has(status) || pauseCollection || scheduledEnd(subscription) !== null) return null
  // A schedule knows of a change at the end of the period, which the subscription by itself does not.
  const of = schedule ? { schedule } : { subscription: id }
  const preview = await callStripe(() => context.stripe.invoices.createPreview(of))
  return {
    currency: preview.currency,
    ...sumsOf(preview),
    total: preview.total,
    amountDue: preview.amount_due,
    lines: preview.lines.data.map(toLine),
    at: dateAt(preview.next_payment_attempt ?? item.currentPeriodEnd),
  }
}
