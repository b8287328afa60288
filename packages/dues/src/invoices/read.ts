import type Stripe from 'stripe'
import { knownCustomer } from '../checkout/customer.ts'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import { idOf, toInvoice as toMirrored } from '../mirror/contents.ts'
import type { MirroredInvoice } from '../mirror/types.ts'
import { invoicesOfOwner, ownerOfCustomer } from '../store/invoices.ts'
import { callStripe, isMissing } from '../stripe/client.ts'
import type { Balance, Invoice, InvoiceDetail, InvoiceLine, InvoicePage } from './types.ts'

/** A page of an owner's invoices, from the mirror. */
export async function listInvoices(
  { database }: Context,
  owner: string,
  { limit = 12, after }: { limit?: number; after?: string } = {},
): Promise<InvoicePage> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw new DuesError('bad_request', `limit is ${limit}: give a whole number from 1 to 100.`)
  // One more than wanted tells whether there is another page.
  const rows = await invoicesOfOwner(database, owner, { limit: limit + 1, after: after ?? null })
  const data = rows.slice(0, limit).map((row) => fromMirror(toMirrored(row)))
  return { data, hasMore: rows.length > limit }
}

export const fromMirror = (mirrored: MirroredInvoice): Invoice => ({
  id: mirrored.id,
  number: mirrored.number,
  status: mirrored.status,
  created: new Date(mirrored.created * 1000),
  currency: mirrored.currency,
  total: mirrored.total,
  amountPaid: mirrored.amountPaid,
  amountRemaining: mirrored.amountRemaining,
  url: mirrored.hostedInvoiceUrl,
})

/** One invoice of an owner, from Stripe. Somebody else's looks as if it were not there. */
export async function getInvoice(context: Context, owner: string, id: string): Promise<InvoiceDetail> {
  return callStripe(async () => {
    const invoice = await findInvoice(context, id)
    await refuseOthers(context, owner, invoice)
    return toDetail(context.stripe, invoice)
  })
}

/** An invoice with its payments, or `not_found`. */
export async function findInvoice({ stripe }: Context, id: string): Promise<Stripe.Invoice> {
  if (!/^in_\w{1,200}$/.test(id)) throw notFound()
  try {
    return await stripe.invoices.retrieve(id, { expand: ['payments'] })
  } catch (error) {
    if (isMissing(error)) throw notFound(error)
    throw error
  }
}

export async function refuseOthers({ database }: Context, owner: string, { customer }: Stripe.Invoice): Promise<void> {
  if ((await ownerOfCustomer(database, idOf(customer) ?? '')) !== owner) throw notFound()
}

const notFound = (cause?: unknown) =>
  new DuesError('not_found', 'There is no such invoice. Your account page lists those that you have.', { cause })

export const toInvoice = (invoice: Stripe.Invoice): Invoice => ({
  id: invoice.id,
  number: invoice.number,
  status: invoice.status,
  created: dateAt(invoice.created),
  currency: invoice.currency,
  total: invoice.total,
  amountPaid: invoice.amount_paid,
  amountRemaining: invoice.amount_remaining,
  url: invoice.hosted_invoice_url ?? null,
})

async function toDetail(stripe: Stripe, invoice: Stripe.Invoice): Promise<InvoiceDetail> {
  const { refunded, receiptUrl } = await paymentsOf(stripe, invoice)
  return {
    ...toInvoice(invoice),
    ...sumsOf(invoice),
    ...balancesOf(invoice),
    refunded,
    lines: await linesOf(stripe, invoice),
    pdfUrl: invoice.invoice_pdf ?? null,
    receiptUrl,
    dueAt: invoice.due_date === null ? null : dateAt(invoice.due_date),
    nextAttemptAt: invoice.next_payment_attempt === null ? null : dateAt(invoice.next_payment_attempt),
  }
}

/** What stands under the lines. */
export const sumsOf = ({ subtotal, total_discount_amounts, total_taxes }: Stripe.Invoice) => ({
  subtotal,
  discount: sum(total_discount_amounts ?? []),
  tax: sum(total_taxes ?? []),
})

const sum = (amounts: readonly { amount: number }[]): number => amounts.reduce((all, { amount }) => all + amount, 0)

/** At Stripe a balance below 0 is credit, and one above it is owed: from the one an invoice takes, to the other it adds what is too little to charge. */
function balancesOf({ starting_balance: before, ending_balance }: Stripe.Invoice) {
  const after = ending_balance ?? before
  return {
    fromBalance: Math.max(0, Math.min(0, after) - Math.min(0, before)),
    carriedOver: Math.max(0, Math.max(0, after) - Math.max(0, before)),
  }
}

/** Stripe cuts a long invoice. */
async function linesOf(stripe: Stripe, { id, lines }: Stripe.Invoice): Promise<InvoiceLine[]> {
  if (!lines.has_more) return lines.data.map(toLine)
  const all: InvoiceLine[] = []
  for await (const line of stripe.invoices.listLineItems(id, { limit: 100 })) all.push(toLine(line))
  return all
}

export const toLine = ({ description, amount, quantity, period }: Stripe.InvoiceLineItem): InvoiceLine => ({
  description: description ?? '',
  amount,
  quantity,
  period: { start: dateAt(period.start), end: dateAt(period.end) },
})

async function paymentsOf(stripe: Stripe, invoice: Stripe.Invoice) {
  let refunded = 0
  let receiptUrl: string | null = null
  for (const intent of intentsOf(invoice)) {
    const { latest_charge: charge } = await stripe.paymentIntents.retrieve(intent, { expand: ['latest_charge'] })
    if (!charge || typeof charge !== 'object' || charge.status !== 'succeeded') continue
    refunded += charge.amount_refunded
    receiptUrl ??= charge.receipt_url
  }
  return { refunded, receiptUrl }
}

/** The payment intents that an invoice was paid with; none where nothing had to be paid. */
export const intentsOf = ({ payments }: Stripe.Invoice): string[] =>
  (payments?.data ?? [])
    .filter(({ status }) => status === 'paid')
    .flatMap(({ payment }) => idOf(payment.payment_intent) ?? [])

export const dateAt = (seconds: number): Date => new Date(seconds * 1000)

/** At Stripe a credit is a negative balance. */
export async function balanceOf(context: Context, owner: string): Promise<Balance> {
  const none = { currency: null, credit: 0, owed: 0 }
  const customer = await knownCustomer(context, owner)
  if (!customer) return none
  const found = await callStripe(() => context.stripe.customers.retrieve(customer))
  if (found.deleted) return none
  const { balance } = found
  return { currency: found.currency ?? null, credit: Math.max(0, -balance), owed: Math.max(0, balance) }
}
