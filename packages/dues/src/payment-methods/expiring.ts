import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { scheduledEnd } from '../entitlements/membership.ts'
import { subscriptionContent, toSubscription } from '../mirror/contents.ts'
import { load } from '../store/mirror.ts'
import { callStripe } from '../stripe/client.ts'
import { expiresBefore, toPaymentMethod } from './read.ts'
import type { ExpiringCard } from './types.ts'

const daySeconds = 86_400

/** Statuses after which a renewal comes that is charged to a card. */
const renewing = ['active', 'trialing', 'past_due'] as const

/** Everybody whose card expires before the next renewal; see `dues.paymentMethods.expiring`. */
export async function expiringCards(
  context: Context,
  { within = 30 }: { within?: number } = {},
): Promise<ExpiringCard[]> {
  const { stripe, database, now } = context
  const found: Omit<ExpiringCard, 'owner'>[] = []
  const customers: string[] = []
  await callStripe(async () => {
    for (const status of renewing) {
      const expand = ['data.default_payment_method', 'data.customer.invoice_settings.default_payment_method']
      for await (const subscription of stripe.subscriptions.list({ status, limit: 100, expand })) {
        const card = expiringCard(context, subscription, now() + within * daySeconds)
        if (!card) continue
        found.push(card)
        customers.push(String((subscription.customer as Stripe.Customer).id))
      }
    }
  })
  const { owners } = await load(database, { owners: customers })
  const ownerOf = new Map(owners.map(({ customer, owner }) => [customer, owner]))
  return found.map((card, index) => ({ ...card, owner: ownerOf.get(customers[index] ?? '') ?? null }))
}

function expiringCard(
  { catalogue, now }: Context,
  subscription: Stripe.Subscription,
  until: number,
): Omit<ExpiringCard, 'owner'> | null {
  const { id, customer, default_payment_method: own, collection_method, items } = subscription
  if (typeof customer !== 'object' || customer.deleted || collection_method !== 'charge_automatically') return null
  const mirrored = toSubscription(subscriptionContent(subscription, null), null)
  if (scheduledEnd(mirrored) !== null || !mirrored.items.some((item) => catalogue.place(item))) return null
  const method = own ?? customer.invoice_settings.default_payment_method
  const renewal = Math.min(...items.data.map((item) => item.current_period_end))
  if (!method || typeof method !== 'object' || renewal > until) return null
  const paymentMethod = toPaymentMethod(method, { isDefault: true, now: now() })
  if (!paymentMethod.expires || !expiresBefore(paymentMethod.expires, renewal)) return null
  return { email: customer.email, subscription: id, paymentMethod, renewsAt: new Date(renewal * 1000) }
}
