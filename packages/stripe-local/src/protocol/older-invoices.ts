import type { Account } from '../account.ts'
import type { CreditLine } from '../engine/invoices/credit-note-lines.ts'
import { type InvoiceItem, invoiceItemOf, isProration, type Line } from '../engine/invoices/lines.ts'
import { defaultPaymentOf } from '../engine/invoices/paid.ts'
import type { Invoice } from '../engine/invoices/totals.ts'
import type { Kinds } from '../kinds.ts'
import { planOf } from '../resources/plans.ts'

/** What invoices, their lines and their payments had before 2025-03-31.basil, when an invoice had one payment and a line one price. */

type Taxes = Line['taxes'] | Invoice['total_taxes']

export function ofInvoice(invoice: Invoice, account: Account): object {
  const details = invoice.parent?.subscription_details
  const intent = account.find('payment_intent', defaultPaymentOf(account, invoice.id)?.payment.payment_intent ?? '')
  const outOfBand = invoice.amount_paid_off_stripe ?? 0
  return {
    amount_paid: invoice.amount_paid - outOfBand,
    application_fee_amount: null,
    charge: intent?.latest_charge ?? null,
    paid: invoice.status === 'paid',
    paid_out_of_band: outOfBand > 0,
    payment_intent: intent?.id ?? null,
    quote: null,
    subscription: details?.subscription ?? null,
    subscription_details: { metadata: details?.metadata ?? null },
    ...(details?.subscription_proration_date !== undefined && {
      subscription_proration_date: details.subscription_proration_date,
    }),
    tax: invoice.total_taxes?.length ? sumOf(invoice.total_taxes) : null,
    total_tax_amounts: taxAmounts(invoice.total_taxes),
    transfer_data: null,
  }
}

export function ofLine(line: Line, account: Account): object {
  // The line items of a Checkout session have their price still.
  if (!('pricing' in line)) return {}
  const invoiceItem = invoiceItemOf(line)
  const details = line.parent?.subscription_item_details ?? line.parent?.invoice_item_details
  const item = line.parent?.subscription_item_details?.subscription_item
  const excluding = line.amount - sumOf(line.taxes?.filter((tax) => tax.tax_behavior === 'inclusive'))
  return {
    amount_excluding_tax: excluding,
    ...(invoiceItem && { invoice_item: invoiceItem }),
    ...priceAndPlan(line.pricing, account),
    proration: isProration(line),
    proration_details: details?.proration_details ?? { credited_items: null },
    ...(item && { subscription_item: item }),
    tax_amounts: taxAmounts(line.taxes),
    tax_rates: taxRatesOf(line, account),
    type: invoiceItem ? 'invoiceitem' : 'subscription',
    unit_amount_excluding_tax: perUnit(excluding, line.quantity),
  }
}

export const ofInvoiceItem = (item: InvoiceItem, account: Account): object => {
  const unit = item.pricing?.unit_amount_decimal ?? null
  const details = item.parent?.subscription_details
  return {
    ...priceAndPlan(item.pricing, account),
    subscription: details?.subscription ?? null,
    ...(details?.subscription_item && { subscription_item: details.subscription_item }),
    unit_amount: unit !== null && Number.isInteger(Number(unit)) ? Number(unit) : null,
    unit_amount_decimal: unit,
  }
}

export const ofPaymentIntent = ({ id }: Kinds['payment_intent'], account: Account): object => ({
  invoice: invoicePaidBy(id, account),
})

export const ofCharge = ({ payment_intent }: Kinds['charge'], account: Account): object => ({
  invoice: invoicePaidBy(payment_intent, account),
})

export const ofCreditNote = (note: Kinds['credit_note']): object => ({
  refund: note.refunds[0]?.refund ?? null,
  tax_amounts: taxAmounts(note.total_taxes),
})

export function ofCreditNoteLine(line: CreditLine): object {
  const excluding = line.amount - sumOf(line.taxes?.filter((tax) => tax.tax_behavior === 'inclusive'))
  return {
    amount_excluding_tax: excluding,
    tax_amounts: taxAmounts(line.taxes),
    unit_amount_excluding_tax: perUnit(excluding, line.quantity),
  }
}

const invoicePaidBy = (intent: string | null, account: Account): string | null =>
  (intent && account.store.by('invoice_payment', 'payment_intent', intent)[0]?.invoice) || null

/** Only a price that recurs has been a plan. */
function priceAndPlan(pricing: Line['pricing'] | InvoiceItem['pricing'], account: Account): object {
  const price = account.find('price', pricing?.price_details?.price ?? '') ?? null
  return { plan: price?.recurring ? planOf(price) : null, price }
}

function taxRatesOf(line: Line, account: Account): unknown[] {
  const details = line.parent?.subscription_item_details
  const ofItem = account.find('invoiceitem', invoiceItemOf(line) ?? '')?.tax_rates
  const subscription = account.find('subscription', details?.subscription ?? '')
  const item = subscription?.items.data.find(({ id }) => id === details?.subscription_item)
  return ofItem ?? item?.tax_rates ?? []
}

const taxAmounts = (taxes: Taxes): object[] =>
  (taxes ?? []).map(({ amount, tax_behavior, tax_rate_details, taxability_reason, taxable_amount }) => ({
    amount,
    inclusive: tax_behavior === 'inclusive',
    tax_rate: tax_rate_details?.tax_rate ?? null,
    taxability_reason,
    taxable_amount,
  }))

const sumOf = (taxes: Taxes | undefined): number => (taxes ?? []).reduce((sum, { amount }) => sum + amount, 0)

const perUnit = (amount: number, quantity: number | null): string =>
  String(quantity ? Number((amount / quantity).toFixed(12)) : amount)
