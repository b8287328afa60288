import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { cancelAtEnd } from '../subscriptions/cancel.ts'
import { createSubscription } from '../subscriptions/create.ts'
import type { Subscription } from '../subscriptions/items.ts'
import { changeSubscription } from '../subscriptions/update.ts'
import type { Phase, Schedule } from './build.ts'
import { subscriptionInvoiceSettings } from './invoice-settings.ts'

/** Lets the schedule of a subscription do what it has planned for a time, before anything else happens to the subscription then. */
export function dueSchedule(account: Account, subscription: Subscription, time: number): void {
  const schedule = subscription.schedule ? account.find('subscription_schedule', subscription.schedule) : undefined
  if (schedule && (dueDate(schedule) ?? Number.POSITIVE_INFINITY) <= time) stepSchedule(account, schedule)
}

/** When a schedule does something next: begins, enters its next phase, or ends. */
export function dueDate(schedule: Schedule): number | null {
  if (schedule.status === 'not_started') return schedule.phases[0]?.start_date ?? null
  return schedule.status === 'active' ? (schedule.current_phase?.end_date ?? null) : null
}

/** Does what a schedule has planned for now. */
export function stepSchedule(account: Account, schedule: Schedule): void {
  if (schedule.status === 'not_started') {
    startSchedule(account, schedule)
    return
  }
  const ended = schedule.current_phase?.end_date ?? account.now
  const next = schedule.phases.find((phase) => phase.start_date === ended)
  if (next) enterPhase(account, schedule, next)
  else endSchedule(account, schedule)
}

/** Begins the subscription of a schedule that was made for later. */
export function startSchedule(account: Account, schedule: Schedule): Schedule {
  const [phase] = schedule.phases
  if (!phase) return schedule
  const subscription = createSubscription(account, beginningParams(account, schedule, phase), { schedule: schedule.id })
  return account.change('subscription_schedule.updated', 'subscription_schedule', schedule.id, {
    current_phase: { end_date: phase.end_date, start_date: phase.start_date },
    status: 'active',
    subscription: subscription.id,
  })
}

/** What the subscription of a schedule begins with. */
export const beginningParams = (
  account: Account,
  schedule: Schedule,
  phase: Phase,
): Stripe.SubscriptionCreateParams => ({
  ...subscriptionParams(schedule, phase),
  billing_mode: modeOf(schedule),
  customer: schedule.customer,
  items: phase.items.map(itemParam),
  payment_behavior: 'allow_incomplete',
  ...(phase.start_date < account.now && { backdate_start_date: phase.start_date }),
  ...(phase.trial_end !== null && phase.trial_end > account.now && { trial_end: phase.trial_end }),
})

const modeOf = ({ billing_mode }: Schedule): Stripe.SubscriptionCreateParams.BillingMode => ({
  type: billing_mode.type,
  ...(billing_mode.flexible?.proration_discounts && {
    flexible: { proration_discounts: billing_mode.flexible.proration_discounts },
  }),
})

/** The subscription tells of a new phase, and its renewal: the schedule does only what it had planned, and has no event of its own. */
function enterPhase(account: Account, schedule: Schedule, phase: Phase): void {
  const subscription = account.find('subscription', schedule.subscription ?? '')
  if (subscription && subscription.ended_at === null) applyPhase(account, schedule, subscription, phase)
  account.update('subscription_schedule', schedule.id, {
    current_phase: { end_date: phase.end_date, start_date: phase.start_date },
  })
}

/** Makes a subscription what a phase says: items take the places of those before them, what is left over goes. */
export function applyPhase(
  account: Account,
  schedule: Schedule,
  subscription: Subscription,
  phase: Phase,
  behavior: Phase['proration_behavior'] = phase.proration_behavior,
): Subscription {
  return changeSubscription(account, subscription, {
    ...subscriptionParams(schedule, phase),
    items: itemChanges(subscription, phase),
    proration_behavior: behavior,
    ...((phase.billing_cycle_anchor ?? schedule.default_settings.billing_cycle_anchor) === 'phase_start' && {
      billing_cycle_anchor: { type: 'now' },
    }),
    ...(phase.trial_end !== null && phase.trial_end > account.now && { trial_end: phase.trial_end }),
  })
}

function itemChanges(subscription: Subscription, phase: Phase): Stripe.SubscriptionUpdateParams.Item[] {
  const left = [...subscription.items.data]
  const taken = phase.items.map((item) => {
    const same = left.findIndex((each) => each.price.id === item.price)
    return same >= 0 ? left.splice(same, 1)[0] : undefined
  })
  const changes = phase.items.map((item, i) => {
    const place = taken[i] ?? left.shift()
    return { ...itemParam(item), ...(place && { id: place.id }) }
  })
  return [...changes, ...left.map(({ id }) => ({ id, deleted: true }))]
}

const itemParam = (item: Phase['items'][number]): Stripe.SubscriptionCreateParams.Item => ({
  price: item.price,
  ...(item.quantity !== undefined && { quantity: item.quantity }),
  ...(item.tax_rates && item.tax_rates.length > 0 && { tax_rates: item.tax_rates.map(({ id }) => id) }),
  ...(item.discounts.length > 0 && { discounts: item.discounts.map(discountParam) }),
})

const discountParam = ({ coupon, discount, promotion_code }: Phase['discounts'][number]) => ({
  ...(coupon && { coupon }),
  ...(discount && { discount }),
  ...(promotion_code && { promotion_code }),
})

type PhaseSettings = Pick<
  Stripe.SubscriptionCreateParams,
  | 'add_invoice_items'
  | 'collection_method'
  | 'days_until_due'
  | 'default_payment_method'
  | 'default_tax_rates'
  | 'description'
  | 'discounts'
  | 'invoice_settings'
  | 'metadata'
>

/** What a phase, or else the schedule, says of the subscription's settings. */
function subscriptionParams(schedule: Schedule, phase: Phase): PhaseSettings {
  const { default_settings: settings } = schedule
  const collection_method = phase.collection_method ?? settings.collection_method
  const default_payment_method = phase.default_payment_method ?? settings.default_payment_method
  const description = phase.description ?? settings.description
  const days = phase.invoice_settings?.days_until_due ?? settings.invoice_settings.days_until_due
  return {
    ...(collection_method && { collection_method }),
    ...(collection_method === 'send_invoice' && { days_until_due: days ?? 30 }),
    ...(default_payment_method && { default_payment_method }),
    ...(description && { description }),
    invoice_settings: subscriptionInvoiceSettings(schedule, phase),
    ...(phase.default_tax_rates?.length && { default_tax_rates: phase.default_tax_rates.map(({ id }) => id) }),
    ...(phase.discounts.length > 0 && { discounts: phase.discounts.map(discountParam) }),
    ...(phase.metadata && Object.keys(phase.metadata).length > 0 && { metadata: phase.metadata }),
    ...(phase.add_invoice_items.length > 0 && {
      add_invoice_items: phase.add_invoice_items.map(({ price, quantity }) => ({ price, quantity: quantity ?? 1 })),
    }),
  }
}

/** The last phase is over: the subscription goes on alone, or ends. */
function endSchedule(account: Account, schedule: Schedule): void {
  if (schedule.end_behavior === 'cancel') {
    const completed = account.update('subscription_schedule', schedule.id, {
      completed_at: account.now,
      current_phase: null,
      status: 'completed',
    })
    account.emit('subscription_schedule.completed', completed)
    if (schedule.subscription) cancelAtEnd(account, schedule.subscription)
  } else releaseSchedule(account, schedule)
}

/** Lets go of the subscription, which stays as it is. */
export function releaseSchedule(account: Account, schedule: Schedule): Schedule {
  const { subscription } = schedule
  const released = account.update('subscription_schedule', schedule.id, {
    current_phase: null,
    released_at: account.now,
    released_subscription: subscription,
    status: 'released',
    subscription: null,
  })
  account.emit('subscription_schedule.released', released)
  if (subscription) account.change('customer.subscription.updated', 'subscription', subscription, { schedule: null })
  return released
}
