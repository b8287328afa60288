import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { everyAddOn } from '../entitlements/add-ons.ts'
import { scheduledEnd } from '../entitlements/membership.ts'
import { callStripe } from '../stripe/client.ts'
import type { TargetItem } from './add-on-items.ts'
import { phaseOf, replanned } from './next-items.ts'
import { previewNextPhase } from './schedule.ts'
import { itemParams, prorationDateAt, switchTarget, type Target, type Wish } from './target.ts'
import { type Terms, termsOf } from './terms.ts'
import type { ChangeOptions, PreviewLine, SwitchPreview } from './types.ts'

type Numbers = Readonly<Record<string, number>>

/** A preview as it is worked out, before plan names are known to the types. */
export type Previewed = Omit<SwitchPreview, 'from' | 'to'> & {
  readonly from: { readonly plan: string | null; readonly interval: string | null; readonly addOns: Numbers }
  readonly to: {
    readonly plan: string
    readonly interval: string | null
    readonly quantity: number | null
    readonly addOns: Numbers
  }
}

/**
 * What a change would cost at this second. Stripe works it out, by the parameters that `switchPlan` confirms with: what is shown is what is
 * charged, so long as the confirmation carries the same proration date.
 *
 * @see https://docs.stripe.com/billing/subscriptions/prorations#preview-proration
 */
export function previewSwitch(
  context: Context,
  owner: string,
  wish: Wish,
  options: Pick<ChangeOptions, 'when' | 'proration' | 'charge' | 'anchor'> = {},
): Promise<Previewed> {
  return callStripe(async () => {
    const wanted = await switchTarget(context, owner, wish)
    const terms = termsOf(wanted, options, context.catalogue)
    const target = terms.anchor ? { ...wanted, restarts: true } : wanted
    const { item, items, placed, to, addOns } = target
    const { catalogue } = context
    const prorationDate = prorationDateAt(context.now(), item)
    return {
      from: {
        plan: placed?.plan ?? null,
        interval: placed?.interval ?? null,
        addOns: everyAddOn(addOns.before, catalogue),
      },
      to: {
        ...to,
        quantity: items.find(({ id }) => id === item.id)?.quantity ?? null,
        addOns: everyAddOn(addOns.after, catalogue),
      },
      when: terms.when,
      at: new Date((terms.when === 'now' ? prorationDate : item.currentPeriodEnd) * 1000),
      prorationDate,
      ...(terms.when === 'now'
        ? await costNow(context, target, terms, prorationDate)
        : await costLater(context, target)),
    }
  })
}

type Cost = Pick<Previewed, 'currency' | 'lines' | 'credit' | 'dueToday' | 'creditLeft' | 'nextInvoice'>

/** At the period's end nothing is due today and nothing is prorated: the next invoice is of what is wanted. */
async function costLater(context: Context, target: Target): Promise<Cost> {
  const items = replanned(context, target, target.subscription.scheduled) ?? target.items
  const next = await previewPeriod(context, target, items)
  const at = new Date(target.item.currentPeriodEnd * 1000)
  const nextInvoice = { amount: next.total, at }
  return { currency: next.currency, lines: [], credit: 0, dueToday: 0, creditLeft: 0, nextInvoice }
}

/** The invoice of the period to come. Where something is planned Stripe would show that: it is asked for by the schedule then. */
function previewPeriod(context: Context, target: Target, items: readonly TargetItem[]): Promise<Stripe.Invoice> {
  const { subscription } = target
  const { schedule, scheduled } = subscription
  return schedule !== null && scheduled
    ? previewNextPhase(context, { ...subscription, schedule }, phaseOf(context, target, items))
    : previewInvoice(context, { ...target, items }, { proration_behavior: 'none' })
}

async function costNow(
  context: Context,
  target: Target,
  { proration, anchor }: Terms,
  prorationDate: number,
): Promise<Cost> {
  const begins = anchor && { billing_cycle_anchor: { type: anchor } }
  // Whoever leaves at the end of the period is not charged for another.
  const goesOn = scheduledEnd(target.subscription) === null
  const planned = anchor || target.restarts ? null : replanned(context, target, target.subscription.scheduled)
  const [today, renewal] = await Promise.all([
    previewInvoice(context, target, {
      ...begins,
      proration_behavior: proration,
      ...(proration !== 'none' && { proration_date: prorationDate }),
    }),
    !goesOn
      ? null
      : planned
        ? previewPeriod(context, target, planned)
        : previewInvoice(context, target, { ...begins, proration_behavior: 'none' }),
  ])
  // Without an invoice of its own what is previewed is the next one, with what the change adds to it.
  if (proration === 'create_prorations' && !target.restarts) {
    const lines = today.lines.data.filter(isProration).map(lineOf)
    const nextInvoice = goesOn ? nextInvoiceOf(today, target, prorationDate) : null
    return { currency: today.currency, lines, credit: creditOf(lines), dueToday: 0, creditLeft: 0, nextInvoice }
  }
  const nextInvoice =
    renewal && planned
      ? { amount: renewal.total, at: new Date(target.item.currentPeriodEnd * 1000) }
      : renewal && nextInvoiceOf(renewal, target, prorationDate)
  return { currency: today.currency, ...chargedToday(today, prorationDate), nextInvoice }
}

/**
 * What of a previewed invoice is billed by the change itself. On trial nothing is, and Stripe shows the invoice that comes when the trial
 * ends: its lines begin later than now.
 */
function chargedToday(invoice: Stripe.Invoice, prorationDate: number) {
  const isLater = ({ period }: Stripe.InvoiceLineItem) => period.start > prorationDate
  const later = invoice.lines.data.filter(isLater).reduce((sum, { amount }) => sum + amount, 0)
  const lines = invoice.lines.data.filter((line) => !isLater(line)).map(lineOf)
  const total = lines.length === 0 ? 0 : invoice.total - later
  return {
    lines,
    credit: creditOf(lines),
    // A balance below 0 is credit that the member has from before.
    dueToday: later === 0 ? invoice.amount_due : Math.max(0, total + Math.min(0, invoice.starting_balance)),
    creditLeft: Math.max(0, -total),
  }
}

const creditOf = (lines: readonly PreviewLine[]): number =>
  Math.abs(lines.filter(({ amount }) => amount < 0).reduce((sum, { amount }) => sum + amount, 0))

const previewInvoice = (
  { stripe }: Context,
  target: Target,
  proration: Pick<
    Stripe.InvoiceCreatePreviewParams.SubscriptionDetails,
    'billing_cycle_anchor' | 'proration_behavior' | 'proration_date'
  >,
) =>
  stripe.invoices.createPreview({
    subscription: target.subscription.id,
    subscription_details: { ...itemParams(target), ...proration },
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

/** The renewal is billed as the period begins that its own line is for. Another interval begins its first period at once: then as that ends. */
function nextInvoiceOf(invoice: Stripe.Invoice, { item }: Target, prorationDate: number): { amount: number; at: Date } {
  const renewal = invoice.lines.data.find((line) => !isProration(line))
  const { start, end } = renewal?.period ?? { start: item.currentPeriodEnd, end: item.currentPeriodEnd }
  return { amount: invoice.total, at: new Date((start > prorationDate ? start : end) * 1000) }
}
