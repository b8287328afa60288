import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { noSuch } from '../../protocol/errors.ts'
import { collect } from '../collection.ts'
import { createInvoice, pendingItems } from '../invoices/create.ts'
import { finalizeInvoice } from '../invoices/finalize.ts'
import { scheduleEnded } from '../schedules/ended.ts'
import { periodStart, usageLines } from './bill-now.ts'
import { expireIncomplete } from './expire.ts'
import { isMetered, type Subscription } from './items.ts'
import { addInvoiceItems, creditItems, discountsOf } from './prorations.ts'
import { dropWaiting } from './waiting.ts'

/** How a subscription ends. */
export type Ending = {
  reason?: 'cancellation_requested' | 'payment_failed' | 'payment_disputed'
  details?: Stripe.SubscriptionCancelParams.CancellationDetails | undefined
  /** Credit what was paid for time that is not used. */
  prorate?: boolean
  /** Bill usage and pending items now. */
  invoiceNow?: boolean
  /** The final invoice is left a draft: for a preview. */
  draft?: boolean
  /** It ends as it was scheduled to: when that was asked for is kept. */
  scheduled?: boolean
}

/** `DELETE /v1/subscriptions/{id}`: https://docs.stripe.com/api/subscriptions/cancel. A canceled subscription is a 404 here. */
export function cancelSubscription(
  account: Account,
  id: string,
  params: Stripe.SubscriptionCancelParams,
): Subscription {
  const subscription = account.get('subscription', id)
  if (subscription.ended_at !== null) throw noSuch('subscription', id)
  return account.atTimeOf(subscription.customer, () =>
    endSubscription(account, id, {
      details: params.cancellation_details,
      prorate: params.prorate ?? false,
      invoiceNow: params.invoice_now ?? false,
    }),
  )
}

/** Ends a subscription now, for good. */
export function endSubscription(account: Account, id: string, ending: Ending = {}): Subscription {
  const before = account.get('subscription', id)
  const { now } = account
  if (before.status === 'incomplete') {
    const cancellation_details = detailsAfter(before, ending)
    return expireIncomplete(account, before, { canceled_at: now, cancellation_details })
  }
  if (ending.prorate) {
    addInvoiceItems(
      account,
      before.items.data.flatMap((item) => creditItems(account, before, item, now)),
    )
  } else if (!ending.invoiceNow && !ending.scheduled) dropPendingProrations(account, before)
  dropWaiting(account, before)
  stopCollection(account, before)
  const lastInvoice = ending.invoiceNow || ending.scheduled ? invoiceTheRest(account, before, ending) : undefined
  const current = account.get('subscription', id)
  const ended = account.update('subscription', id, {
    cancel_at: ending.scheduled ? current.cancel_at : null,
    cancel_at_period_end: ending.scheduled ? current.cancel_at_period_end : false,
    canceled_at: ending.scheduled ? (current.canceled_at ?? now) : now,
    cancellation_details: detailsAfter(current, ending),
    ended_at: now,
    ...(lastInvoice && { latest_invoice: lastInvoice }),
    pause_collection: null,
    pending_update: null,
    schedule: null,
    status: 'canceled',
  })
  account.emit('customer.subscription.deleted', ended)
  if (before.schedule) scheduleEnded(account, before.schedule, 'canceled')
  return ended
}

/** Ends every subscription of a customer that is deleted. */
export function cancelAllOf(account: Account, customer: string): void {
  for (const { id, ended_at } of account.store.by('subscription', 'customer', customer)) {
    if (ended_at === null) endSubscription(account, id)
  }
}

/** What an end says of itself: what was given, over what was said when it was scheduled. */
function detailsAfter(
  { cancellation_details: before }: Subscription,
  { details, reason, scheduled }: Ending,
): Subscription['cancellation_details'] {
  const said = { comment: null, feedback: null, feedback_option: null, reason: null, ...before }
  return {
    comment: details?.comment ?? said.comment,
    feedback: (details?.feedback ?? said.feedback) as typeof said.feedback,
    feedback_option: details?.feedback_option ?? said.feedback_option,
    reason: scheduled ? (said.reason ?? 'cancellation_requested') : (reason ?? 'cancellation_requested'),
  }
}

/** Prorations that nobody was billed for are no more, when a subscription ends at once and no final invoice is made. */
function dropPendingProrations(account: Account, subscription: Subscription): void {
  for (const item of pendingItems(account, subscription.customer, subscription.id)) {
    if (!item.proration || item.parent?.subscription_details?.subscription !== subscription.id) continue
    account.remove('invoiceitem', item.id)
    account.emit('invoiceitem.deleted', item)
  }
}

/** Stripe tries no more to collect what is open: it would charge somebody who has left. */
function stopCollection(account: Account, subscription: Subscription): void {
  for (const invoice of account.store.by('invoice', 'subscription', subscription.id)) {
    const isCollected = invoice.auto_advance || invoice.next_payment_attempt !== null
    if ((invoice.status !== 'open' && invoice.status !== 'draft') || !isCollected) continue
    account.change('invoice.updated', 'invoice', invoice.id, {
      auto_advance: false,
      automatically_finalizes_at: null,
      next_payment_attempt: null,
    })
  }
}

/** The final invoice: pending items, and usage that was not billed. Its id, when there was anything to bill. */
function invoiceTheRest(
  account: Account,
  subscription: Subscription,
  { scheduled, draft }: Ending,
): string | undefined {
  const metered = subscription.status === 'trialing' ? [] : subscription.items.data.filter(isMetered)
  const items = pendingItems(account, subscription.customer, subscription.id)
  if (metered.length === 0 && items.length === 0) return undefined
  const invoice = createInvoice(account, {
    customer: subscription.customer,
    currency: subscription.currency,
    billing_reason: scheduled ? 'subscription_cycle' : 'subscription_update',
    period: { start: periodStart(subscription), end: account.now },
    subscription,
    items,
    lines: (id) =>
      metered.flatMap((item) =>
        usageLines(account, id, subscription, item, { start: item.current_period_start, end: account.now }),
      ),
    discounts: discountsOf(account, subscription),
  })
  if (draft) return invoice.id
  const open = finalizeInvoice(account, invoice.id)
  if (open.status === 'open' && open.collection_method === 'charge_automatically') {
    collect(account, open.id, { offSession: true })
  }
  return open.id
}

/** Ends a subscription because its schedule is over: nothing is credited, what is owed is billed. */
export function cancelAtEnd(account: Account, id: string): void {
  if (account.get('subscription', id).ended_at === null) endSubscription(account, id, { scheduled: true })
}
