import type Stripe from 'stripe'
import { startTestStripe, type TestStripe } from './client.ts'

type Params = Stripe.Checkout.SessionCreateParams

export const urls = {
  success_url: 'http://shop.test/success?session={CHECKOUT_SESSION_ID}&again={CHECKOUT_SESSION_ID}',
  cancel_url: 'http://shop.test/pricing',
}

/** A Checkout of a plan for 19 dollars a month. */
export async function subscribing(params: Partial<Params> = {}, currency = 'usd') {
  const test = await startTestStripe()
  const { stripe } = test
  const product = await stripe.products.create({ name: 'Professional' })
  const price = await stripe.prices.create({
    product: product.id,
    currency,
    unit_amount: 1900,
    recurring: { interval: 'month' },
  })
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: price.id, quantity: 1 }],
    ...urls,
    ...params,
  })
  return {
    ...test,
    price,
    session,
    url: String(session.url),
    again: () => stripe.checkout.sessions.retrieve(session.id),
  }
}

/** All subscriptions of a shop, the ended ones included. */
export async function subscriptionsOf({ stripe }: TestStripe): Promise<Stripe.Subscription[]> {
  return (await stripe.subscriptions.list({ status: 'all' })).data
}
