import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { isLive } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import {
  dropEndRefund,
  type EndRefund,
  endRefundLasts,
  openEndRefunds,
  recordEndRefund,
  settleEndRefund,
} from '../store/end-refunds.ts'
import { transitionByKey } from '../store/membership.ts'
import { callStripe } from '../stripe/client.ts'
import { leftOf, refundInvoice, refundsOf } from './give-back.ts'
import { intentsOf } from './read.ts'
import type { EndRefundWish } from './types.ts'
import { unusedOf } from './unused.ts'

/**
 * Decides what goes back with the end of a subscription and writes it down, so that whatever dies afterwards neither forgets it nor
 * pays it twice. Errors: `refund_too_large`: nothing has been ended yet.
 */
export async function planEndRefund(
  context: Context,
  owner: string,
  subscription: string,
  wish: EndRefundWish,
): Promise<void> {
  const at = context.now()
  const { invoices, left, unused } = await paidFor(context, subscription, { at, all: typeof wish === 'number' })
  const amount = wish === 'unused' ? unused : wish === 'period' ? left : wish
  if (typeof wish === 'number' && wish > left)
    throw new DuesError('refund_too_large', `Only ${left} can go back, in minor units. Nothing was ended.`, {
      details: { left, currency: invoices[0]?.currency ?? null },
    })
  let missing = Math.min(amount, left)
  const parts: EndRefund['parts'] = []
  for (const invoice of invoices) {
    const part = Math.min(missing, invoice.left)
    missing -= part
    if (part > 0) parts.push({ invoice: invoice.id, amount: part })
  }
  await recordEndRefund(context.database, { subscription, owner, wish: String(wish), parts, at })
}

type Paid = { readonly id: string; readonly left: number; readonly currency: string }

/**
 * What was paid by card for the time after `at`, in minor units, and can still go back: `left` in all, `unused` the part of it that was for
 * that time.
 *
 * @param all the invoices of past periods, too: for an amount that somebody has named
 */
export async function paidFor(
  { stripe }: Pick<Context, 'stripe'>,
  subscription: string,
  { at, all = false }: { at: number; all?: boolean },
): Promise<{ invoices: Paid[]; left: number; unused: number }> {
  const invoices: Paid[] = []
  let unused = 0
  for await (const invoice of stripe.invoices.list({
    subscription,
    status: 'paid',
    limit: 100,
    expand: ['data.payments'],
  })) {
    const { value, isPresent } = unusedOf(invoice, at)
    if (!all && !isPresent) continue
    invoices.push({ id: invoice.id, left: await leftOfInvoice(stripe, invoice), currency: invoice.currency })
    unused += value
  }
  const left = invoices.reduce((sum, one) => sum + one.left, 0)
  return { invoices, left, unused: Math.min(left, Math.max(0, Math.round(unused))) }
}

/** What can still go back of what was paid by card. */
async function leftOfInvoice(stripe: Stripe, invoice: Stripe.Invoice): Promise<number> {
  let left = 0
  for (const intent of intentsOf(invoice)) left += await leftOf(stripe, intent, await refundsOf(stripe, intent))
  return left
}

/** Pays what was written down for the subscriptions of an owner that have ended. */
export async function refundEnds(context: Context, owner: string): Promise<void> {
  for (const refund of await openEndRefunds(context.database, { owner })) await settle(context, refund)
}

/**
 * The same for a job after the transition `ended`: whoever cancelled may have died before the refund.
 *
 * @param key the transition
 */
export async function refundEnded(context: Context, key: string): Promise<void> {
  const subscription = (await transitionByKey(context.database, key))?.subscription
  if (!subscription) return
  for (const refund of await openEndRefunds(context.database, { subscription }))
    await callStripe(() => settle(context, refund))
}

async function settle(context: Context, refund: EndRefund): Promise<void> {
  const { database, stripe, logger } = context
  const { subscription, parts, at } = refund
  const ended = await stripe.subscriptions.retrieve(subscription)
  if (isLive(ended)) return
  // It ended some other way, long after the cancellation that was to end it came to nothing.
  if ((ended.ended_at ?? 0) > at + endRefundLasts) return dropEndRefund(database, subscription)
  for (const { invoice, amount } of parts) {
    try {
      await refundInvoice(context, invoice, { amount, reason: 'requested_by_customer', key: `ended-${subscription}` })
    } catch (error) {
      // Somebody has refunded it by hand since; what they gave is not given again.
      if (!(error instanceof DuesError) || !['nothing_to_refund', 'refund_too_large'].includes(error.code)) throw error
      logger.warn(
        { subscription, invoice, amount },
        'a refund was left out: the money of the invoice has gone back already',
      )
    }
  }
  await settleEndRefund(database, refund)
}
