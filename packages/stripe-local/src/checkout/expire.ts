import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { cancelPaymentIntent } from '../engine/payments.ts'
import { cancelSetupIntent } from '../engine/setups.ts'
import type { CheckoutItem } from '../kinds.ts'
import { createSession, type Session } from './session.ts'

/** How long the link to a new session, which recovers an expired one, is good for. */
const recoveryDays = 30

/**
 * Ends an open session: nobody can pay with it any more, and the intent that was tried is canceled.
 *
 * https://docs.stripe.com/api/checkout/sessions/expire
 */
export function expireSession(account: Account, id: string): Session {
  const session = account.get('checkout.session', id)
  cancelIntent(account, id)
  const recovery = session.after_expiration?.recovery
  const expired = account.update('checkout.session', id, {
    status: 'expired',
    url: null,
    ...(recovery?.enabled && {
      after_expiration: {
        recovery: {
          ...recovery,
          expires_at: account.now + recoveryDays * 86_400,
          url: `${account.pagesUrl}/c/recover/${id}`,
        },
      },
    }),
  })
  account.emit('checkout.session.expired', expired)
  return expired
}

/** Nobody can pay with it any more, not even a customer who is at 3D Secure just now. */
function cancelIntent(account: Account, id: string): void {
  const { intent } = account.get('local.checkout', id)
  if (!intent) return
  if (account.find('setup_intent', intent)) cancelSetupIntent(account, intent, 'abandoned')
  else if (account.find('payment_intent', intent)) cancelPaymentIntent(account, intent, 'abandoned')
}

/**
 * Makes a session like one that has expired, where that can be recovered; null where it cannot (any more).
 *
 * https://docs.stripe.com/payments/checkout/abandoned-carts
 */
export function recoverSession(account: Account, id: string): Session | null {
  const session = account.get('checkout.session', id)
  const recovery = session.after_expiration?.recovery
  if (session.status !== 'expired' || !recovery?.enabled || (recovery.expires_at ?? 0) <= account.now) return null
  const { items: all, offers = [], params } = account.get('local.checkout', id)
  const items = all.filter((item) => !offers.some((offer) => offer.id === item.id))
  const wanted: Stripe.Checkout.SessionCreateParams = {
    mode: session.mode,
    ...(session.currency && { currency: session.currency }),
    ...(items.length > 0 && { line_items: items.map(lineItemOf) }),
    ...(offers.length > 0 && { optional_items: offers.map(offerOf) }),
    ...(session.shipping_options.length > 0 && {
      shipping_options: session.shipping_options.map(({ shipping_rate }) => ({ shipping_rate })),
    }),
    ...(session.success_url && { success_url: session.success_url }),
    ...(session.cancel_url && { cancel_url: session.cancel_url }),
    ...(session.client_reference_id && { client_reference_id: session.client_reference_id }),
    ...(session.customer
      ? { customer: session.customer }
      : session.customer_details?.email && { customer_email: session.customer_details.email }),
    ...(session.metadata && { metadata: session.metadata }),
    ...(recovery.allow_promotion_codes && { allow_promotion_codes: true }),
    ...params,
  }
  const again = createSession(account, wanted)
  return account.update('checkout.session', again.id, { recovered_from: id })
}

const offerOf = ({ price, quantity, adjustable_quantity: range }: CheckoutItem) => ({
  price,
  quantity: quantity ?? 1,
  ...(range && {
    adjustable_quantity: { enabled: true, minimum: range.minimum ?? 0, maximum: range.maximum ?? 99 },
  }),
})

const lineItemOf = ({ price, quantity, tax_rates }: CheckoutItem) => ({
  price,
  ...(quantity !== null && { quantity }),
  ...(tax_rates.length > 0 && { tax_rates }),
})
