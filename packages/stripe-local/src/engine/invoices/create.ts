import type { Account } from '../../account.ts'
import type { Kinds } from '../../kinds.ts'
import { day, type Period } from '../calendar.ts'
import type { Subscription } from '../subscriptions/items.ts'
import { type InvoiceItem, type Line, lineOfInvoiceItem } from './lines.ts'
import { type Invoice, withTotals } from './totals.ts'

/** Who bills, on every invoice. */
export const issuer = { country: 'US', name: 'Stripe Local' }

/** What makes an invoice. */
export type NewInvoice = {
  customer: string
  currency: string
  billing_reason: NonNullable<Invoice['billing_reason']>
  /** The span in which its items were collected. */
  period: Period
  /** The subscription that it belongs to; its settings are the invoice's defaults. */
  subscription?: Subscription
  /** Invoice items that were pending and are now on this invoice, in the order of the lines. */
  items?: readonly InvoiceItem[]
  /** The other lines. */
  lines?: (invoice: string) => Line[]
  /** Ids of discounts. */
  discounts?: readonly string[]
  /** Whether it goes on by itself: is finalized, and charged or sent. */
  auto_advance?: boolean
  /** Seconds after which it is finalized by itself; at once, by whoever calls, when absent. */
  finalizeAfter?: number
  /** Fields that a manual invoice sets. */
  fields?: Partial<Invoice>
}

/**
 * Makes a draft invoice and tells of it. The lines are (1) invoice items that were pending, the newest first, (2) the subscription's items.
 * https://docs.stripe.com/api/invoices/object#invoice_object-lines
 */
export function createInvoice(account: Account, made: NewInvoice): Invoice {
  adoptCurrency(account, made.customer, made.currency)
  const invoice = draftInvoice(account, made)
  for (const item of made.items ?? []) account.update('invoiceitem', item.id, { invoice: invoice.id })
  account.insert('invoice', invoice)
  account.emit('invoice.created', invoice)
  return invoice
}

/** A customer's first subscription, invoice or coupon decides its currency. Its debt can be in one only. */
export function adoptCurrency(account: Account, customerId: string, currency: string): void {
  const customer = account.get('customer', customerId, 'customer')
  if (customer.currency === null) account.change('customer.updated', 'customer', customerId, { currency })
}

/** The invoice with all its fields, kept nowhere yet. */
export function draftInvoice(account: Account, made: NewInvoice): Invoice {
  const { subscription } = made
  const id = account.newId('in')
  const customer = account.get('customer', made.customer, 'customer')
  const lines = [
    ...newestFirst(made.items ?? []).map((item) => lineOfInvoiceItem(account, id, item)),
    ...(made.lines?.(id) ?? []),
  ]
  const collection_method = made.fields?.collection_method ?? subscription?.collection_method ?? 'charge_automatically'
  const waits = made.finalizeAfter !== undefined && (made.auto_advance ?? true)
  const finalizes = waits ? account.now + (made.finalizeAfter ?? 0) : null
  return withTotals(account, {
    id,
    object: 'invoice',
    account_country: issuer.country,
    account_name: issuer.name,
    account_tax_ids: subscription?.invoice_settings.account_tax_ids ?? null,
    amount_due: 0,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: made.auto_advance ?? true,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: finalizes,
    billing_reason: made.billing_reason,
    collection_method,
    created: account.now,
    currency: made.currency,
    custom_fields: subscription?.invoice_settings.custom_fields ?? customer.invoice_settings.custom_fields,
    customer: customer.id,
    customer_account: null,
    ...customerFields(account, customer),
    default_payment_method: null,
    default_source: null,
    default_tax_rates: subscription?.default_tax_rates ?? [],
    description: subscription?.invoice_settings.description ?? null,
    discounts: [...(made.discounts ?? [])],
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: subscription?.invoice_settings.footer ?? customer.invoice_settings.footer,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: { object: 'list', data: lines, has_more: false, url: `/v1/invoices/${id}/lines` },
    livemode: false,
    metadata: {},
    next_payment_attempt: collection_method === 'charge_automatically' ? finalizes : null,
    number: null,
    on_behalf_of: null,
    parent: subscription
      ? {
          quote_details: null,
          subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
          type: 'subscription_details',
        }
      : null,
    payment_settings: {
      default_mandate: null,
      payment_method_options: null,
      payment_method_types: (subscription?.payment_settings?.payment_method_types ??
        null) as Invoice['payment_settings']['payment_method_types'],
    },
    period_end: made.period.end,
    period_start: made.period.start,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: 0,
    subtotal_excluding_tax: 0,
    test_clock: customer.test_clock ?? null,
    total: 0,
    total_discount_amounts: [],
    total_excluding_tax: 0,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: account.now,
    ...made.fields,
    ...(collection_method === 'send_invoice' && {
      due_date: made.fields?.due_date ?? account.now + (subscription?.days_until_due ?? 30) * day,
    }),
  })
}

/** What an invoice says of its customer: as it is now, until the invoice is finalized. */
export const customerFields = (
  account: Account,
  customer: Kinds['customer'],
): Pick<
  Invoice,
  | 'customer_address'
  | 'customer_email'
  | 'customer_name'
  | 'customer_phone'
  | 'customer_shipping'
  | 'customer_tax_exempt'
  | 'customer_tax_ids'
> => ({
  customer_address: customer.address ?? null,
  customer_email: customer.email,
  customer_name: customer.name ?? null,
  customer_phone: customer.phone ?? null,
  customer_shipping: customer.shipping ?? null,
  customer_tax_exempt: customer.tax_exempt ?? null,
  customer_tax_ids: account.store
    .by('tax_id', 'customer', customer.id)
    .map(({ type, value }) => ({ type, value }) as NonNullable<Invoice['customer_tax_ids']>[number]),
})

const newestFirst = (items: readonly InvoiceItem[]): InvoiceItem[] => [...items].sort((a, b) => b.date - a.date)

/** The invoice items of a customer that wait for an invoice: those of the subscription, and those of none. */
export const pendingItems = (account: Account, customer: string, subscription?: string): InvoiceItem[] =>
  account.store
    .by('invoiceitem', 'customer', customer)
    .filter((item) => item.invoice === null && !('deleted' in item))
    .filter((item) => [undefined, subscription].includes(item.parent?.subscription_details?.subscription))
