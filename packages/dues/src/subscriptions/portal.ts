import { knownCustomer } from '../checkout/customer.ts'
import { type Context, originOf } from '../context.ts'
import { DuesError } from '../errors.ts'
import { callStripe } from '../stripe/client.ts'
import type { PortalOptions } from './types.ts'

/**
 * A link to Stripe's customer portal: card, invoices, cancel. Good for a few minutes, and for this owner's customer alone.
 *
 * @see https://docs.stripe.com/customer-management
 */
export async function openPortal(
  context: Context,
  owner: string,
  { returnTo = context.paths.account, origin }: PortalOptions = {},
): Promise<{ url: string }> {
  const customer = await knownCustomer(context, owner)
  if (!customer)
    throw new DuesError('not_subscribed', 'You have bought nothing yet, so there is no card and no invoice to manage.')
  const returnUrl = new URL(returnTo, originOf(context, origin))
  if (returnUrl.origin !== originOf(context, origin))
    throw new DuesError('bad_request', 'returnTo must be a path of the app, such as /account.')
  const { url } = await callStripe(() =>
    context.stripe.billingPortal.sessions.create({ customer, return_url: returnUrl.href }),
  )
  return { url }
}
