import type Stripe from 'stripe'
import { idOf } from '../catalogue/resolve.ts'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'

/**
 * Why a switch did not happen, for the member: the bank wants a word first (`action_required`), or the card was declined
 * (`payment_failed`). `details.payUrl` is Stripe's page for the open invoice; paying there makes the switch.
 */
export async function explainUnpaid(
  { stripe }: Context,
  subscription: Stripe.Subscription,
  kept: string,
  { planDropped = false, first = false }: { planDropped?: boolean; first?: boolean } = {},
): Promise<DuesError> {
  const invoice = await openInvoice(stripe, subscription)
  if (!(subscription.pending_update || first) || !invoice)
    return new DuesError(
      'busy',
      `Your membership was changed from somewhere else meanwhile. Look at it again; this switch was not made.`,
    )
  // Paying would make the switch, and what was planned before would then undo it.
  const dropped = planDropped ? ' The change that was planned for the end of the period is not planned any more.' : ''
  const intent = await paymentIntent(stripe, invoice)
  const payUrl = invoice.hosted_invoice_url ?? null
  if (intent?.status === 'requires_action')
    return new DuesError(
      'action_required',
      `Your bank wants you to confirm this payment. Until you do, you keep ${kept}.${dropped}`,
      { details: { payUrl, invoice: invoice.id } },
    )
  const reason = intent?.last_payment_error
  return new DuesError(
    'payment_failed',
    `${reason?.message ?? 'The payment did not go through.'} You keep ${kept}. Pay with another card, or change your card and switch again.${dropped}`,
    {
      details: {
        payUrl,
        invoice: invoice.id,
        declineCode: reason?.decline_code ?? null,
        stripeCode: reason?.code ?? null,
      },
    },
  )
}

async function openInvoice(stripe: Stripe, { latest_invoice }: Stripe.Subscription): Promise<Stripe.Invoice | null> {
  if (latest_invoice === null) return null
  const invoice =
    typeof latest_invoice === 'object' && latest_invoice.payments
      ? latest_invoice
      : await stripe.invoices.retrieve(idOf(latest_invoice), { expand: ['payments'] })
  return invoice.status === 'open' ? invoice : null
}

async function paymentIntent(stripe: Stripe, invoice: Stripe.Invoice): Promise<Stripe.PaymentIntent | null> {
  const found = invoice.payments?.data.map(({ payment }) => payment.payment_intent).find((one) => one !== undefined)
  if (!found) return null
  return typeof found === 'object' ? found : stripe.paymentIntents.retrieve(found)
}
