import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { isLive } from '../entitlements/membership.ts'
import { transitionByKey } from '../store/membership.ts'
import { callStripe, isMissing } from '../stripe/client.ts'

/**
 * Makes the open invoices of a membership that has ended ones that cannot be paid: who pays one gets nothing for it. What is owed for time
 * that is over (what a meter counted) is still owed, and so is what staff sent to somebody who pays by invoice.
 *
 * @param key the transition `ended` or `duplicateEnded`
 */
export async function closeInvoices(context: Context, key: string): Promise<void> {
  const { database, stripe, mirror, endedInvoices, logger } = context
  if (endedInvoices === 'keep') return
  const transition = await transitionByKey(database, key)
  const subscription = transition?.subscription
  if (!subscription) return
  await callStripe(async () => {
    const ended = await retrieve(stripe, subscription)
    // A revival is not known to Stripe, but what is about to be voided is somebody's money: it is looked at first.
    if (!ended || isLive(ended) || ended.ended_at === null) return
    for await (const invoice of stripe.invoices.list({ subscription, status: 'open', limit: 100 })) {
      if (!isForNothing(invoice, ended.ended_at)) continue
      logger.info({ invoice: invoice.id, subscription }, 'an open invoice of a membership that has ended is voided')
      await mirror
        .through('invoice', () => stripe.invoices.voidInvoice(invoice.id))
        .catch(async (error: unknown) => {
          // Paid or voided in the moment between.
          const now = await stripe.invoices.retrieve(invoice.id)
          if (now.status === 'open') throw error
        })
    }
  })
}

/** Whether an invoice asks for time after the end. */
export const isForNothing = (invoice: Stripe.Invoice, endedAt: number): boolean =>
  invoice.collection_method === 'charge_automatically' && invoice.lines.data.some(({ period }) => period.end > endedAt)

async function retrieve(stripe: Stripe, id: string): Promise<Stripe.Subscription | null> {
  try {
    return await stripe.subscriptions.retrieve(id)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}
