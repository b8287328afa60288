import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { type Anchor, nextAnchor, type Period } from '../engine/calendar.ts'
import { type Price, periodAt } from '../engine/subscriptions/items.ts'
import { beginningOf } from '../engine/subscriptions/timing.ts'

type Data = Stripe.Checkout.SessionCreateParams['subscription_data']

/** The time before the first whole period of a subscription that is bought in a Checkout. */
export type Stub = {
  anchor: Anchor
  /** Since when it is charged: the session's creation, so that the total which was shown is paid, however long the customer takes. */
  since: number
  /** Whether that time costs nothing. */
  free: boolean
}

/**
 * What `billing_cycle_anchor` (or `billing_cycle_anchor_config`) asks for; null without one, and when the first whole period is sold because
 * the anchor has passed. https://docs.stripe.com/payments/checkout/billing-cycle
 */
export function stubOf(data: Data, since: number): Stub | null {
  const anchor = anchorOf(data, since)
  return anchor && anchor.time > since ? { anchor, since, free: data?.proration_behavior === 'none' } : null
}

/** The reference point of the periods that the session asks for. */
export function anchorOf(data: Data, since: number): Anchor | null {
  if (data?.billing_cycle_anchor_config) return nextAnchor(data.billing_cycle_anchor_config, since)
  return data?.billing_cycle_anchor === undefined ? null : { time: data.billing_cycle_anchor }
}

/** Refuses an anchor that lies in the past or past the next natural billing date, in the words of subscriptions. */
export function checkAnchor(account: Account, data: Data, prices: readonly Price[], now: number): void {
  const { billing_cycle_anchor, billing_cycle_anchor_config } = data ?? {}
  const anchor = {
    ...(billing_cycle_anchor !== undefined && { billing_cycle_anchor }),
    ...(billing_cycle_anchor_config && { billing_cycle_anchor_config }),
  }
  const recurring = prices.filter((price) => price.recurring !== null)
  if (Object.keys(anchor).length > 0) account.at(now, () => beginningOf(account, anchor, recurring))
}

/** The part of a price's period that a stub charges. */
export const partOf = ({ anchor, since }: Stub, price: Price): { whole: Period; from: number; until: number } => ({
  whole: periodAt(anchor, price, since),
  from: since,
  until: anchor.time,
})
