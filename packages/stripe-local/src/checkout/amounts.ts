import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { CheckoutItem } from '../kinds.ts'
import { stubOf } from './anchor.ts'
import { trialEndOf } from './rules.ts'
import type { Session } from './session.ts'
import { type Basket, type SessionTotals, sessionTotals } from './totals.ts'

type Params = Stripe.Checkout.SessionCreateParams
type Sold = Pick<Session, 'mode' | 'currency' | 'discounts' | 'customer' | 'shipping_cost'>

/** The totals of a session as it is now; none in setup mode. */
export function totalsOf(
  account: Account,
  session: Sold,
  items: readonly CheckoutItem[],
  data: Params['subscription_data'],
  since?: number,
): SessionTotals | null {
  const basket = basketOf(account, session, items, data, since)
  return basket && sessionTotals(account, basket)
}

/** What the totals of a session are made of; nothing in setup mode. */
export function basketOf(
  account: Account,
  { mode, currency, discounts, customer, shipping_cost }: Sold,
  items: readonly CheckoutItem[],
  data: Params['subscription_data'],
  since?: number,
): Basket | null {
  if (mode === 'setup' || !currency) return null
  const stub = mode === 'subscription' ? stubOf(data, since ?? account.timeOf(customer)) : null
  return {
    items,
    currency,
    discounts,
    customer,
    trial: mode === 'subscription' && (trialEndOf(data, account.now) !== null || stub?.free === true),
    stub,
    shipping: shipping_cost?.amount_total ?? 0,
    defaultTaxRates: data?.default_tax_rates ?? [],
  }
}

/** The line items of a session as they are now. */
export function linesOf(account: Account, session: Session): SessionTotals['lines'] {
  const { items, lines, params, since } = account.get('local.checkout', session.id)
  return lines ?? totalsOf(account, session, items, params.subscription_data, since)?.lines ?? []
}

/** The line that an item would be, which need not be on the order. */
export function lineFor(
  account: Account,
  session: Session,
  item: CheckoutItem,
): SessionTotals['lines'][number] | undefined {
  const { params, since } = account.get('local.checkout', session.id)
  return totalsOf(account, session, [item], params.subscription_data, since)?.lines[0]
}

/** Brings the amounts of a session up to date after its items or its discount changed. */
export function refreshTotals(account: Account, id: string): Session {
  const session = account.get('checkout.session', id)
  const { items, params, since } = account.get('local.checkout', id)
  const totals = totalsOf(account, session, items, params.subscription_data, since)
  if (!totals) return session
  const { amount_subtotal, amount_total, total_details } = totals
  return account.update('checkout.session', id, { amount_subtotal, amount_total, total_details })
}
