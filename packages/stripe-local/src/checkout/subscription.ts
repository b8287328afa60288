import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { anchorOf } from './anchor.ts'
import { discountParams } from './invoice.ts'
import type { Session } from './session.ts'

/** What the subscription of a session is made with. Its first invoice is what the session shows. */
export function subscriptionParams(account: Account, session: Session): Stripe.SubscriptionCreateParams {
  const { items, params, payment_method } = account.get('local.checkout', session.id)
  const {
    billing_cycle_anchor,
    billing_cycle_anchor_config,
    billing_mode,
    default_tax_rates,
    description,
    invoice_settings,
    metadata,
    pending_invoice_item_interval,
    proration_behavior,
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
    ...(billing_cycle_anchor !== undefined && { billing_cycle_anchor }),
    ...(billing_cycle_anchor_config && { billing_cycle_anchor_config }),
    ...(proration_behavior && { proration_behavior }),
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

/** Which session sells a subscription, and since when its time is charged. */
export function soldIn(account: Account, { id }: Session): { checkoutSession: string; since?: number } {
  const { params, since } = account.get('local.checkout', id)
  const counts = since !== undefined && anchorOf(params.subscription_data, since) !== null
  return { checkoutSession: id, ...(counts && { since }) }
}

const lineOf = ({ price, quantity, tax_rates }: { price: string; quantity: number | null; tax_rates: string[] }) => ({
  price,
  ...(quantity !== null && { quantity }),
  ...(tax_rates.length > 0 && { tax_rates }),
})
