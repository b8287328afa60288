import type { Account } from '../../account.ts'
import { customerMethod } from '../collection.ts'
import { endSubscription } from './cancel.ts'
import { nextPeriodEnd, type Subscription } from './items.ts'
import { pauseForLackOfMethod } from './pause.ts'
import { billPeriod } from './renew.ts'

/**
 * A trial has come to its end: the first period that is paid begins. Without a payment method the trial settings decide: pause, cancel, or an invoice
 * that nobody can pay. https://docs.stripe.com/billing/subscriptions/trials
 */
export function endTrial(account: Account, subscription: Subscription): void {
  const behavior = subscription.trial_settings?.end_behavior.missing_payment_method
  if (!canBePaid(account, subscription)) {
    if (behavior === 'pause') return void pauseForLackOfMethod(account, subscription)
    if (behavior === 'cancel') return void endSubscription(account, subscription.id)
  }
  if (nextPeriodEnd(subscription.items.data) > account.now) {
    // Nothing to bill yet: an item's period is longer than the trial.
    account.change('customer.subscription.updated', 'subscription', subscription.id, { status: 'active' })
    return
  }
  billPeriod(account, subscription, { status: 'active' })
}

const canBePaid = (account: Account, subscription: Subscription): boolean =>
  subscription.collection_method === 'send_invoice' ||
  (subscription.default_payment_method ?? customerMethod(account, subscription.customer)) !== null
