import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { invalidRequest, noSuch, notSupported } from '../../protocol/errors.ts'
import { collect } from '../collection.ts'
import { finalizeInvoice } from '../invoices/finalize.ts'
import type { Invoice } from '../invoices/totals.ts'
import { invoiceChange } from './bill-now.ts'
import { isMetered, itemList, type Subscription } from './items.ts'
import { addInvoiceItems, creditItems } from './prorations.ts'
import { dropWaiting } from './waiting.ts'

type PauseReason = 'pause_requested' | 'trial_end_without_payment_method'

/** Puts a subscription to rest: it bills nothing and its periods stand still until it is resumed. */
function rest(
  account: Account,
  before: Subscription,
  reason: PauseReason,
  fields: Partial<Subscription> = {},
): Subscription {
  const after = account.change('customer.subscription.updated', 'subscription', before.id, {
    ...fields,
    status: 'paused',
    status_details: {
      paused: { subscription: { type: reason }, transitioned_at: account.now, type: 'subscription' },
    },
  })
  account.emit('customer.subscription.paused', after)
  return after
}

/** A trial has ended, there is nothing to pay with, and the trial settings say `pause`. */
export function pauseForLackOfMethod(account: Account, before: Subscription): Subscription {
  const { now } = account
  const items = before.items.data.map((item) => ({
    ...item,
    current_period_end: Math.max(now, item.current_period_start + 1),
  }))
  return rest(account, before, 'trial_end_without_payment_method', {
    items: itemList(before.id, items),
    trial_end: now,
  })
}

/** `POST /v1/subscriptions/{id}/pause`: https://docs.stripe.com/api/subscriptions/pause */
export function pauseSubscription(account: Account, id: string, params: Stripe.SubscriptionPauseParams): Subscription {
  const before = account.get('subscription', id)
  if (before.ended_at !== null) throw noSuch('subscription', id)
  if (before.schedule) throw invalidRequest('You cannot pause a subscription that has a schedule attached.')
  if (!['active', 'trialing', 'past_due', 'unpaid'].includes(before.status)) {
    throw invalidRequest(`You cannot pause a subscription that is \`${before.status}\`.`)
  }
  return account.atTimeOf(before.customer, () => {
    dropWaiting(account, before)
    const invoice = draftPause(account, id, params)
    const paused = rest(account, before, 'pause_requested', invoice && { latest_invoice: invoice.id })
    if (invoice) settleInvoice(account, invoice)
    return account.get('subscription', paused.id)
  })
}

/**
 * What pausing bills: credit for unused time and usage up to now, as pending items or on an invoice, which is drafted and not paid. It changes
 * objects on the way.
 */
export function draftPause(
  account: Account,
  id: string,
  params: Stripe.SubscriptionPauseParams | Stripe.InvoiceCreatePreviewParams.SubscriptionDetails.Pause,
): Invoice | undefined {
  const before = account.get('subscription', id)
  const { bill_for, invoicing_behavior } = params
  creditUnused(account, before, bill_for?.unused_time_from?.type)
  const usage = bill_for?.outstanding_usage_through?.type ?? 'now'
  const used = usage === 'none' || before.status === 'trialing' ? [] : before.items.data.filter(isMetered)
  if (invoicing_behavior !== 'invoice') {
    if (used.length > 0)
      throw notSupported('pausing with usage as pending invoice items: use invoicing_behavior=invoice')
    return undefined
  }
  const ended = used.map((item) => ({ item, period: { start: item.current_period_start, end: account.now } }))
  return invoiceChange(account, { after: before, prorations: [], restarts: null, used: ended }, { auto: true })
}

function creditUnused(account: Account, before: Subscription, from = 'now'): void {
  if (from === 'none' || before.status === 'trialing') return
  const credits = before.items.data.flatMap((item) =>
    creditItems(account, before, item, from === 'now' ? account.now : item.current_period_start),
  )
  addInvoiceItems(account, credits)
}

function settleInvoice(account: Account, invoice: Invoice): void {
  const open = finalizeInvoice(account, invoice.id)
  if (open.status === 'open' && open.collection_method === 'charge_automatically')
    collect(account, open.id, { offSession: true })
}
