import type Stripe from 'stripe'
import { knownCustomer } from '../checkout/customer.ts'
import type { Context } from '../context.ts'
import { isLive, isOurs } from '../entitlements/membership.ts'
import { idOf } from '../mirror/contents.ts'
import type { MirroredSubscription } from '../mirror/types.ts'
import { callStripe, isMissing } from '../stripe/client.ts'
import type { PaymentMethod } from './types.ts'

/** What an owner can pay with, at this moment at Stripe: the default first, then the newest. */
export async function listPaymentMethods(context: Context, owner: string): Promise<PaymentMethod[]> {
  const customer = await knownCustomer(context, owner)
  if (!customer) return []
  return callStripe(async () => {
    const [methods, charged] = await Promise.all([
      methodsOf(context, customer),
      chargedMethod(context, owner, customer),
    ])
    return methods
      .map((method) => toPaymentMethod(method, { isDefault: method.id === charged, now: context.now() }))
      .sort((a, b) => Number(b.isDefault) - Number(a.isDefault))
  })
}

/** Every saved method of a customer, the newest first. None of one who is gone. */
export async function methodsOf({ stripe }: Context, customer: string): Promise<Stripe.PaymentMethod[]> {
  try {
    return (await stripe.customers.listPaymentMethods(customer, { limit: 100 })).data
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/**
 * What renewals are charged to. A subscription's own default comes before the customer's.
 *
 * @see https://docs.stripe.com/billing/subscriptions/payment-methods-setting
 */
export async function chargedMethod(context: Context, owner: string, customer: string): Promise<string | null> {
  const { stripe } = context
  const [live] = await liveSubscriptions(context, owner, customer)
  const own = live ? idOf((await stripe.subscriptions.retrieve(live.id)).default_payment_method) : null
  if (own) return own
  const found = await stripe.customers.retrieve(customer)
  return found.deleted ? null : idOf(found.invoice_settings.default_payment_method)
}

/** The subscriptions of an owner, among those of one customer, that may still charge: the newest first. */
export async function liveSubscriptions(
  { mirror, catalogue }: Context,
  owner: string,
  customer: string,
): Promise<MirroredSubscription[]> {
  const all = await mirror.subscriptionsOf(owner)
  return all.filter((one) => one.customer === customer && isLive(one) && isOurs(one, catalogue))
}

/** Stripe's payment method in our words. */
export function toPaymentMethod(
  method: Stripe.PaymentMethod,
  { isDefault, now }: { isDefault: boolean; now: number },
): PaymentMethod {
  const { id, type, card } = method
  const last4 = card?.last4 ?? method.sepa_debit?.last4 ?? method.us_bank_account?.last4 ?? null
  const expires = card ? { month: card.exp_month, year: card.exp_year } : null
  return {
    id,
    type,
    label: [nameOf(method), ...(last4 ? [`•••• ${last4}`] : [])].join(' '),
    brand: card?.brand ?? null,
    last4,
    expires,
    expired: expires !== null && expiresBefore(expires, now),
    isDefault,
  }
}

/** A card can be charged until its month is over. */
export const expiresBefore = ({ month, year }: { month: number; year: number }, seconds: number): boolean =>
  Date.UTC(year, month, 1) / 1000 <= seconds

const brands: { readonly [brand: string]: string } = {
  amex: 'American Express',
  diners: 'Diners Club',
  discover: 'Discover',
  eftpos_au: 'eftpos',
  jcb: 'JCB',
  mastercard: 'Mastercard',
  unionpay: 'UnionPay',
  visa: 'Visa',
}

function nameOf({ type, card }: Stripe.PaymentMethod): string {
  if (card) return brands[card.brand] ?? 'Card'
  if (type === 'sepa_debit' || type === 'us_bank_account') return 'Bank account'
  const words = type.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
