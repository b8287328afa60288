import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { isLive } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import { idOf, toInvoice as toMirrored } from '../mirror/contents.ts'
import type { MirroredInvoice } from '../mirror/types.ts'
import { invoicesOfOwner } from '../store/invoices.ts'
import { callStripe, isMissing, translateStripeError } from '../stripe/client.ts'
import { findInvoice, refuseOthers, toInvoice } from './read.ts'
import type { Invoice } from './types.ts'

/** Collects an open invoice now; see `dues.invoices.pay`. */
export async function payInvoice(context: Context, owner: string, id?: string): Promise<Invoice> {
  return callStripe(async () => {
    if (id !== undefined) {
      const invoice = await findInvoice(context, id)
      await refuseOthers(context, owner, invoice)
      return collect(context, invoice)
    }
    const paid = await payOpenInvoice(context, owner)
    if (!paid)
      throw new DuesError('nothing_to_pay', 'Nothing is left to pay: every invoice of your membership is settled.')
    return paid
  })
}

/** Collects the newest open invoice of a membership that goes on. Null when there is none. */
export async function payOpenInvoice(context: Context, owner: string): Promise<Invoice | null> {
  const open = await openInvoice(context, owner)
  return open ? collect(context, await findInvoice(context, open.id)) : null
}

/** The newest open invoice as Stripe has it now; see `dues.invoices.open`. */
export async function openInvoiceOf(context: Context, owner: string): Promise<Invoice | null> {
  const open = await openInvoice(context, owner)
  if (!open) return null
  const now = toInvoice(await callStripe(() => findInvoice(context, open.id)))
  return now.status === 'open' ? now : null
}

/** Looked for at Stripe where the mirror waits for an event: the subscription may be past due for a second longer than we know of an invoice. */
async function openInvoice(context: Context, owner: string): Promise<MirroredInvoice | null> {
  const { database, mirror } = context
  const live = (await mirror.subscriptionsOf(owner)).filter(isLive)
  const due = live.filter(({ status }) => ['past_due', 'unpaid', 'incomplete'].includes(status))
  for (const { latestInvoice } of due) if (latestInvoice) await callStripe(() => mirror.sync('invoice', latestInvoice))
  const rows = await invoicesOfOwner(database, owner, { limit: 100, after: null })
  const subscriptions = new Set(live.map(({ id }) => id))
  const open = rows.find(({ status, subscription }) => status === 'open' && subscriptions.has(subscription ?? ''))
  return open ? toMirrored(open) : null
}

async function collect(context: Context, invoice: Stripe.Invoice): Promise<Invoice> {
  const { mirror, stripe } = context
  if (invoice.status === 'paid') return toInvoice(invoice)
  if (invoice.status !== 'open')
    throw new DuesError('invoice_not_open', `This invoice is ${invoice.status ?? 'a draft'}, and nobody has to pay it.`)
  try {
    // A deleted invoice is no answer to this.
    return toInvoice((await mirror.through('invoice', () => stripe.invoices.pay(invoice.id))) as Stripe.Invoice)
  } catch (error) {
    const now = await stripe.invoices.retrieve(invoice.id)
    // Another click, or Stripe's own try, was quicker.
    if (now.status === 'paid') return toInvoice(now)
    throw explain(error, now)
  } finally {
    // What was owed decides on the state of the membership, and the page that comes next shows it.
    await mirror.sync('invoice', invoice.id)
    const subscription = idOf(invoice.parent?.subscription_details?.subscription)
    if (subscription) await mirror.sync('subscription', subscription)
  }
}

/** Why an invoice could not be collected, for the member, and where it can be paid all the same. */
function explain(error: unknown, invoice: Stripe.Invoice): unknown {
  const details = { payUrl: invoice.hosted_invoice_url ?? null, invoice: invoice.id }
  if (isMissing(error))
    return new DuesError('payment_failed', 'There is no card to charge. Add one, or pay on Stripe’s page.', {
      cause: error,
      details,
    })
  const translated = translateStripeError(error)
  if (!(translated instanceof DuesError) || translated.code !== 'payment_failed') return translated
  const all = { cause: error, details: { ...translated.details, ...details } }
  return asksTheBank(translated)
    ? new DuesError('action_required', 'Your bank wants you to confirm this payment. Do it on Stripe’s page.', all)
    : new DuesError(
        'payment_failed',
        `${translated.message} Pay with another card, or ask your bank why it said no.`,
        all,
      )
}

/** Stripe has two words for it: one when we ask to pay, one when a bank says no to a payment without the payer. */
const asksTheBank = ({ details }: DuesError): boolean =>
  details.stripeCode === 'invoice_payment_intent_requires_action' ||
  details.stripeCode === 'authentication_required' ||
  details.declineCode === 'authentication_required'
