import { randomUUID } from 'node:crypto'
import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { threeDSecureUrl } from '../pages/urls.ts'
import type { TestCard } from './cards.ts'

/** What decides whether the customer has to approve. */
type Situation = {
  /** The customer is not there. */
  offSession: boolean
  /** He approved once that the card is used while he is away. */
  setUp: boolean
  /** `payment_method_options.card.request_three_d_secure`. */
  requested?: string | null | undefined
}

/** Whether a payment with this card asks for 3D Secure. https://docs.stripe.com/testing#three-ds-cards */
export function needsAuthentication(card: TestCard, { offSession, setUp, requested }: Situation): boolean {
  switch (card.authenticates) {
    case 'always':
      return true
    case 'unless_set_up':
      return !(offSession && setUp)
    case 'already_set_up':
      return !offSession
    case 'on_request':
      return requested === 'any' || requested === 'challenge'
    default:
      return false
  }
}

/**
 * `next_action` of an intent that waits for the customer: a redirect to our 3D Secure page, where it was said where to come back to; otherwise
 * what Stripe.js would need. Stripe.js cannot reach us, so `stripe_js` says where the page is all the same.
 */
export function nextActionOf(
  account: Account,
  intentId: string,
  { returnUrl, brand }: { returnUrl?: string | undefined; brand?: string | undefined },
): Stripe.PaymentIntent.NextAction {
  const url = threeDSecureUrl(account, intentId)
  if (returnUrl) return { redirect_to_url: { return_url: returnUrl, url }, type: 'redirect_to_url' }
  return {
    type: 'use_stripe_sdk',
    use_stripe_sdk: {
      directory_server_name: brand ?? null,
      merchant: account.id,
      one_click_authn: null,
      server_transaction_id: randomUUID(),
      stripe_js: url,
      three_d_secure_2_source: account.newId('payatt'),
      three_ds_frontend_optimizations: null,
      three_ds_method_url: '',
      three_ds_optimizations: 'kf',
      type: 'stripe_3ds2_fingerprint',
    },
  }
}

/** What an intent keeps when the customer refused, or could not be told from somebody else. */
export const authenticationFailed =
  'We are unable to authenticate your payment method. Please choose a different payment method and try again.'
