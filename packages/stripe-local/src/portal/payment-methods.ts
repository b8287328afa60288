import type { Account } from '../account.ts'
import { createCardPaymentMethod } from '../engine/payments.ts'
import { confirmSetupIntent, newSetupIntent, type SetupIntent } from '../engine/setups.ts'
import type { Kinds } from '../kinds.ts'
import { updateCustomer } from '../resources/customers.ts'

export type NewCard = { number: string; exp_month: number; exp_year: number; cvc: string; name: string | null }

/** A customer's cards and accounts, the newest first. */
export const methodsOf = (account: Account, customer: string): Kinds['payment_method'][] =>
  account.store.by('payment_method', 'customer', customer).toReversed()

/** Saves a card by a setup intent, as the portal does. It is the default as soon as it was set up: see `makeDefault`. */
export function addCard(account: Account, customer: Kinds['customer'], card: NewCard): SetupIntent {
  const { name, ...data } = card
  const billing_details = { ...(name && { name }), ...(customer.email && { email: customer.email }) }
  const method = createCardPaymentMethod(account, { ...data, billing_details })
  const intent = account.insert(
    'setup_intent',
    newSetupIntent(account, {
      customer: customer.id,
      payment_method_options: { card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' } },
      payment_method_types: ['card'],
      usage: 'off_session',
    }),
  )
  account.emit('setup_intent.created', intent)
  const after = confirmSetupIntent(account, intent.id, { paymentMethod: method.id })
  if (after.status === 'succeeded') makeDefault(account, customer.id, method.id)
  return after
}

/**
 * Makes a payment method the default of a customer, and of those of their subscriptions that have one of their own: that comes first, so
 * without it the old card would go on being charged.
 *
 * https://docs.stripe.com/billing/subscriptions/payment-methods-setting
 */
export function makeDefault(account: Account, customer: string, method: string): void {
  updateCustomer(account, customer, { invoice_settings: { default_payment_method: method } })
  account.atTimeOf(customer, () => {
    for (const subscription of account.store.by('subscription', 'customer', customer)) {
      if (subscription.ended_at !== null || subscription.default_payment_method === null) continue
      account.change('customer.subscription.updated', 'subscription', subscription.id, {
        default_payment_method: method,
      })
    }
  })
}

/** What the customer approved at 3D Secure is their default from then on; asked by whoever shows that page, in its unit of work. */
export function finishAddingCard(account: Account, intent: Kinds['setup_intent']): void {
  if (intent.status === 'succeeded' && intent.customer && intent.payment_method) {
    makeDefault(account, intent.customer, intent.payment_method)
  }
}
