import type Stripe from 'stripe'
import type { Offer } from '../catalogue/catalogue.ts'
import { trialKey } from './one-trial.ts'

/**
 * What Stripe is asked for. `client_reference_id` and the metadata say whose it is; the prices come from the catalogue alone.
 *
 * @see https://docs.stripe.com/api/checkout/sessions/create
 */
export function checkoutRequest({
  owner,
  customer,
  offer,
  price,
  billingUrl,
  trialDays,
}: {
  owner: string
  customer: string
  offer: Offer
  price: string
  billingUrl: string
  trialDays: number | null
}): Stripe.Checkout.SessionCreateParams {
  return {
    mode: 'subscription',
    customer,
    client_reference_id: owner,
    line_items: [{ price, quantity: 1 }],
    allow_promotion_codes: true,
    // Stripe puts the id in place of the words in braces, which must not be encoded.
    success_url: `${billingUrl}/success?session_id={CHECKOUT_SESSION_ID}`,
    cancel_url: `${billingUrl}/cancelled`,
    metadata: { dues_owner: owner, dues_plan: offer.plan, dues_interval: offer.interval },
    // The plan is not among a subscription's metadata: after a switch it would be wrong.
    subscription_data: {
      metadata: { dues_owner: owner, ...(trialDays !== null && { [trialKey]: String(trialDays) }) },
      ...(trialDays !== null && { trial_period_days: trialDays }),
    },
    // Whose card has had a trial, Stripe tells us only afterwards: nobody is charged who was not told.
    ...(trialDays !== null && { custom_text: { submit: { message: oneTrial } } }),
  }
}

const oneTrial =
  'The trial is for a card that has not had one with us before. With another card, the first payment is taken today.'

/** Two wishes with the same intent may share a session. A trial is no part of it: what an owner is due does not change the wish. */
export const checkoutIntent = ({ price, billingUrl }: { price: string; billingUrl: string }): string =>
  `${price} ${billingUrl}`
