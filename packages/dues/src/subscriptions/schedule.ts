import { isDeepStrictEqual } from 'node:util'
import type Stripe from 'stripe'
import { idOf } from '../catalogue/resolve.ts'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import type { MirroredSubscription } from '../mirror/types.ts'
import { dropReplan } from '../store/replans.ts'
import { isRefused } from '../stripe/client.ts'
import { periodOf } from './terms.ts'

type Phase = Stripe.SubscriptionScheduleUpdateParams.Phase

/** Items that a subscription shall have from its next period on. Stripe asks for how long; then the schedule lets go. */
export type NextPhase = {
  readonly items: Phase['items']
  readonly duration: Stripe.SubscriptionScheduleUpdateParams.Phase.Duration
}

/** Somebody else may make or release a schedule between two of our calls, twice in a row hardly. */
const rounds = 3

/**
 * Plans what a subscription shall be from its next period on, in place of anything that was planned before. A schedule takes two calls: it is
 * made as the subscription is, which changes nothing, and then told of the next phase. Between them nothing is half done; whoever comes
 * after a crash finds it and goes on.
 *
 * @see https://docs.stripe.com/billing/subscriptions/subscription-schedules
 */
export async function planNextPhase(
  context: Context,
  subscription: MirroredSubscription,
  next: NextPhase,
): Promise<void> {
  const { stripe, mirror } = context
  for (let round = 1; round <= rounds; round++) {
    const schedule = await scheduleOf(context, subscription.id)
    if (schedule === null) continue
    try {
      await stripe.subscriptionSchedules.update(schedule.id, {
        end_behavior: 'release',
        proration_behavior: 'none',
        phases: phasesOf(context, schedule, subscription, next),
      })
      await mirror.sync('subscription', subscription.id)
      // Whatever was to be planned before, this is what is wanted now.
      await dropReplan(context.database, subscription.id)
      return
    } catch (error) {
      // Released a moment ago, by another window.
      if (!isRefused(error) || round === rounds) throw error
    }
  }
  throw new DuesError(
    'busy',
    'Your membership is being changed in another window. Look at it again, and try once more.',
  )
}

/**
 * The invoice that a next phase would begin with, in place of what a schedule plans. A preview of the subscription's own items would show what is
 * planned already.
 *
 * @see https://docs.stripe.com/api/invoices/create_preview#create_create_preview-schedule_details
 */
export async function previewNextPhase(
  context: Context,
  subscription: MirroredSubscription & { readonly schedule: string },
  next: NextPhase,
): Promise<Stripe.Invoice> {
  const { stripe } = context
  const schedule = await stripe.subscriptionSchedules.retrieve(subscription.schedule)
  const phases = phasesOf(context, schedule, subscription, next)
  return stripe.invoices.createPreview({
    schedule: schedule.id,
    schedule_details: { end_behavior: 'release', proration_behavior: 'none', phases },
  })
}

/** The schedule of a subscription, made where there is none. Null when somebody was quicker to make it. */
async function scheduleOf({ stripe, mirror }: Context, id: string): Promise<Stripe.SubscriptionSchedule | null> {
  const { schedule } = await stripe.subscriptions.retrieve(id, { expand: ['schedule'] })
  if (schedule !== null)
    return typeof schedule === 'string' ? stripe.subscriptionSchedules.retrieve(schedule) : schedule
  try {
    return await stripe.subscriptionSchedules.create({ from_subscription: id })
  } catch (error) {
    await mirror.sync('subscription', id)
    const found = await mirror.subscription(id)
    if (!isRefused(error) || !found?.schedule) throw error
    return null
  }
}

/**
 * What there is and what comes next. Another interval is counted from the day on which it begins: from the old anchor its first period would end
 * early, and be charged in part.
 *
 * @see https://docs.stripe.com/billing/subscriptions/billing-cycle
 */
function phasesOf(
  { catalogue }: Context,
  schedule: Stripe.SubscriptionSchedule,
  subscription: MirroredSubscription,
  next: NextPhase,
): Phase[] {
  const present = subscription.items.map((item) => catalogue.place(item)?.interval).find((one) => one)
  const isAnother = present ? !isDeepStrictEqual(periodOf(present), next.duration) : false
  const following = nextPhase(schedule, next)
  return [
    currentPhase(schedule, subscription),
    { ...following, ...(isAnother && { billing_cycle_anchor: 'phase_start' as const }) },
  ]
}

/** The phase that is under way, as it is: what is left out of an update would be taken away. It lasts until the period does. */
function currentPhase(schedule: Stripe.SubscriptionSchedule, subscription: MirroredSubscription): Phase {
  const { current_phase } = schedule
  const phase = schedule.phases.find(({ start_date }) => start_date === current_phase?.start_date)
  const end_date = Math.min(...subscription.items.map((item) => item.currentPeriodEnd))
  if (!phase) throw new DuesError('busy', 'The planned change of your membership is being made just now. Look again.')
  return { ...kept(phase), items: phase.items.map(keptItem), start_date: phase.start_date, end_date }
}

/** What comes next. The discount goes on, and nothing is prorated: a period has just ended. */
function nextPhase(schedule: Stripe.SubscriptionSchedule, { items, duration }: NextPhase): Phase {
  const phase = schedule.phases.find(({ start_date }) => start_date === schedule.current_phase?.start_date)
  const { trial_end: _, ...rest } = phase ? kept(phase) : {}
  return { ...rest, items, duration, proration_behavior: 'none' }
}

type Read = Stripe.SubscriptionSchedule.Phase

const kept = (phase: Read): Omit<Phase, 'items'> => ({
  ...(phase.collection_method && { collection_method: phase.collection_method }),
  ...(phase.default_payment_method && { default_payment_method: idOf(phase.default_payment_method) }),
  ...(phase.default_tax_rates?.length && { default_tax_rates: phase.default_tax_rates.map(({ id }) => id) }),
  ...(phase.description && { description: phase.description }),
  ...(phase.discounts.length > 0 && { discounts: phase.discounts.map(keptDiscount) }),
  ...(phase.automatic_tax?.enabled && { automatic_tax: { enabled: true } }),
  ...(phase.metadata && Object.keys(phase.metadata).length > 0 && { metadata: phase.metadata }),
  ...(phase.trial_end !== null && { trial_end: phase.trial_end }),
})

const keptItem = (item: Read['items'][number]): Phase['items'][number] => ({
  price: idOf(item.price),
  ...(item.quantity !== undefined && { quantity: item.quantity }),
  ...(item.discounts.length > 0 && { discounts: item.discounts.map(keptDiscount) }),
  ...(item.tax_rates?.length && { tax_rates: item.tax_rates.map(({ id }) => id) }),
})

const keptDiscount = ({
  coupon,
  discount,
  promotion_code,
}: Read['discounts'][number]): Stripe.SubscriptionScheduleUpdateParams.Phase.Discount =>
  discount
    ? { discount: idOf(discount) }
    : promotion_code
      ? { promotion_code: idOf(promotion_code) }
      : { coupon: coupon === null ? '' : idOf(coupon) }

/**
 * Lets a subscription go from its schedule: what was planned will not happen. Doing it twice is doing it once.
 *
 * @param options.keepEnd whether an end that the schedule has set stays
 * @see https://docs.stripe.com/api/subscription_schedules/release
 */
export async function releaseSchedule(
  { stripe, mirror }: Context,
  { id, schedule }: Pick<MirroredSubscription, 'id' | 'schedule'>,
  { keepEnd = true }: { keepEnd?: boolean } = {},
): Promise<void> {
  if (schedule === null) return
  try {
    await stripe.subscriptionSchedules.release(schedule, { preserve_cancel_date: keepEnd })
    await mirror.sync('subscription', id)
  } catch (error) {
    if (!isRefused(error)) throw error
    // Another click was quicker, or it has come to its end.
    await mirror.sync('subscription', id)
    if ((await mirror.subscription(id))?.schedule === schedule) throw error
  }
}
