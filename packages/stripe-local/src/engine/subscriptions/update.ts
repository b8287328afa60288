import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { ApiError, invalidRequest, notSupported } from '../../protocol/errors.ts'
import { customerMethod } from '../collection.ts'
import type { Invoice } from '../invoices/totals.ts'
import { redeemAll, tellOfLost } from '../redeem.ts'
import { addOneTimeItems } from './add-invoice-items.ts'
import { addProrations, discountsLeft, invoiceChange } from './bill-now.ts'
import { nextPendingInvoice } from './bill-pending.ts'
import { endSubscription } from './cancel.ts'
import { type Asked, anchorChoice, type Change, type ProrationBehavior, planChange } from './change.ts'
import { currentStatus, savedMethod } from './collected.ts'
import { scheduledEnd } from './ending.ts'
import { type Settings, settingsOf } from './fields.ts'
import { type ItemParam, nextPeriodEnd, type Subscription } from './items.ts'
import { pauseForLackOfMethod } from './pause.ts'
import { pauseCollectionOf } from './pause-collection.ts'
import { nothingToPayWith, type PaidNow, type PaymentBehavior, payNow } from './pay-now.ts'
import { futureTrialEnd } from './timing.ts'
import { dropWaiting, parkUpdate } from './waiting.ts'

type Params = Stripe.SubscriptionUpdateParams

/**
 * Changes a subscription: https://docs.stripe.com/api/subscriptions/update
 *
 * Errors: what is canceled or incomplete takes few changes (`invalid_canceled_subscription_fields`, `status_transition_invalid`);
 * `resource_missing`; with `error_if_incomplete` the 402 of the payment. What it throws must undo the unit of work.
 */
export function updateSubscription(account: Account, id: string, params: Params): Subscription {
  const before = account.get('subscription', id)
  checkSchedule(before, params)
  return account.atTimeOf(before.customer, () => changeSubscription(account, before, params))
}

/** The same, at whatever time it is: a schedule's next phase. */
export function changeSubscription(account: Account, before: Subscription, params: Params): Subscription {
  checkStatus(before, params)
  return carryOut(account, before, params, (change, after) => settle(account, change, after, params))
}

/**
 * The invoice that an update would make at once, drafted and not paid. It changes objects on the way: whoever asks undoes them.
 * Undefined when the update makes none.
 */
export function draftUpdate(account: Account, id: string, params: Params): Invoice | undefined {
  const before = account.get('subscription', id)
  checkStatus(before, params)
  let drafted: Invoice | undefined
  carryOut(account, before, params, (change, after) => {
    addProrations(account, after, change.prorations)
    if (billsNow(change, behaviorOf(params))) drafted = invoiceChange(account, change, { auto: true })
    return account.insert('subscription', after)
  })
  return drafted
}

/** Works out what the update makes of the subscription and hands it to `finish`, which keeps it. */
function carryOut(
  account: Account,
  before: Subscription,
  params: Params,
  finish: (change: Change, after: Subscription) => Subscription,
): Subscription {
  if (before.status === 'trialing' && params.trial_end === 'now' && !hasMethod(account, before)) {
    const ended = endTrialWithoutMethod(account, before)
    if (ended) return ended
  }
  dropWaiting(account, before)
  const settings: Subscription = {
    ...account.get('subscription', before.id),
    pending_update: null,
    ...settingsOf(account, before, params as Settings),
    ...discountsAsked(account, before, params),
    ...(params.pause_collection !== undefined && {
      pause_collection: pauseCollectionOf(params.pause_collection, account.now),
    }),
  }
  const change = planChange(account, settings, askedOf(account, before, params))
  const after: Subscription = { ...change.after }
  Object.assign(after, scheduledEnd(account, after, params))
  // A scheduled end goes with the period when the period changes.
  if (after.cancel_at_period_end) after.cancel_at = nextPeriodEnd(after.items.data)
  if (params.pending_invoice_item_interval !== undefined) {
    after.next_pending_invoice_item_invoice = nextPendingInvoice(after, account.now)
  }
  if (params.add_invoice_items) addOneTimeItems(account, after, params.add_invoice_items)
  return finish({ ...change, after }, after)
}

/** Keeps the change, and bills and collects what it costs. */
function settle(account: Account, change: Change, after: Subscription, params: Params): Subscription {
  const before = account.get('subscription', after.id)
  const behavior = (params.payment_behavior ?? 'allow_incomplete') as PaymentBehavior
  addProrations(account, after, change.prorations)
  if (!billsNow(change, behaviorOf(params))) return announce(account, before, after)
  const waits = behavior === 'pending_if_incomplete'
  if (waits) checkPendingParams(params)
  const invoice = invoiceChange(account, change, { auto: true })
  if (!invoice) return announce(account, before, after)
  if (!waits) account.insert('subscription', { ...after, latest_invoice: invoice.id })
  const paid = payNow(account, invoice, behavior, params.off_session)
  if (waits && paid.status !== 'paid' && paid.status !== 'processing') {
    return parkUpdate(account, before, after, account.get('invoice', invoice.id))
  }
  return announce(account, before, {
    ...after,
    ...savedMethod(after, paid.intent?.payment_method ?? null),
    discounts: discountsLeft(account, after, account.get('invoice', invoice.id)),
    latest_invoice: invoice.id,
    status: statusAfter(account, after, paid),
  })
}

/** Keeps the subscription as it is now and tells what changed since `before`. */
function announce(account: Account, before: Subscription, after: Subscription): Subscription {
  account.insert('subscription', before)
  return account.change('customer.subscription.updated', 'subscription', after.id, after)
}

/** An invoice at once: asked for, or because a new period begins. */
const billsNow = (change: Change, behavior: ProrationBehavior): boolean =>
  change.restarts !== null || behavior === 'always_invoice'

const behaviorOf = (params: Params): ProrationBehavior =>
  (params.proration_behavior ?? 'create_prorations') as ProrationBehavior

/** A payment that did not come makes an active subscription past due. */
function statusAfter(account: Account, after: Subscription, { status }: PaidNow): Subscription['status'] {
  if (status === 'paid' || status === 'processing' || status === 'draft') {
    return after.status === 'trialing' || after.status === 'active' ? currentStatus(account, after) : after.status
  }
  return 'past_due'
}

function askedOf(account: Account, before: Subscription, params: Params): Asked {
  const { proration_date, trial_end } = params
  const items = params.items as ItemParam[] | undefined
  if (trial_end !== undefined && trial_end !== 'now') checkTrialEnd(before, trial_end, account.now)
  return {
    items,
    behavior: behaviorOf(params),
    at: proration_date === undefined ? account.now : prorationDate(before, proration_date),
    anchor: anchorChoice(params.billing_cycle_anchor),
    trialEnd: trial_end,
  }
}

function prorationDate(before: Subscription, at: number): number {
  const { data } = before.items
  const isWithin = data.some((item) => at >= item.current_period_start && at <= item.current_period_end)
  if (isWithin || data.length === 0) return at
  throw invalidRequest(
    'Cannot specify proration_date outside of the current billing period of the subscription.',
    'proration_date',
  )
}

function checkTrialEnd(before: Subscription, trialEnd: number, now: number): void {
  if (before.status === 'paused') {
    throw invalidRequest(
      'You cannot set `trial_end` while a subscription is `paused`. Resume the subscription first before setting `trial_end`.',
    )
  }
  futureTrialEnd(trialEnd, now)
}

const discountsAsked = (account: Account, before: Subscription, params: Params): Partial<Subscription> => {
  const { discounts } = params
  // An empty array leaves the discounts as they are; an empty string clears them.
  if (discounts === undefined || (Array.isArray(discounts) && discounts.length === 0)) return {}
  for (const [i, { promotion_code }] of discounts ? discounts.entries() : []) {
    if (promotion_code) refuseLeastAmount(account, promotion_code, `discounts[${i}][promotion_code]`)
  }
  const owner = { customer: before.customer, subscription: before.id }
  const after = redeemAll(account, discounts, owner, before.currency)
  tellOfLost(account, before.discounts, after)
  return { discounts: after }
}

/** What a subscription comes to may change, so a code that asks for a least amount is for new ones only. */
function refuseLeastAmount(account: Account, code: string, param: string): void {
  if (!account.find('promotion_code', code)?.restrictions.minimum_amount) return
  throw invalidRequest(
    'This promotion code cannot be redeemed on a subscription update because it uses the `minimum_amount` restriction and the amount may change.',
    param,
  )
}

const hasMethod = (account: Account, { collection_method, default_payment_method, customer }: Subscription): boolean =>
  collection_method === 'send_invoice' || (default_payment_method ?? customerMethod(account, customer)) !== null

/** A trial that is ended by hand without a payment method: paused or canceled as the trial settings say, otherwise refused. */
function endTrialWithoutMethod(account: Account, before: Subscription): Subscription | undefined {
  const behavior = before.trial_settings?.end_behavior.missing_payment_method
  if (behavior === 'pause') return pauseForLackOfMethod(account, before)
  if (behavior === 'cancel') return endSubscription(account, before.id)
  throw nothingToPayWith()
}

/** When a subscription ends is its schedule's business, where it has one. */
function checkSchedule({ schedule }: Subscription, params: Params): void {
  const ends = params.cancel_at !== undefined || params.cancel_at_period_end !== undefined
  if (!schedule || !ends) return
  throw invalidRequest(
    `The subscription is managed by the subscription schedule \`${schedule}\`, and updating any cancelation behavior directly is not allowed. Please update the schedule instead.`,
  )
}

const alwaysAllowed = ['expand', 'metadata', 'cancellation_details']
const whileIncomplete = ['metadata', 'description', 'default_source', 'default_payment_method', 'expand']
const pendingParams = [
  'add_invoice_items',
  'billing_cycle_anchor',
  'cancel_at_period_end',
  'discounts',
  'expand',
  'items',
  'metadata',
  'off_session',
  'payment_behavior',
  'proration_behavior',
  'proration_date',
  'trial_end',
  'trial_from_plan',
]

function checkStatus(before: Subscription, params: Params): void {
  const names = Object.keys(params)
  if (before.status === 'canceled' || before.status === 'incomplete_expired') {
    if (names.every((name) => alwaysAllowed.includes(name))) return
    throw invalidRequest(
      'A canceled subscription can only update its cancellation_details and metadata.',
      undefined,
      'invalid_canceled_subscription_fields',
    )
  }
  const other = before.status === 'incomplete' && names.find((name) => !whileIncomplete.includes(name))
  if (other) {
    throw new ApiError(
      400,
      `Cannot update ${other} on an incomplete subscription. Only metadata, description, default_source and default_payment_method can be updated.`,
      { code: 'status_transition_invalid', param: other },
    )
  }
  if (params.trial_from_plan) throw notSupported('trial_from_plan on updates: set trial_end')
}

function checkPendingParams(params: Params): void {
  const other = Object.keys(params).find((name) => !pendingParams.includes(name))
  if (!other) return
  throw invalidRequest(
    `When \`payment_behavior\` is set to \`pending_if_incomplete\`, you may only pass supported params. \`${other}\` is not supported. See https://stripe.com/docs/billing/subscriptions/pending-updates-reference#supported-attributes.`,
    other,
  )
}
