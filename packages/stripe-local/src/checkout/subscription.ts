import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { discountParams } from './invoice.ts'
import type { Session } from './session.ts'

/** What the subscription of a session is made with. Its first invoice is what the session shows. */
export function subscriptionParams(account: Account, session: Session): Stripe.SubscriptionCreateParams {
  const { items, params, payment_method } = account.get('local.checkout', session.id)
  const {
    billing_mode,
    default_tax_rates,
    description,
    invoice_settings,
    metadata,
    pending_invoice_item_interval,
    trial_end,
    trial_period_days,
    trial_settings,
  } = params.subscription_data ?? {}
  const priced = items.map((item) => ({ item, recurs: account.get('price', item.price).recurring !== null }))
  const saved = payment_method && account.find('payment_method', payment_method)?.customer === session.customer
  return {
    customer: session.customer ?? '',
    currency: session.currency ?? 'usd',
    items: priced.filter(({ recurs }) => recurs).map(({ item }) => lineOf(item)),
    add_invoice_items: priced.filter(({ recurs }) => !recurs).map(({ item }) => lineOf(item)),
    ...(session.discounts?.length && { discounts: discountParams(session) }),
    ...(saved && { default_payment_method: payment_method }),
    ...(billing_mode && { billing_mode }),
    ...(default_tax_rates && { default_tax_rates }),
    ...(description !== undefined && { description }),
    ...(invoice_settings && { invoice_settings }),
    ...(metadata && { metadata }),
    ...(pending_invoice_item_interval && { pending_invoice_item_interval }),
    ...(trial_end !== undefined && { trial_end }),
    ...(trial_period_days !== undefined && { trial_period_days }),
    ...(trial_settings && { trial_settings }),
  }
}

const lineOf = ({ price, quantity, tax_rates }: { price: string; quantity: number | null; tax_rates: string[] }) => ({
  price,
  ...(quantity !== null && { quantity }),
  ...(tax_rates.length > 0 && { tax_rates }),
})
