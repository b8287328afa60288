import type Stripe from 'stripe'

/**
 * Closes a Checkout so that it cannot be paid any more. Answers what has become of it: one that was paid, or closed by another click, in the
 * moment between is as it is, and that is no fault.
 *
 * @see https://docs.stripe.com/api/checkout/sessions/expire
 */
export async function closeCheckout(
  stripe: Stripe,
  session: Stripe.Checkout.Session,
): Promise<Stripe.Checkout.Session> {
  if (session.status !== 'open') return session
  try {
    return await stripe.checkout.sessions.expire(session.id)
  } catch (error) {
    const now = await stripe.checkout.sessions.retrieve(session.id)
    if (now.status === 'open') throw error
    return now
  }
}
