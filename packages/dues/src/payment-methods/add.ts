import type Stripe from 'stripe'
import { ensureCustomer } from '../checkout/customer.ts'
import { type Context, originOf } from '../context.ts'
import type { Owner } from '../entitlements/types.ts'
import { DuesError } from '../errors.ts'
import { payOpenInvoice } from '../invoices/pay.ts'
import { idOf } from '../mirror/contents.ts'
import { callStripe, isMissing } from '../stripe/client.ts'
import { makeDefault } from './change.ts'
import { liveSubscriptions, toPaymentMethod } from './read.ts'
import type { CompletedSetup, StartedSetup } from './types.ts'

/** The metadata of a setup session whose card has become the default: what comes later must not take a newer choice back. */
const adoptedKey = 'dues_adopted'

/** Starts the page; see `dues.paymentMethods.add`. */
export async function startSetup(
  context: Context,
  owner: Owner,
  { origin }: { origin?: string | undefined } = {},
): Promise<StartedSetup> {
  const billingUrl = originOf(context, origin) + context.basePath
  return callStripe(async () => {
    const customer = await ensureCustomer(context, owner)
    const { id, url } = await context.stripe.checkout.sessions.create({
      mode: 'setup',
      customer,
      // Stripe picks the ways to pay by the currency.
      currency: await currencyOf(context, owner.id, customer),
      client_reference_id: owner.id,
      metadata: { dues_owner: owner.id },
      setup_intent_data: { metadata: { dues_owner: owner.id } },
      // Stripe puts the id in place of the words in braces, which must not be encoded.
      success_url: `${billingUrl}/card-added?session_id={CHECKOUT_SESSION_ID}`,
      cancel_url: new URL(context.paths.account, billingUrl).href,
    })
    if (!url) throw new DuesError('stripe_refused', 'Stripe made a page without an address.')
    return { sessionId: id, url }
  })
}

/** What the owner's subscription is charged in, or what the first price of the catalogue is. */
async function currencyOf(context: Context, owner: string, customer: string): Promise<string> {
  const [live] = await liveSubscriptions(context, owner, customer)
  if (live) return (await context.stripe.subscriptions.retrieve(live.id)).currency
  return context.catalogue.offers[0]?.price.currency ?? 'usd'
}

/** What came of the page, for somebody who comes back from it. */
export async function completeSetup(context: Context, owner: string, sessionId: string): Promise<CompletedSetup> {
  if (!/^cs_\w{1,200}$/.test(sessionId)) throw noSuchPage()
  return callStripe(async () => {
    const session = await retrieve(context.stripe, sessionId)
    if (session?.mode !== 'setup') throw noSuchPage()
    const customer = await context.mirror.customerOf(owner)
    if (session.client_reference_id !== owner || !customer || idOf(session.customer) !== customer.id)
      throw new DuesError(
        'not_your_session',
        'This page belongs to another account. Sign in with the one that you opened it with.',
      )
    return adopt(context, owner, session)
  })
}

/** The same for the webhook: the owner may have closed the window before it came back. */
export async function adoptCard(context: Context, sessionId: string): Promise<void> {
  await callStripe(async () => {
    const session = await retrieve(context.stripe, sessionId)
    const owner = session?.metadata?.dues_owner
    if (session?.mode !== 'setup' || !owner || session.client_reference_id !== owner) return
    await adopt(context, owner, session)
  })
}

async function adopt(context: Context, owner: string, session: Stripe.Checkout.Session): Promise<CompletedSetup> {
  const intent = session.setup_intent && typeof session.setup_intent === 'object' ? session.setup_intent : null
  const method = intent?.payment_method && typeof intent.payment_method === 'object' ? intent.payment_method : null
  if (session.status !== 'complete' || !method) return { paymentMethod: null, payment: null, payUrl: null }
  const paymentMethod = toPaymentMethod(method, { isDefault: true, now: context.now() })
  if (session.metadata?.[adoptedKey]) return { paymentMethod, payment: null, payUrl: null }
  await makeDefault(context, owner, method.id)
  const paid = await retry(context, owner)
  await context.stripe.checkout.sessions.update(session.id, { metadata: { [adoptedKey]: 'yes' } })
  return { paymentMethod, ...paid }
}

/** Who adds a card while something is owed wants to pay it. A card that is refused is saved all the same, and the page says so. */
async function retry(context: Context, owner: string): Promise<Pick<CompletedSetup, 'payment' | 'payUrl'>> {
  try {
    const invoice = await payOpenInvoice(context, owner)
    return { payment: invoice ? 'paid' : null, payUrl: null }
  } catch (error) {
    if (!(error instanceof DuesError)) throw error
    const payUrl = typeof error.details.payUrl === 'string' ? error.details.payUrl : null
    if (error.code === 'action_required') return { payment: 'action_required', payUrl }
    if (error.code === 'payment_failed') return { payment: 'failed', payUrl }
    throw error
  }
}

async function retrieve(stripe: Stripe, id: string): Promise<Stripe.Checkout.Session | null> {
  try {
    return await stripe.checkout.sessions.retrieve(id, { expand: ['setup_intent.payment_method'] })
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

const noSuchPage = () =>
  new DuesError('not_found', 'There is no such page. Your account page shows the cards that you have.')
