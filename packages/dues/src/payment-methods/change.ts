import type Stripe from 'stripe'
import { knownCustomer } from '../checkout/customer.ts'
import type { Context } from '../context.ts'
import { scheduledEnd } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import { idOf } from '../mirror/contents.ts'
import { callStripe, isMissing } from '../stripe/client.ts'
import { chargedMethod, liveSubscriptions, methodsOf } from './read.ts'

/**
 * Makes a payment method the one that renewals are charged to. A subscription that has a default of its own would go on charging the old
 * one, so each gets this one as well. Doing it twice is doing it once.
 */
export async function makeDefault(context: Context, owner: string, method: string): Promise<void> {
  await callStripe(async () => {
    const found = await ownMethod(context, owner, method)
    if (!found) throw notFound()
    const { stripe, mirror } = context
    const { customer } = found
    await mirror.through('customer', () =>
      stripe.customers.update(customer, { invoice_settings: { default_payment_method: method } }),
    )
    for (const { id } of await liveSubscriptions(context, owner, customer))
      await mirror.through('subscription', () => stripe.subscriptions.update(id, { default_payment_method: method }))
  })
}

/** Forgets a payment method; see `dues.paymentMethods.remove`. */
export async function removeMethod(
  context: Context,
  owner: string,
  method: string,
  { confirm = false }: { confirm?: boolean } = {},
): Promise<void> {
  await callStripe(async () => {
    const found = await ownMethod(context, owner, method)
    // The other of two clicks was quicker.
    if (!found) return
    const { stripe } = context
    const { customer } = found
    if ((await chargedMethod(context, owner, customer)) === method) {
      const [other] = (await methodsOf(context, customer)).filter(({ id }) => id !== method)
      if (other) await makeDefault(context, owner, other.id)
      else if (!confirm) await refuseLast(context, owner, customer)
    }
    try {
      await stripe.paymentMethods.detach(method)
    } catch (error) {
      if (await isAttached(stripe, method)) throw error
    }
  })
}

/** Asks before a subscription is left with nothing to be charged to. One that ends anyway needs nothing. */
async function refuseLast(context: Context, owner: string, customer: string): Promise<void> {
  const live = await liveSubscriptions(context, owner, customer)
  const renewing = live.find((one) => one.collectionMethod === 'charge_automatically' && scheduledEnd(one) === null)
  if (!renewing) return
  throw new DuesError(
    'last_payment_method',
    'Your membership is charged to this card, and there is no other: the next renewal would fail. Add another card first, or confirm that you want to remove it.',
    { details: { subscription: renewing.id } },
  )
}

/**
 * A payment method of this owner's, with the customer that has it. Null when nobody has it any more; `not_found` when it is somebody
 * else's, for whom it must look as if it were not there.
 */
async function ownMethod(
  context: Context,
  owner: string,
  method: string,
): Promise<(Stripe.PaymentMethod & { customer: string }) | null> {
  if (!/^(pm|card|src|ba)_\w{1,200}$/.test(method)) throw notFound()
  const known = await knownCustomer(context, owner)
  const found = await retrieve(context.stripe, method)
  const customer = idOf(found?.customer)
  if (!found || customer === null) return null
  if (customer !== known) throw notFound()
  return { ...found, customer }
}

async function retrieve(stripe: Stripe, id: string): Promise<Stripe.PaymentMethod | null> {
  try {
    return await stripe.paymentMethods.retrieve(id)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

const isAttached = async (stripe: Stripe, method: string): Promise<boolean> =>
  idOf((await retrieve(stripe, method))?.customer) !== null

const notFound = () =>
  new DuesError('not_found', 'There is no such payment method. Your account page shows those that you have.')
