import type Stripe from 'stripe'
import type { Duplicate } from '../store/duplicates.ts'
import { madeFor, type PaidTwice, whatWasPaidTwice } from './paid.ts'

/** What went back to the owner, in minor units of `currency`. */
export type Given = { readonly amount: number; readonly currency: string | null }

/**
 * Gives back what was paid twice, once, whoever asks how often: at the same moment the idempotency key sees to it, later what is found at
 * Stripe.
 *
 * - `refund`: to the card that paid it. What was taken from the customer's balance goes back there, for it was on no card.
 * - `credit`: all of it to the balance of the customer who goes on paying, which Stripe takes the next invoices from.
 * - `keep`: nothing; somebody will see to it by hand.
 *
 * Null while a payment is on its way that nobody can stop (a bank debit): it can be given back when it has come.
 *
 * @see https://docs.stripe.com/refunds
 * @see https://docs.stripe.com/billing/customer/balance
 */
export async function giveBack(stripe: Stripe, duplicate: Duplicate, customer: string): Promise<Given | null> {
  if (duplicate.money === 'keep') return { amount: 0, currency: null }
  const paid = await whatWasPaidTwice(stripe, duplicate)
  if (paid.isPending) return null
  const { payments, fromBalance, currency } = paid
  const byCard = payments.reduce((sum, { amount, refunded }) => sum + (refunded ?? amount), 0)
  if (duplicate.money === 'refund') for (const payment of payments) await refund(stripe, duplicate, payment)
  const toBalance = fromBalance + (duplicate.money === 'credit' ? byCard : 0)
  if (toBalance > 0 && currency !== null) await credit(stripe, duplicate, customer, { amount: toBalance, currency })
  return { amount: byCard + fromBalance, currency }
}

async function refund(stripe: Stripe, { subscription, key }: Duplicate, payment: PaidTwice): Promise<void> {
  if (payment.refunded !== null || payment.amount === 0) return
  await stripe.refunds.create(
    {
      payment_intent: payment.intent,
      amount: payment.amount,
      reason: 'duplicate',
      metadata: { [madeFor]: subscription },
    },
    { idempotencyKey: `dues-duplicate-${key}-${payment.intent}` },
  )
}

async function credit(
  stripe: Stripe,
  { subscription, key }: Duplicate,
  customer: string,
  { amount, currency }: { amount: number; currency: string },
): Promise<void> {
  for await (const entry of stripe.customers.listBalanceTransactions(customer, { limit: 100 })) {
    if (entry.metadata?.[madeFor] === subscription) return
  }
  await stripe.customers.createBalanceTransaction(
    customer,
    { amount: -amount, currency, description: 'Paid twice for one membership', metadata: { [madeFor]: subscription } },
    { idempotencyKey: `dues-duplicate-${key}-credit` },
  )
}
