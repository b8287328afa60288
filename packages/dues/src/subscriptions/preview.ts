import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { scheduledEnd } from '../entitlements/membership.ts'
import { callStripe } from '../stripe/client.ts'
import { prorationDateAt, switchTarget, type Target } from './target.ts'
import type { PreviewLine, SwitchPreview } from './types.ts'

/** A preview as it is worked out, before plan names are known to the types. */
export type Previewed = Omit<SwitchPreview, 'from' | 'to'> & {
  readonly from: { readonly plan: string | null; readonly interval: string | null }
  readonly to: { readonly plan: string; readonly interval: string }
}

/**
 * What a switch would cost at this second. Stripe works it out, by the parameters that `switchPlan` confirms with: what is shown is what is
 * charged, so long as the confirmation carries the same proration date.
 *
 * @see https://docs.stripe.com/billing/subscriptions/prorations#preview-proration
 */
export function previewSwitch(context: Context, owner: string, plan: string, interval: string): Promise<Previewed> {
  return callStripe(async () => {
    const target = await switchTarget(context, owner, plan, interval)
    const prorationDate = prorationDateAt(context.now(), target.item)
    const [today, next] = await Promise.all([
      previewInvoice(context, target, { proration_behavior: 'always_invoice', proration_date: prorationDate }),
      // Whoever leaves at the end of the period is not charged for another.
      scheduledEnd(target.subscription) === null
        ? previewInvoice(context, target, { proration_behavior: 'none' })
        : null,
    ])
    return {
      from: { plan: target.placed?.plan ?? null, interval: target.placed?.interval ?? null },
      to: { plan, interval },
      currency: today.currency,
      ...chargedToday(today, prorationDate),
      nextInvoice: next && nextInvoiceOf(next, target),
      prorationDate,
    }
  })
}

/**
 * What of a previewed invoice is billed by the switch itself. On trial nothing is, and Stripe shows the invoice that comes when the trial
 * ends: its lines begin later than now.
 */
function chargedToday(invoice: Stripe.Invoice, prorationDate: number) {
  const isLater = ({ period }: Stripe.InvoiceLineItem) => period.start > prorationDate
  const later = invoice.lines.data.filter(isLater).reduce((sum, { amount }) => sum + amount, 0)
  const lines = invoice.lines.data.filter((line) => !isLater(line)).map(lineOf)
  const total = lines.length === 0 ? 0 : invoice.total - later
  return {
    lines,
    credit: Math.abs(lines.filter(({ amount }) => amount < 0).reduce((sum, { amount }) => sum + amount, 0)),
    // A balance below 0 is credit that the member has from before.
    dueToday: later === 0 ? invoice.amount_due : Math.max(0, total + Math.min(0, invoice.starting_balance)),
    creditLeft: Math.max(0, -total),
  }
}

const previewInvoice = (
  { stripe }: Context,
  { subscription, item, price }: Target,
  proration: Pick<Stripe.InvoiceCreatePreviewParams.SubscriptionDetails, 'proration_behavior' | 'proration_date'>,
) =>
  stripe.invoices.createPreview({
    subscription: subscription.id,
    subscription_details: { items: [{ id: item.id, price }], ...proration },
  })

function lineOf(line: Stripe.InvoiceLineItem): PreviewLine {
  return {
    description: line.description ?? '',
    amount: line.amount,
    proration: isProration(line),
    period: { start: new Date(line.period.start * 1000), end: new Date(line.period.end * 1000) },
  }
}

const isProration = ({ parent }: Stripe.InvoiceLineItem): boolean =>
  parent?.subscription_item_details?.proration ?? parent?.invoice_item_details?.proration ?? false

/** The renewal is billed as the period begins that its own line is for. */
function nextInvoiceOf(invoice: Stripe.Invoice, { item }: Target): { amount: number; at: Date } {
  const renewal = invoice.lines.data.find((line) => !isProration(line))
  return { amount: invoice.total, at: new Date((renewal?.period.start ?? item.currentPeriodEnd) * 1000) }
}
