import type Stripe from 'stripe'
import { idOf } from '../catalogue/resolve.ts'
import type { Duplicate } from '../store/duplicates.ts'
import { type Line, paidTwice } from './share.ts'

/** The metadata of a refund or a credit that names the subscription it was made for: whoever comes later finds it and makes no second. */
export const madeFor = 'dues_duplicate'

/** A payment and how much of it was paid twice; `refunded` is what an earlier try of ours has given back, null if none has. */
export type PaidTwice = { readonly intent: string; readonly amount: number; readonly refunded: number | null }

/** All that was paid twice, in minor units of `currency`. `isPending`: a payment is on its way, and nobody can tell yet. */
export type AllPaidTwice = {
  readonly payments: readonly PaidTwice[]
  /** What was taken from the customer's balance. */
  readonly fromBalance: number
  readonly currency: string | null
  readonly isPending: boolean
}

/**
 * Asks Stripe what was paid for a subscription beside the one that stays. What somebody has refunded already, or a bank has taken back in a
 * dispute, is not given a second time.
 *
 * @see https://docs.stripe.com/api/invoices/object#invoice_object-payments
 */
export async function whatWasPaidTwice(stripe: Stripe, { subscription, since }: Duplicate): Promise<AllPaidTwice> {
  const payments: PaidTwice[] = []
  let fromBalance = 0
  let currency: string | null = null
  let isPending = false
  for await (const invoice of stripe.invoices.list({ subscription, limit: 100, expand: ['data.payments'] })) {
    if (invoice.status === 'open') isPending ||= await isBeingPaid(stripe, invoice)
    if (invoice.status !== 'paid') continue
    const lines = await linesOf(stripe, invoice)
    const applied = Math.max(0, (invoice.ending_balance ?? invoice.starting_balance) - invoice.starting_balance)
    fromBalance += paidTwice(lines, applied, since)
    currency ??= invoice.currency
    payments.push(...(await ofPayments(stripe, invoice, subscription, paidTwice(lines, invoice.amount_paid, since))))
  }
  return { payments, fromBalance, currency, isPending }
}

/** Spreads what was paid twice for an invoice over its payments: mostly there is one. */
async function ofPayments(
  stripe: Stripe,
  { payments }: Stripe.Invoice,
  subscription: string,
  twice: number,
): Promise<PaidTwice[]> {
  const found: PaidTwice[] = []
  let left = twice
  for (const { amount_paid, payment } of payments?.data ?? []) {
    if (left === 0 || payment.payment_intent === undefined) continue
    const intent = idOf(payment.payment_intent)
    const { ours, others } = await goneBack(stripe, intent, subscription)
    const amount = Math.min(left, Math.max(0, (amount_paid ?? 0) - others))
    left = Math.max(0, left - (ours ?? amount))
    found.push({ intent, amount, refunded: ours })
  }
  return found
}

/** What of a payment went back already: by an earlier try of ours (null: none), and by somebody else. */
async function goneBack(stripe: Stripe, intent: string, subscription: string) {
  let ours: number | null = null
  let others = 0
  for await (const { amount, status, metadata } of stripe.refunds.list({ payment_intent: intent, limit: 100 })) {
    if (metadata?.[madeFor] === subscription) ours = (ours ?? 0) + amount
    else if (status !== 'failed' && status !== 'canceled') others += amount
  }
  const { data: charges } = await stripe.charges.list({ payment_intent: intent, limit: 100 })
  const disputed = charges.find((charge) => charge.disputed)
  return { ours, others: disputed ? disputed.amount : others }
}

/** A bank debit takes days. The invoice is open until it has come. */
async function isBeingPaid(stripe: Stripe, { payments }: Stripe.Invoice): Promise<boolean> {
  for (const { status, payment } of payments?.data ?? []) {
    if (status !== 'open' || payment.payment_intent === undefined) continue
    const intent = await stripe.paymentIntents.retrieve(idOf(payment.payment_intent))
    if (intent.status === 'processing') return true
  }
  return false
}

async function linesOf(stripe: Stripe, { id, lines }: Stripe.Invoice): Promise<readonly Line[]> {
  if (!lines.has_more) return lines.data
  const all: Line[] = []
  for await (const line of stripe.invoices.listLineItems(id, { limit: 100 })) all.push(line)
  return all
}
