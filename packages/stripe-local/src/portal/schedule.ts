import type { Account } from '../account.ts'
import { addIntervals } from '../engine/calendar.ts'
import { amountFor, termsIn } from '../engine/pricing.ts'
import { releaseSchedule } from '../engine/schedules/phases.ts'
import { nextPeriodEnd, type Price, rhythmOf } from '../engine/subscriptions/items.ts'
import type { Kinds } from '../kinds.ts'
import { createFrom, updateSchedule } from '../resources/subscription-schedules.ts'
import type { Switch } from './subscriptions.ts'

type Subscription = Kinds['subscription']
type Feature = Kinds['billing_portal.configuration']['features']['subscription_update']

/**
 * When a switch takes effect: null for now, the period's end where any condition of the configuration holds.
 * https://docs.stripe.com/api/customer_portal/configurations/object#portal_configuration_object-features-subscription_update-schedule_at_period_end
 */
export function effectOf(account: Account, subscription: Subscription, feature: Feature, to: Switch): number | null {
  const item = subscription.items.data.find(({ id }) => id === to.item)
  if (!item) return null
  const price = account.get('price', to.price)
  const holds: Record<string, boolean> = {
    decreasing_item_amount:
      amountOf(price, to.quantity, subscription.currency) < amountOf(item.price, item.quantity, subscription.currency),
    shortening_interval: lengthOf(price) < lengthOf(item.price),
  }
  const waits = feature.schedule_at_period_end.conditions.some(({ type }) => holds[type])
  return waits ? nextPeriodEnd(subscription.items.data) : null
}

const amountOf = (price: Price, quantity: number | undefined, currency: string): number => {
  const terms = termsIn(price, currency)
  return terms ? amountFor(terms, quantity ?? 0) : 0
}

/** How long an interval is, in seconds, counted from a January: to compare months with weeks. */
const lengthOf = (price: Price): number => addIntervals({ time: 0 }, rhythmOf(price), 1)

/** Plans a switch for the end of the period: a schedule with the current phase and the one that follows it, after which it lets go. */
export function scheduleSwitch(account: Account, { id }: Subscription, to: Switch): void {
  takeBackPlan(account, account.get('subscription', id))
  const subscription = account.get('subscription', id)
  const schedule = createFrom(account, id, { from_subscription: id })
  const [current] = schedule.phases
  if (!current) return
  const items = subscription.items.data.map((item) => ({
    id: item.id,
    price: item.price.id,
    ...counted(item.quantity),
  }))
  const then = items.map((item) => (item.id === to.item ? { ...item, price: to.price, ...counted(to.quantity) } : item))
  const price = account.get('price', to.price)
  updateSchedule(account, schedule.id, {
    phases: [
      { items: items.map(withoutId), start_date: current.start_date, end_date: current.end_date },
      {
        items: then.map(withoutId),
        duration: rhythmOf(price) as { interval: 'month'; interval_count: number },
        proration_behavior: 'none',
        ...(to.discounts?.length && { discounts: to.discounts }),
      },
    ],
  })
}

const counted = (quantity: number | undefined) => (quantity === undefined ? {} : { quantity })
const withoutId = ({ id: _id, ...item }: { id: string; price: string; quantity?: number }) => item

/** Takes a planned switch back: the subscription goes on as it is. */
export function takeBackPlan(account: Account, subscription: Subscription): void {
  const schedule = subscription.schedule ? account.find('subscription_schedule', subscription.schedule) : undefined
  if (schedule?.status === 'active') releaseSchedule(account, schedule)
}

/** The price that a subscription will have, and since when; null where nothing is planned. */
export function plannedSwitch(account: Account, subscription: Subscription): { price: string; at: number } | null {
  const schedule = subscription.schedule ? account.find('subscription_schedule', subscription.schedule) : undefined
  const next = schedule?.phases.find(({ start_date }) => start_date === schedule.current_phase?.end_date)
  const price = next?.items[0]?.price
  return next && price ? { price, at: next.start_date } : null
}
