import type { Account } from '../../account.ts'
import { type Outcome, subscriptionOf } from '../collection.ts'
import { voidInvoice } from '../invoices/close.ts'
import type { Invoice } from '../invoices/totals.ts'
import { notesOf } from '../notes.ts'
import { endSubscription } from './cancel.ts'
import type { Subscription } from './items.ts'
import { applyWaiting } from './waiting.ts'

/** Moves a subscription by what came of the payment of one of its invoices. */
export function afterCollection(account: Account, invoice: Invoice, outcome: Outcome): void {
  const subscription = account.find('subscription', subscriptionOf(invoice) ?? '')
  if (!subscription || subscription.ended_at !== null) return
  if (notesOf(account, subscription.id).waitsFor === invoice.id) {
    if (outcome.status === 'paid') applyWaiting(account, subscription, outcome.intent?.payment_method ?? null)
    return
  }
  if (outcome.status === 'paid') afterPayment(account, subscription, invoice, outcome)
  else if (outcome.status === 'processing') afterProcessing(account, subscription)
  else if (outcome.status === 'failed') afterFailure(account, subscription, invoice, outcome)
}

/** Paying the latest invoice is all that it takes to be active again. */
function afterPayment(account: Account, subscription: Subscription, invoice: Invoice, { intent }: Outcome): void {
  const isLatest = subscription.latest_invoice === invoice.id
  const recovers = isLatest && ['incomplete', 'past_due', 'unpaid'].includes(subscription.status)
  if (recovers && invoice.customer) account.update('customer', invoice.customer, { delinquent: false })
  account.change('customer.subscription.updated', 'subscription', subscription.id, {
    ...(recovers && { status: currentStatus(account, subscription) }),
    ...savedMethod(subscription, intent?.payment_method ?? null),
  })
}

/** What a subscription that owes nothing is. */
export const currentStatus = (account: Account, { trial_end }: Subscription): 'trialing' | 'active' =>
  trial_end !== null && trial_end > account.now ? 'trialing' : 'active'

/** The payment method that paid becomes the subscription's own, where it was asked for. */
export const savedMethod = (subscription: Subscription, method: string | null): Partial<Subscription> =>
  method !== null &&
  subscription.payment_settings?.save_default_payment_method === 'on_subscription' &&
  subscription.default_payment_method === null
    ? { default_payment_method: method }
    : {}

/** A delayed payment counts at once; when it fails later, the subscription stays active. */
function afterProcessing(account: Account, subscription: Subscription): void {
  if (subscription.status !== 'incomplete') return
  account.change('customer.subscription.updated', 'subscription', subscription.id, {
    status: currentStatus(account, subscription),
  })
}

function afterFailure(account: Account, subscription: Subscription, invoice: Invoice, { exhausted }: Outcome): void {
  if (invoice.billing_reason === 'subscription_create' && subscription.status === 'active') {
    voidInvoice(account, invoice.id)
    return
  }
  if (exhausted) {
    afterLastRetry(account, subscription)
  } else if (subscription.status === 'active' || subscription.status === 'trialing') {
    account.change('customer.subscription.updated', 'subscription', subscription.id, { status: 'past_due' })
  }
}

/** The end of dunning, by the account's setting. */
function afterLastRetry(account: Account, subscription: Subscription): void {
  const { afterRetries } = account.settings
  if (afterRetries === 'cancel') endSubscription(account, subscription.id, { reason: 'payment_failed' })
  else {
    account.change('customer.subscription.updated', 'subscription', subscription.id, { status: afterRetries })
  }
}
