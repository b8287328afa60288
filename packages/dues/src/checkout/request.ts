import type Stripe from 'stripe'
import type { Offer } from '../catalogue/catalogue.ts'
import type { TrialConfig } from '../catalogue/plans.ts'
import { trialKey } from './one-trial.ts'
import type { CheckoutTerms } from './terms.ts'

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
  trial,
  terms,
}: {
  owner: string
  customer: string
  offer: Offer
  price: string
  billingUrl: string
  trial: TrialConfig | null
  terms: CheckoutTerms
}): Stripe.Checkout.SessionCreateParams {
  const { line, addOns, trial: _, metadata = {}, ...chosen } = terms
  return {
    mode: 'subscription',
    customer,
    client_reference_id: owner,
    // The plan comes first: on Stripe's page as well, it is what is bought.
    line_items: [{ price, ...line }, ...addOns],
    ...chosen,
    // Stripe puts the id in place of the words in braces, which must not be encoded.
    success_url: `${billingUrl}/success?session_id={CHECKOUT_SESSION_ID}`,
    cancel_url: `${billingUrl}/cancelled`,
    metadata: { ...metadata, dues_owner: owner, dues_plan: offer.plan, dues_interval: offer.interval },
    // The plan is not among a subscription's metadata: after a switch it would be wrong.
    subscription_data: {
      metadata: { ...metadata, dues_owner: owner, ...(trial && { [trialKey]: String(trial.days) }) },
      ...(trial && trialParams(trial)),
    },
    ...(trial?.withoutCard && { payment_method_collection: 'if_required' }),
    // Whose card has had a trial, Stripe tells us only afterwards: nobody is charged who was not told.
    ...(trial && !trial.withoutCard && { custom_text: { submit: { message: oneTrial } } }),
  }
}

/** A trial without a card is over when it is over, unless a card has come meanwhile. */
const trialParams = ({ days, withoutCard }: TrialConfig) => ({
  trial_period_days: days,
  ...(withoutCard && { trial_settings: { end_behavior: { missing_payment_method: withoutCard } } }),
})

const oneTrial =
  'The trial is for a card that has not had one with us before. With another card, the first payment is taken today.'

/**
 * Two wishes with the same intent may share a session: the same price, and the same of everything that was asked for. What trial an owner is due
 * does not change the wish.
 */
export const checkoutIntent = ({
  price,
  billingUrl,
  terms,
}: {
  price: string
  billingUrl: string
  terms: CheckoutTerms
}): string => `${price} ${billingUrl} ${JSON.stringify(terms)}`
