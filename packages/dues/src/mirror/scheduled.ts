import type Stripe from 'stripe'
import type { ChangeColumns } from '../store/rows.ts'
import { isTerminal } from './order.ts'

type Phase = Stripe.SubscriptionSchedule.Phase

/**
 * What the schedule of a subscription will make of its items next. Null without a schedule, for one that has come to its last change, and for
 * an ended subscription: Stripe's schedule may still name what it would have become.
 *
 * A schedule goes on for a while after its change, until its last phase is over; then it lets go by itself.
 */
export function scheduledChange(subscription: Stripe.Subscription): ChangeColumns | null {
  const { schedule } = subscription
  if (schedule === null || schedule === undefined || typeof schedule === 'string') return null
  if (isTerminal(subscription) || schedule.status !== 'active') return null
  const next = nextPhase(schedule)
  if (next === null) return null
  const items = next.items.map(({ price, quantity }) => ({ price: priceId(price), quantity: quantity ?? null }))
  const present = subscription.items.data.map(({ price, quantity }) => ({
    price: price.id,
    quantity: quantity ?? null,
  }))
  return isSame(items, present) ? null : { at: next.start_date, items }
}

const nextPhase = ({ phases, current_phase }: Stripe.SubscriptionSchedule): Phase | null =>
  phases.find(({ start_date }) => current_phase !== null && start_date >= current_phase.end_date) ?? null

const priceId = (price: Phase['items'][number]['price']): string => (typeof price === 'string' ? price : price.id)

const isSame = (one: ChangeColumns['items'], other: ChangeColumns['items']): boolean => keyOf(one) === keyOf(other)

const keyOf = (items: ChangeColumns['items']): string =>
  items
    .map(({ price, quantity }) => `${price} ${quantity}`)
    .sort()
    .join()
