import { createHash } from 'node:crypto'
import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import { toInvoice } from '../invoices/read.ts'
import { idOf } from '../mirror/contents.ts'
import { callStripe, isFailure, isUndecided } from '../stripe/client.ts'
import { letGoOfCheckout, refuseSecond } from './start.ts'
import { checkoutTerms } from './terms.ts'
import type { ByInvoiceRequest, StartedByInvoice } from './types.ts'

/** A customer deleted at Stripe is one round; more is a fault. */
const rounds = 3

/** Starts a subscription that is paid by invoice; see `dues.checkout.startByInvoice`. */
export async function startByInvoice(
  context: Context,
  request: Omit<ByInvoiceRequest, 'plan' | 'interval'> & { plan: string; interval: string },
): Promise<StartedByInvoice> {
  const { owner, plan, interval, daysUntilDue = 30, sendNow = false, ...options } = request
  if (!owner.email) throw new DuesError('bad_request', 'owner.email is missing: Stripe sends the invoices there.')
  if (!Number.isInteger(daysUntilDue) || daysUntilDue < 0)
    throw new DuesError('bad_request', `daysUntilDue is ${daysUntilDue}: give whole days, 0 or more.`)
  const offer = context.catalogue.offer(plan, interval)
  await context.ensurePrices()
  const price = context.catalogue.priceId(offer)
  const {
    line,
    addOns,
    currency,
    discounts,
    metadata = {},
    automatic_tax,
  } = await checkoutTerms(context, offer, options)
  return callStripe(async () => {
    for (let round = 1; round <= rounds; round++) {
      const known = await refuseSecond(context, owner)
      if (!known) continue
      // A Checkout that is open could be paid besides.
      await letGoOfCheckout(context, owner.id)
      const subscription = await make(context, known.subscriptions.length, {
        customer: known.customer,
        items: [{ price, ...line }, ...addOns].map(({ price, quantity }) => ({
          price,
          ...(quantity !== undefined && { quantity }),
        })),
        collection_method: 'send_invoice',
        days_until_due: daysUntilDue,
        metadata: { ...metadata, dues_owner: owner.id },
        ...(currency && { currency }),
        ...(discounts && { discounts }),
        ...(automatic_tax && { automatic_tax }),
      })
      return { subscription: subscription.id, invoice: await firstInvoice(context, subscription, sendNow) }
    }
    throw new DuesError('busy', 'The customer changed while the membership was being started. Try again in a moment.')
  })
}

/**
 * Two clicks of staff at once make one subscription: the key says what is wanted and how many there were before. A failure that Stripe keeps
 * as its answer to the key leaves none behind that can be seen; then it is asked once more under another.
 */
async function make(
  { mirror, stripe }: Context,
  before: number,
  params: Stripe.SubscriptionCreateParams,
): Promise<Stripe.Subscription> {
  const wish = createHash('sha256')
    .update(JSON.stringify([before, params]))
    .digest('hex')
    .slice(0, 32)
  const create = (options: { idempotencyKey?: string }) =>
    mirror.through('subscription', () => stripe.subscriptions.create(params, options))
  try {
    return await create({ idempotencyKey: `dues-by-invoice-${wish}` })
  } catch (error) {
    if (!isFailure(error) || isUndecided(error)) throw error
    const { data } = await stripe.subscriptions.list({ customer: params.customer ?? '', limit: 1 })
    return data[0] ?? create({})
  }
}

/** Stripe leaves the first invoice a draft for an hour, and then sends it by itself. */
async function firstInvoice({ mirror, stripe }: Context, subscription: Stripe.Subscription, sendNow: boolean) {
  const id = idOf(subscription.latest_invoice)
  if (id === null) return null
  const invoice = await stripe.invoices.retrieve(id)
  if (!sendNow || invoice.status !== 'draft') return toInvoice(invoice)
  // A deleted invoice is no answer to this.
  return toInvoice((await mirror.through('invoice', () => stripe.invoices.sendInvoice(id))) as Stripe.Invoice)
}
