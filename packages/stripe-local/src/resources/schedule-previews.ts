import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { draftRenewal } from '../engine/invoices/preview.ts'
import type { Invoice } from '../engine/invoices/totals.ts'
import type { Schedule } from '../engine/schedules/build.ts'
import { beginningParams } from '../engine/schedules/phases.ts'
import { draftSubscription } from '../engine/subscriptions/create.ts'
import { missingParameter, notSupported } from '../protocol/errors.ts'
import { newSchedule, updateSchedule } from './subscription-schedules.ts'

type Params = Stripe.InvoiceCreatePreviewParams

/**
 * The next invoice of a schedule as it is or as it would be, in a dry run: of its subscription's renewal, which a next phase may change, or
 * the first one of a subscription that it has still to begin. Undefined when there will be none.
 */
export function draftOfSchedule(account: Account, params: Params): Invoice | undefined {
  const details = params.schedule_details
  if (details?.pause_schedules) throw notSupported('pause_schedules')
  if (details?.proration_behavior === 'always_invoice') {
    throw notSupported('previews of what a change of the current phase invoices at once')
  }
  const schedule = params.schedule
    ? changed(account, params.schedule, details)
    : newSchedule(account, creationParams(params))
  return schedule.subscription ? draftRenewal(account, schedule.subscription) : draftOfFirst(account, schedule)
}

function changed(account: Account, id: string, details: Params['schedule_details']): Schedule {
  const schedule = account.get('subscription_schedule', id, 'schedule')
  if (!details) return schedule
  const { phases, end_behavior, proration_behavior } = details
  return updateSchedule(account, schedule.id, {
    ...(phases && { phases: phases as Stripe.SubscriptionScheduleUpdateParams.Phase[] }),
    ...(end_behavior && { end_behavior }),
    ...(proration_behavior && { proration_behavior }),
  })
}

function creationParams({ customer, schedule_details: details = {} }: Params): Stripe.SubscriptionScheduleCreateParams {
  if (!customer) throw missingParameter('customer')
  const [first] = details.phases ?? []
  return {
    customer,
    start_date: first?.start_date ?? 'now',
    phases: details.phases as Stripe.SubscriptionScheduleCreateParams.Phase[],
    ...(details.end_behavior && { end_behavior: details.end_behavior }),
    ...(details.billing_mode && { billing_mode: details.billing_mode }),
  }
}

/** What the subscription of a schedule that has not begun is billed when it begins. */
function draftOfFirst(account: Account, schedule: Schedule): Invoice | undefined {
  const [phase] = schedule.phases
  if (!phase) return undefined
  const begins = Math.max(phase.start_date, account.timeOf(schedule.customer))
  // Whoever lives by a test clock has its time, which for the dry run is the schedule's.
  if (schedule.test_clock)
    account.update('test_helpers.test_clock', String(schedule.test_clock), { frozen_time: begins })
  return account.at(begins, () => draftSubscription(account, beginningParams(account, schedule, phase)))
}
