import type Stripe from 'stripe'
import { idOf } from '../catalogue/resolve.ts'
import type { Duplicate } from '../store/duplicates.ts'
import { type Line, paidTwice } from './share.ts'

/** What went back to the owner, in minor units of `currency`. */
export type Given = { readonly amount: number; readonly currency: string | null }

/** The metadata of a refund or a credit that names the subscription it was made for: whoever comes later finds it and makes no second. */
const madeFor = 'dues_duplicate'

/**
 * Gives back what was paid twice, once, whoever asks how often: at the same moment the idempotency key sees to it, later what is found at Stripe.
 *
 * - `refund`: to the card that paid it.
 * - `credit`: to the balance of the customer who goes on paying, which Stripe takes the next invoices from.
 * - `keep`: nothing; somebody will see to it by hand.
 *
 * @see https://docs.stripe.com/refunds
 * @see https://docs.stripe.com/billing/customer/balance
 */
export async function giveBack(stripe: Stripe, duplicate: Duplicate, customer: string): Promise<Given> {
  if (duplicate.money === 'keep') return { amount: 0, currency: null }
  if (duplicate.money === 'refund') return refund(stripe, duplicate)
  return (await creditThere(stripe, duplicate, customer)) ?? credit(stripe, duplicate, customer)
}

type Payment = {
  readonly intent: string
  readonly amount: number
  readonly currency: string
  readonly refunded: number | null
}

async function refund(stripe: Stripe, duplicate: Duplicate): Promise<Given> {
  let total = 0
  let currency: string | null = null
  for await (const payment of paymentsTwice(stripe, duplicate)) {
    currency = payment.currency
    total += payment.refunded ?? payment.amount
    if (payment.refunded !== null || payment.amount === 0) continue
    await stripe.refunds.create(
      {
        payment_intent: payment.intent,
        amount: payment.amount,
        reason: 'duplicate',
        metadata: { [madeFor]: duplicate.subscription },
      },
      { idempotencyKey: `dues-duplicate-${duplicate.key}-${payment.intent}` },
    )
  }
  return { amount: total, currency }
}

async function credit(stripe: Stripe, duplicate: Duplicate, customer: string): Promise<Given> {
  let amount = 0
  let currency: string | null = null
  for await (const payment of paymentsTwice(stripe, duplicate)) {
    currency = payment.currency
    amount += payment.amount
  }
  if (amount === 0 || currency === null) return { amount: 0, currency }
  await stripe.customers.createBalanceTransaction(
    customer,
    {
      amount: -amount,
      currency,
      description: 'Paid twice for one membership',
      metadata: { [madeFor]: duplicate.subscription },
    },
    { idempotencyKey: `dues-duplicate-${duplicate.key}-credit` },
  )
  return { amount, currency }
}

/** The credit that was given by an earlier try. */
async function creditThere(stripe: Stripe, duplicate: Duplicate, customer: string): Promise<Given | null> {
  for await (const entry of stripe.customers.listBalanceTransactions(customer, { limit: 100 })) {
    if (entry.created < duplicate.since) return null
    if (entry.metadata?.[madeFor] === duplicate.subscription) return { amount: -entry.amount, currency: entry.currency }
  }
  return null
}

/** The payments of a subscription and what of each was paid twice. What somebody has refunded already is not given a second time. */
async function* paymentsTwice(stripe: Stripe, { subscription, since }: Duplicate): AsyncGenerator<Payment> {
  const invoices = stripe.invoices.list({ subscription, status: 'paid', limit: 100, expand: ['data.payments'] })
  for await (const invoice of invoices) {
    let left = paidTwice(await linesOf(stripe, invoice), invoice.amount_paid, since)
    for (const { amount_paid, payment } of invoice.payments?.data ?? []) {
      if (left === 0 || payment.payment_intent === undefined) continue
      const intent = idOf(payment.payment_intent)
      const { ours, others } = await refundsOf(stripe, intent, subscription)
      const amount = Math.min(left, Math.max(0, (amount_paid ?? 0) - others))
      left = Math.max(0, left - (ours ?? amount))
      yield { intent, amount, currency: invoice.currency, refunded: ours }
    }
  }
}

async function linesOf(stripe: Stripe, { id, lines }: Stripe.Invoice): Promise<readonly Line[]> {
  if (!lines.has_more) return lines.data
  const all: Line[] = []
  for await (const line of stripe.invoices.listLineItems(id, { limit: 100 })) all.push(line)
  return all
}

/** What of a payment went back already: by an earlier try of ours (null: none), and by somebody else. */
async function refundsOf(stripe: Stripe, intent: string, subscription: string) {
  let ours: number | null = null
  let others = 0
  for await (const { amount, status, metadata } of stripe.refunds.list({ payment_intent: intent, limit: 100 })) {
    if (metadata?.[madeFor] === subscription) ours = (ours ?? 0) + amount
    else if (status !== 'failed' && status !== 'canceled') others += amount
  }
  return { ours, others }
}
