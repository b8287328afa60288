import { isDeepStrictEqual } from 'node:util'
import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { currentPhaseOf, defaultSettings, type PhaseParam, phasesOf, type Schedule } from '../engine/schedules/build.ts'
import '../engine/schedules/due.ts'
import { settingsTakenOver, subscriptionInvoiceSettings } from '../engine/schedules/invoice-settings.ts'
import { applyPhase, releaseSchedule, startSchedule } from '../engine/schedules/phases.ts'
import { endSubscription } from '../engine/subscriptions/cancel.ts'
import { billingModeOf } from '../engine/subscriptions/create.ts'
import { changeSubscription } from '../engine/subscriptions/update.ts'
import { invalidRequest, missingParameter, notSupported } from '../protocol/errors.ts'
import { isCreatedWithin, listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { mergeMetadata } from './metadata.ts'

defineResource({
  kind: 'subscription_schedule',
  operations: {
    'POST /v1/subscription_schedules': ({ account, params }) =>
      params.from_subscription
        ? createFrom(account, params.from_subscription, params)
        : createSchedule(account, params),
    'POST /v1/subscription_schedules/{id}': ({ account, path, params }) => updateSchedule(account, path.id, params),
    'GET /v1/subscription_schedules/{id}': ({ account, path }) => account.get('subscription_schedule', path.id),
    'GET /v1/subscription_schedules': ({ account, params, url }) =>
      listOf(account, 'subscription_schedule', params, url, {
        ...(params.customer && { among: account.store.by('subscription_schedule', 'customer', params.customer) }),
        where: (schedule) =>
          (!params.scheduled || schedule.status === 'not_started') &&
          isWithin(schedule.canceled_at, params.canceled_at) &&
          isWithin(schedule.completed_at, params.completed_at) &&
          isWithin(schedule.released_at, params.released_at),
      }),
    'POST /v1/subscription_schedules/{id}/cancel': ({ account, path, params }) => cancel(account, path.id, params),
    'POST /v1/subscription_schedules/{id}/release': ({ account, path, params }) => {
      const schedule = goingOn(account, path.id, 'release')
      return account.atTimeOf(schedule.customer, () => {
        if (schedule.subscription && !params.preserve_cancel_date) takeBackEnd(account, schedule)
        return releaseSchedule(account, schedule)
      })
    },
  },
})

type RangeParam = Stripe.SubscriptionScheduleListParams['canceled_at']

const isWithin = (time: number | null, range: RangeParam): boolean =>
  range === undefined || (time !== null && isCreatedWithin(time, range))

/** https://docs.stripe.com/api/subscription_schedules/create */
function createSchedule(account: Account, params: Stripe.SubscriptionScheduleCreateParams): Schedule {
  const schedule = newSchedule(account, params)
  return account.atTimeOf(schedule.customer, () => {
    account.emit('subscription_schedule.created', schedule)
    const begins = schedule.phases[0]?.start_date ?? account.now
    return begins <= account.now ? startSchedule(account, schedule) : schedule
  })
}

/** A schedule that has not begun, whatever its start date. Errors: `parameter_missing`, `resource_missing`, phases that do not fit. */
export function newSchedule(account: Account, params: Stripe.SubscriptionScheduleCreateParams): Schedule {
  if (params.customer_account) throw notSupported('the parameter customer_account')
  if (!params.customer) throw missingParameter('customer')
  if (!params.phases?.length) throw missingParameter('phases')
  if (params.pause_schedules?.length) throw notSupported('pause_schedules')
  const customer = account.get('customer', params.customer, 'customer')
  return account.atTimeOf(customer.id, () => {
    const start = params.start_date === undefined || params.start_date === 'now' ? account.now : params.start_date
    return account.insert('subscription_schedule', {
      ...blank(account, customer),
      billing_mode: billingModeOf(params.billing_mode, account.now),
      default_settings: defaultSettings(account, params.default_settings),
      end_behavior: params.end_behavior ?? 'release',
      metadata: mergeMetadata({}, params.metadata),
      phases: phasesOf(account, (params.phases ?? []) as PhaseParam[], start),
    })
  })
}

/** Takes over a subscription as it is; its one phase lasts until the current period ends. */
export function createFrom(account: Account, id: string, params: Stripe.SubscriptionScheduleCreateParams): Schedule {
  const others = Object.keys(params).filter(
    (name) => !['from_subscription', 'expand', 'metadata', 'billing_mode'].includes(name),
  )
  if (others.length > 0) {
    throw invalidRequest(
      `You can not set \`${others[0]}\` if \`from_subscription\` is set. To create a subscription schedule with other modifications, make two separate calls: first create it with only \`from_subscription\`, then update it.`,
      others[0],
    )
  }
  const subscription = account.get('subscription', id, 'from_subscription')
  if (subscription.ended_at !== null || subscription.status === 'incomplete') {
    throw invalidRequest(
      `You cannot migrate a subscription that is \`${subscription.status}\` to a subscription schedule.`,
      'from_subscription',
    )
  }
  if (subscription.schedule) {
    throw invalidRequest(
      `You cannot migrate a subscription that is already attached to a schedule: ${subscription.schedule}.`,
      'from_subscription',
    )
  }
  return account.atTimeOf(subscription.customer, () => {
    const phase = currentPhaseOf(subscription)
    const schedule = account.insert('subscription_schedule', {
      ...blank(account, account.get('customer', subscription.customer)),
      billing_mode: subscription.billing_mode,
      current_phase: { end_date: phase.end_date, start_date: phase.start_date },
      default_settings: defaultSettings(account, {
        collection_method: subscription.collection_method,
        ...(subscription.default_payment_method && { default_payment_method: subscription.default_payment_method }),
        invoice_settings: settingsTakenOver(subscription),
      }),
      metadata: mergeMetadata({}, params.metadata),
      phases: [phase],
      status: 'active',
      subscription: id,
    })
    account.emit('subscription_schedule.created', schedule)
    account.change('customer.subscription.updated', 'subscription', id, { schedule: schedule.id })
    return schedule
  })
}

const blank = (account: Account, customer: { id: string; test_clock?: string | null }): Schedule => ({
  id: account.newId('sub_sched'),
  object: 'subscription_schedule',
  application: null,
  billing_mode: billingModeOf(undefined, account.now),
  canceled_at: null,
  completed_at: null,
  created: account.now,
  current_phase: null,
  customer: customer.id,
  customer_account: null,
  default_settings: defaultSettings(account),
  end_behavior: 'release',
  livemode: false,
  metadata: {},
  pause_schedules: [],
  phases: [],
  released_at: null,
  released_subscription: null,
  status: 'not_started',
  subscription: null,
  test_clock: customer.test_clock ?? null,
})

/** The schedule, if it has not come to its end. */
function goingOn(account: Account, id: string, verb: string): Schedule {
  const schedule = account.get('subscription_schedule', id)
  if (schedule.status === 'active' || schedule.status === 'not_started') return schedule
  throw invalidRequest(
    `You cannot ${verb} a subscription schedule that is currently in the \`${schedule.status}\` status. ${verb === 'release' ? 'Releasing' : 'This'} is only allowed if the subscription schedule is in the \`not_started\` or \`active\` statuses.`,
  )
}

/** https://docs.stripe.com/api/subscription_schedules/update */
export function updateSchedule(
  account: Account,
  id: string,
  params: Stripe.SubscriptionScheduleUpdateParams,
): Schedule {
  const before = goingOn(account, id, 'update')
  if (params.pause_schedules) throw notSupported('pause_schedules')
  return account.atTimeOf(before.customer, () => {
    const phases = params.phases && plannedPhases(account, before, params.phases as PhaseParam[])
    const current = (phases ?? before.phases).find((phase) => phase.start_date === before.current_phase?.start_date)
    const after = account.change('subscription_schedule.updated', 'subscription_schedule', id, {
      ...(params.default_settings && {
        default_settings: defaultSettings(account, params.default_settings, before.default_settings),
      }),
      ...(params.end_behavior && { end_behavior: params.end_behavior }),
      ...(params.metadata !== undefined && { metadata: mergeMetadata(before.metadata ?? {}, params.metadata) }),
      ...(phases && { phases }),
      ...(current && { current_phase: { end_date: current.end_date, start_date: current.start_date } }),
    })
    if (current) changeCurrent(account, before, after, current, params.proration_behavior)
    return after
  })
}

/** The phases as they will be: those that are over stay, the current one has to be among those given. */
function plannedPhases(account: Account, before: Schedule, params: readonly PhaseParam[]): Schedule['phases'] {
  const over = before.phases.filter((phase) => phase.end_date <= (before.current_phase?.start_date ?? 0))
  const first = params[0]?.start_date
  const start =
    typeof first === 'number'
      ? first
      : (before.current_phase?.start_date ?? before.phases[0]?.start_date ?? account.now)
  const phases = phasesOf(account, params, start)
  const { current_phase } = before
  if (current_phase && !phases.some((phase) => phase.start_date === current_phase.start_date)) {
    throw invalidRequest(
      'You must pass the current phase of the schedule among its phases, with the start date that it has.',
      'phases[0][start_date]',
    )
  }
  return [...over.filter((phase) => phases.every((other) => other.start_date !== phase.start_date)), ...phases]
}

/** A change of the phase that is under way changes the subscription now. */
function changeCurrent(
  account: Account,
  before: Schedule,
  after: Schedule,
  current: Schedule['phases'][number],
  behavior: Stripe.SubscriptionScheduleUpdateParams['proration_behavior'],
): void {
  const was = before.phases.find((phase) => phase.start_date === current.start_date)
  const subscription = account.find('subscription', after.subscription ?? '')
  const key = (phase: typeof current | undefined): string =>
    JSON.stringify(phase?.items.map(({ price, quantity }) => [price, quantity]))
  if (!subscription) return
  if (!was || key(was) !== key(current)) {
    applyPhase(account, after, subscription, current, behavior ?? 'create_prorations')
    return
  }
  const invoice_settings = subscriptionInvoiceSettings(after, current)
  const isSame = isDeepStrictEqual(invoice_settings, subscriptionInvoiceSettings(before, was))
  if (!isSame) changeSubscription(account, subscription, { invoice_settings })
}

/** https://docs.stripe.com/api/subscription_schedules/cancel: its subscription ends at once. */
function cancel(account: Account, id: string, params: Stripe.SubscriptionScheduleCancelParams): Schedule {
  const schedule = goingOn(account, id, 'cancel')
  return account.atTimeOf(schedule.customer, () => {
    const canceled = account.update('subscription_schedule', id, {
      canceled_at: account.now,
      current_phase: null,
      status: 'canceled',
    })
    account.emit('subscription_schedule.canceled', canceled)
    if (schedule.subscription) {
      endSubscription(account, schedule.subscription, {
        invoiceNow: params.invoice_now ?? true,
        prorate: params.prorate ?? true,
      })
    }
    return account.get('subscription_schedule', id)
  })
}

function takeBackEnd(account: Account, schedule: Schedule): void {
  const subscription = account.find('subscription', schedule.subscription ?? '')
  if (!subscription || schedule.end_behavior !== 'cancel' || subscription.cancel_at === null) return
  account.update('subscription', subscription.id, { cancel_at: null, canceled_at: null })
}
