import type { Account } from '../../account.ts'
import { paymentMethodOf, testCardBehind } from '../payment-methods.ts'
import { confirmSetupIntent, newSetupIntent, onSetupIntentChange, type SetupIntent } from '../setups.ts'
import type { Subscription } from './items.ts'

/**
 * A setup intent by which a customer can leave a payment method for a subscription that charged nothing yet.
 *
 * @param method the one that is there and has to be approved: then the intent asks for that
 */
export function createPendingSetup(account: Account, subscription: Subscription, method: string | null): SetupIntent {
  const types = subscription.payment_settings?.payment_method_types ?? ['card']
  const intent = account.insert(
    'setup_intent',
    newSetupIntent(account, {
      customer: subscription.customer,
      payment_method_types: [...types],
      usage: 'off_session',
    }),
  )
  account.emit('setup_intent.created', intent)
  return method ? confirmSetupIntent(account, intent.id, { paymentMethod: method }) : intent
}

/**
 * Whether the bank will want the customer himself before it lets a payment method be charged in his absence.
 *
 * https://docs.stripe.com/billing/migration/strong-customer-authentication#scenario-2
 */
export function wantsApproval(account: Account, method: string): boolean {
  const card = testCardBehind(account, paymentMethodOf(account, method))
  const asks = card?.authenticates === 'always' || card?.authenticates === 'unless_set_up'
  return asks && account.find('local.card', method)?.setUp !== true
}

/** The customer left a payment method: the subscription waits for none any more. */
onSetupIntentChange((account, intent) => {
  if (intent.status !== 'succeeded' || !intent.customer) return
  const [subscription] = account.store
    .by('subscription', 'customer', intent.customer)
    .filter((each) => each.pending_setup_intent === intent.id)
  if (!subscription) return
  const saves = subscription.payment_settings?.save_default_payment_method === 'on_subscription'
  account.change('customer.subscription.updated', 'subscription', subscription.id, {
    pending_setup_intent: null,
    ...(saves && { default_payment_method: intent.payment_method }),
  })
})
