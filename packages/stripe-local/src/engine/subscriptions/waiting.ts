import type { Account } from '../../account.ts'
import { equalJson } from '../../difference.ts'
import { subscriptionOf } from '../collection.ts'
import { voidInvoice } from '../invoices/close.ts'
import type { Invoice } from '../invoices/totals.ts'
import { notesOf, remember } from '../notes.ts'
import { savedMethod } from './collected.ts'
import type { Subscription } from './items.ts'

/** How long an update may wait for its payment, in seconds: 23 hours. */
export const patience = 23 * 3600

/**
 * Parks an update until its invoice is paid: the subscription stays as it is and says in `pending_update` what will become of it.
 * https://docs.stripe.com/billing/subscriptions/pending-updates
 */
export function parkUpdate(
  account: Account,
  before: Subscription,
  after: Subscription,
  invoice: Invoice,
): Subscription {
  const changed = parked.filter((name) => !equalJson(before[name], after[name]))
  const waiting = Object.fromEntries(changed.map((name) => [name, after[name]])) as Partial<Subscription>
  return park(account, before, waiting, invoice, {
    cancel_at_period_end: waiting.cancel_at_period_end ?? null,
    discounts: waiting.discounts ?? null,
    metadata: waiting.metadata ?? null,
    subscription_items: after.items.data,
    trial_end: waiting.trial_end ?? null,
  })
}

/** What an update may change that waits. */
const parked = [
  'billing_cycle_anchor',
  'billing_cycle_anchor_config',
  'cancel_at',
  'cancel_at_period_end',
  'canceled_at',
  'cancellation_details',
  'discounts',
  'items',
  'metadata',
  'status',
  'trial_end',
  'trial_start',
] as const

/** Parks the resumption of a paused subscription until its invoice is paid. */
export const parkResumption = (
  account: Account,
  before: Subscription,
  after: Partial<Subscription>,
  invoice: Invoice,
): Subscription => park(account, before, after, invoice, {})

function park(
  account: Account,
  before: Subscription,
  waiting: Partial<Subscription>,
  invoice: Invoice,
  shown: Partial<NonNullable<Subscription['pending_update']>>,
): Subscription {
  remember(account, before.id, { waitsFor: invoice.id, waiting })
  const anchor = waiting.billing_cycle_anchor ?? before.billing_cycle_anchor
  return account.change('customer.subscription.updated', 'subscription', before.id, {
    latest_invoice: invoice.id,
    pending_update: {
      ...nothingPending,
      ...shown,
      billing_cycle_anchor: anchor === before.billing_cycle_anchor ? null : anchor,
      expires_at: account.now + patience,
    },
  })
}

/** The invoice was paid: the update that waited for it takes effect. */
export function applyWaiting(account: Account, subscription: Subscription, method: string | null): void {
  const { waiting } = notesOf(account, subscription.id)
  const resumes = subscription.status === 'paused'
  forget(account, subscription.id)
  const after = account.change('customer.subscription.updated', 'subscription', subscription.id, {
    ...waiting,
    ...savedMethod(subscription, method),
    pending_update: null,
  })
  account.emit(resumes ? 'customer.subscription.resumed' : 'customer.subscription.pending_update_applied', after)
}

/** The invoice of a resumption was written off: the subscription goes on as if it had been paid. */
export function resumeUnpaid(account: Account, invoice: Invoice): void {
  const subscription = account.find('subscription', subscriptionOf(invoice) ?? '')
  if (subscription?.status !== 'paused' || notesOf(account, subscription.id).waitsFor !== invoice.id) return
  applyWaiting(account, subscription, null)
}

/** Nobody paid in time: the invoice is void, and the update never was. */
export function expireWaiting(account: Account, subscription: Subscription): void {
  dropWaiting(account, subscription)
  const after = account.change('customer.subscription.updated', 'subscription', subscription.id, {
    pending_update: null,
  })
  if (subscription.status !== 'paused') account.emit('customer.subscription.pending_update_expired', after)
}

/** Another update, or the end of the subscription, takes the place of one that waits: its invoice is void. */
export function dropWaiting(account: Account, subscription: Subscription): void {
  const { waitsFor } = notesOf(account, subscription.id)
  if (!waitsFor) return
  forget(account, subscription.id)
  const invoice = account.find('invoice', waitsFor)
  if (invoice?.status === 'open') voidInvoice(account, waitsFor)
}

/** The update waits no more. */
export function forget(account: Account, id: string): void {
  const { waitsFor: _invoice, waiting: _update, ...rest } = notesOf(account, id)
  account.insert('local.billing', rest)
}

/** What `pending_update` says of an update that is none of these. */
const nothingPending = {
  billing_cycle_anchor: null,
  cancel_at_period_end: null,
  discount: null,
  discounts: null,
  metadata: null,
  subscription_items: null,
  trial_end: null,
  trial_from_plan: null,
}
