import type { AddOnNumbers, WantedAddOns } from '../catalogue/add-ons.ts'
import type { IntervalOf, PaidPlanName, PlanName, Plans } from '../catalogue/plans.ts'
import type { Transition } from '../entitlements/transition.ts'
import type { Member } from '../entitlements/types.ts'
import type { EndRefundWish } from '../invoices/types.ts'

/** One line of a preview. `amount` is negative for what is given back. */
export type PreviewLine = {
  readonly description: string
  readonly amount: number
  readonly proration: boolean
  readonly period: { readonly start: Date; readonly end: Date }
}

/** What a change would cost, before it is confirmed. Amounts in minor units of `currency`. */
export type ChangePreview<P extends Plans = Plans> = {
  readonly from: {
    readonly plan: PlanName<P> | null
    readonly interval: IntervalOf<P> | null
    readonly addOns: AddOnNumbers<P>
  }
  /** `interval` is null where a price stays that is none of today's catalogue, `quantity` for a metered price. */
  readonly to: {
    readonly plan: PaidPlanName<P>
    readonly interval: IntervalOf<P> | null
    readonly quantity: number | null
    /** Those that the plan may not have are 0: they go with the change, and `lines` shows what they give back. */
    readonly addOns: AddOnNumbers<P>
  }
  /** Give it back when confirming: `periodEnd` is planned and charged with the next invoice. */
  readonly when: 'now' | 'periodEnd'
  /** When the change is made. */
  readonly at: Date
  readonly currency: string
  readonly lines: readonly PreviewLine[]
  /** What unused time of the old price gives back, 0 or more. Units of what is left are in `lines`. */
  readonly credit: number
  /** What the card is charged on confirmation, 0 or more. */
  readonly dueToday: number
  /** What is left over as credit for the next invoices, 0 or more. */
  readonly creditLeft: number
  /** The invoice after that, if the subscription goes on. */
  readonly nextInvoice: { readonly amount: number; readonly at: Date } | null
  /** Unix seconds. Give it back when confirming, and what was shown is what is charged. */
  readonly prorationDate: number
}

/** What a switch to another plan or interval would cost. */
export type SwitchPreview<P extends Plans = Plans> = ChangePreview<P> & {
  readonly to: { readonly interval: IntervalOf<P> }
}

/** When a change is made and how it is billed. */
export type ChangeOptions = {
  /**
   * `now`, or `periodEnd`: planned by a schedule, and to be taken back with `undoSwitch`. Unless told, more is now and less is at the end of
   * the period that was paid for.
   */
  readonly when?: 'now' | 'periodEnd' | undefined
  /** For a change now. `prorated` (unless told): unused time is given back, the rest of the period charged. `none`: neither of them. */
  readonly proration?: 'prorated' | 'none' | undefined
  /** For a change now. `now` (unless told): an invoice at once. `nextInvoice`: with the next renewal; another interval is charged at once all the same. */
  readonly charge?: 'now' | 'nextInvoice' | undefined
  /**
   * `now`: the change begins a new period today, from which all to come are counted, and is charged for the whole of it less the unused time.
   * For a change that is made now, and not on trial. Give it to the preview as well.
   *
   * @see https://docs.stripe.com/billing/subscriptions/billing-cycle#change-the-current-billing-cycle
   */
  readonly anchor?: 'now' | undefined
  /** Unix seconds, from the preview that was shown. */
  readonly prorationDate?: number | undefined
}

/** How a period that begins anew is billed: unused time of the old one is given back unless told `none`. */
export type AnchorOptions = Pick<ChangeOptions, 'proration' | 'prorationDate'>

/** What is changed besides the plan, all of it at once. */
export type SwitchOptions<P extends Plans = Plans, K extends PlanName<P> = PaidPlanName<P>> = ChangeOptions & {
  /** How many units or seats; unless told as many as now, or the nearest number that another plan is sold by. */
  readonly quantity?: number | undefined
  /** How many of each add-on; as many as now, unless told, and none of what the plan may not have. */
  readonly addOns?: WantedAddOns<P, K> | undefined
}

/** What somebody comes back to besides the plan. */
export type ComeBackOptions<P extends Plans = Plans, K extends PlanName<P> = PaidPlanName<P>> = Pick<
  SwitchOptions<P, K>,
  'quantity' | 'addOns'
>

/**
 * Why somebody leaves, in Stripe's words.
 *
 * @see https://docs.stripe.com/api/subscriptions/cancel#cancel_subscription-cancellation_details-feedback
 */
export const cancelFeedback = [
  'customer_service',
  'low_quality',
  'missing_features',
  'other',
  'switched_service',
  'too_complex',
  'too_expensive',
  'unused',
] as const
export type CancelFeedback = (typeof cancelFeedback)[number]

export type CancelOptions = {
  /** `periodEnd` (unless told otherwise): what was paid for lasts. `now`: it is over at once. Or the day on which it ends. */
  readonly when?: 'periodEnd' | 'now' | Date | undefined
  /**
   * What becomes of paid time that is given up, where it ends now or on a day. `none` (unless told): it is given up. `credit`: it goes to the
   * customer's balance, for whoever comes back.
   */
  readonly unused?: 'none' | 'credit' | undefined
  /**
   * For `when: 'now'`, by the app's staff: money that goes back to the card. `unused`: what was paid by card for the time that is left, to the
   * second. `period`: all that was paid by card for the present period. Or an amount in minor units, of the newest payments. Once, however
   * often it is asked for: it is written down before the end, and paid after it, by a job if need be.
   */
  readonly refund?: EndRefundWish | undefined
  /** Where it ends now: whether what is pending (usage, items by hand) is invoiced. Unless told, it is with `credit` alone. */
  readonly invoice?: boolean | undefined
  readonly feedback?: CancelFeedback
  /** The member's own words, 5,000 characters at most. */
  readonly comment?: string
}

/** What an end would give back now. Minor units of `currency`, which is null where nothing was ever billed. */
export type CancelPreview = {
  /** The last day with `when: 'periodEnd'`; null for what is unpaid, paused or not begun, which ends at once. */
  readonly periodEnd: Date | null
  readonly currency: string | null
  /** With `when: 'now', unused: 'credit'`: to the second of the preview. A cancellation that comes later credits less. */
  readonly credit: number
  /** With `when: 'now', refund: 'unused'`. To pay back exactly what was shown, confirm with the number. */
  readonly unused: number
  /** With `when: 'now', refund: 'period'`. */
  readonly period: number
}

export type PauseOptions = {
  /** What becomes of the rest of the paid period. `credit` (unless told): it pays for the time after the pause. `none`: it is given up. */
  readonly unused?: 'credit' | 'none' | undefined
}

/** A discount of Stripe's: a coupon by its id, or a promotion code as people write it. */
export type Discount = { readonly coupon: string } | { readonly promotionCode: string }

export type PortalOptions = {
  /** A path of the app to come back to; the account page unless told. */
  readonly returnTo?: string | undefined
  /** The app's own origin, for an app without a `baseUrl`. */
  readonly origin?: string | undefined
}

/** `dues.subscriptions` */
export interface SubscriptionsFacade<P extends Plans = Plans> {
  /**
   * What a switch would cost: lines, credit, due today, and the next invoice, in minor units.
   *
   * Errors: `not_subscribed`, `already_on_plan`, `plan_unknown`, `interval_unknown`, `currency_unknown`, `bad_request`, `add_on_unknown`, `add_on_unavailable`, `membership_ending`,
   * `membership_paused`, `seat_below_usage`, `limit_below_usage`, `payment_failed` (an unpaid renewal), `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/api/invoices/create_preview
   * @example
   * const { dueToday, when, prorationDate } = await dues.subscriptions.preview(user.id, 'ent', 'monthly')
   * await dues.subscriptions.switchTo(user.id, 'ent', 'monthly', { when, prorationDate }) // charges `dueToday`
   */
  preview<K extends PaidPlanName<P>>(
    owner: string,
    plan: K,
    interval: IntervalOf<P, K>,
    options?: Omit<SwitchOptions<P, K>, 'prorationDate'>,
  ): Promise<SwitchPreview<P>>
  /**
   * Changes the price of the subscription that there is: never a second subscription. More is made now and charged now; when that payment
   * fails the old plan stays. Less is planned for the end of the period, shows as `member.changesTo`, and can be taken back with
   * `undoSwitch`. Either can be told otherwise. A switch takes the place of one that was planned.
   *
   * Add-ons come along, at the prices of the new interval; those that the new plan may not have go, and what was paid for them and not used is
   * credited, as the preview shows. Plan, interval, quantity and add-ons may all change at once: it is one request to Stripe and one invoice.
   *
   * Errors: those of `preview`; `preview_expired`; `payment_failed` and `action_required` with `details.payUrl`, where the member can pay;
   * `busy`.
   *
   * @see https://docs.stripe.com/billing/subscriptions/upgrade-downgrade
   * @see https://docs.stripe.com/billing/subscriptions/pending-updates
   * @example
   * const member = await dues.subscriptions.switchTo(user.id, 'pro', 'monthly')
   * member.changesTo // { plan: 'pro', interval: 'monthly', addOns: {…}, at: the end of the period that was paid for }
   * await dues.subscriptions.switchTo(user.id, 'pro', 'yearly', { quantity: 3, addOns: { storage: 2, support: 0 } })
   */
  switchTo<K extends PaidPlanName<P>>(
    owner: string,
    plan: K,
    interval: IntervalOf<P, K>,
    options?: SwitchOptions<P, K>,
  ): Promise<Member<P>>
  /**
   * Takes back a change that was planned for the end of the period. Twice is once.
   *
   * Errors: `nothing_to_undo`, `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/api/subscription_schedules/release
   */
  undoSwitch(owner: string): Promise<Member<P>>
  /**
   * What another number of units or seats would cost. Errors: those of `setQuantity`.
   *
   * @see https://docs.stripe.com/billing/subscriptions/quantities
   */
  previewQuantity(
    owner: string,
    quantity: number,
    options?: Omit<ChangeOptions, 'prorationDate'>,
  ): Promise<ChangePreview<P>>
  /**
   * Another number of units or seats of the plan: more now and charged now, fewer from the next period on, unless told otherwise. Fewer than
   * are in use (`createDues({ seatsInUse })`) is refused. A planned change of plan stays planned, for as many.
   *
   * Errors: `bad_request` (no number that the plan is sold by), `seat_below_usage` with `details.used`, `already_on_plan`, and those of
   * `switchTo`.
   *
   * @see https://docs.stripe.com/billing/subscriptions/quantities
   * @example
   * await dues.subscriptions.setQuantity(team.id, 12)
   */
  setQuantity(owner: string, quantity: number, options?: ChangeOptions): Promise<Member<P>>
  /**
   * What other numbers of add-ons would cost. Errors: those of `setAddOns`.
   *
   * @see https://docs.stripe.com/api/invoices/create_preview
   */
  previewAddOns(
    owner: string,
    addOns: WantedAddOns<P>,
    options?: Omit<ChangeOptions, 'prorationDate'>,
  ): Promise<ChangePreview<P>>
  /**
   * Other numbers of add-ons, several at once: what is named becomes as many, 0 takes it away, and what is not named stays. More is made now
   * and charged now; fewer of some and more of none is planned for the end of the period, shows as `member.changesTo`, and can be taken back
   * with `undoSwitch`. Either can be told otherwise. A planned change of plan stays planned, with as many. Items that were added by hand in
   * Stripe's dashboard are left as they are.
   *
   * Errors: `add_on_unknown`, `add_on_unavailable` (the plan is not sold with it), `bad_request` (a number that it is not sold by),
   * `limit_below_usage` with `details.used`, `already_on_plan`, and those of `switchTo`.
   *
   * @see https://docs.stripe.com/billing/subscriptions/quantities#multiple-product-sub
   * @example
   * const { dueToday, prorationDate } = await dues.subscriptions.previewAddOns(user.id, { storage: 3 })
   * await dues.subscriptions.setAddOns(user.id, { storage: 3 }, { prorationDate }) // charges `dueToday`
   * await dues.subscriptions.setAddOns(user.id, { storage: 0, support: 1 })
   */
  setAddOns(owner: string, addOns: WantedAddOns<P>, options?: ChangeOptions): Promise<Member<P>>
  /**
   * What it would cost to begin a new period today. Errors: those of `resetAnchor`.
   *
   * @see https://docs.stripe.com/api/invoices/create_preview
   */
  previewAnchor(owner: string, options?: Omit<AnchorOptions, 'prorationDate'>): Promise<ChangePreview<P>>
  /**
   * Begins a new period today, from which all to come are counted, with nothing else changed: charges the whole of it less the unused time of
   * the old one. When that fails the old period goes on. A planned change stays planned, for the end of the new period. Twice is once.
   *
   * Errors: `not_subscribed`, `bad_request` (on trial), `membership_paused`, `preview_expired`; `payment_failed` and `action_required` with
   * `details.payUrl`; `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/billing/subscriptions/billing-cycle#change-the-current-billing-cycle
   * @example
   * const { dueToday, prorationDate } = await dues.subscriptions.previewAnchor(user.id)
   * const member = await dues.subscriptions.resetAnchor(user.id, { prorationDate }) // charges `dueToday`
   * member.renewsAt // a month from now
   */
  resetAnchor(owner: string, options?: AnchorOptions): Promise<Member<P>>
  /**
   * Ends the subscription at the end of its period, on a day, or now, with or without credit for what was paid and not used. A change that was
   * planned is planned no more. What is unpaid, paused or not begun ends at once.
   *
   * Errors: `nothing_to_cancel`, `bad_request` (a day that is past, a refund of what ends later), `refund_too_large` with `details.left` (nothing
   * was ended), `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/billing/subscriptions/cancel
   * @example
   * await dues.subscriptions.cancel(user.id, { feedback: 'too_expensive', comment: 'Until next year.' })
   * await dues.subscriptions.cancel(user.id, { when: 'now', unused: 'credit' })
   * await dues.subscriptions.cancel(user.id, { when: 'now', refund: 'unused' })
   */
  cancel(owner: string, options?: CancelOptions): Promise<Member<P>>
  /**
   * What an end would give back, each way that `cancel` knows: to show before it is confirmed.
   *
   * Errors: `nothing_to_cancel`, `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/api/invoices/create_preview
   * @example
   * const { unused } = await dues.subscriptions.previewCancel(user.id)
   * await dues.subscriptions.cancel(user.id, { when: 'now', refund: unused }) // pays back what was shown
   */
  previewCancel(owner: string): Promise<CancelPreview>
  /**
   * Takes a scheduled end back, whichever way it was set (`cancel_at_period_end` or `cancel_at`).
   *
   * Errors: `nothing_to_resume`, `period_over` (it has ended: choose a plan to come back), `stripe_unavailable`.
   */
  resume(owner: string): Promise<Member<P>>
  /**
   * Puts a membership to rest: nothing is charged, and there is no access, until it is unpaused. What is left of the paid period pays for the
   * time after. Stripe's `paused`, not its `pause_collection`. A planned change is planned no more. Twice is once.
   *
   * Errors: `not_subscribed`, `membership_ending`, `payment_failed` (an unpaid renewal), `bad_request` (paid by invoice), `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/api/subscriptions/pause
   * @example
   * const member = await dues.subscriptions.pause(user.id)
   * member.paused() // true
   */
  pause(owner: string, options?: PauseOptions): Promise<Member<P>>
  /**
   * Lets a paused membership go on, with a new period from today; charges it less the credit of the pause, and stays paused until that is
   * paid. Takes back a `pause_collection` as well. Twice is once.
   *
   * Errors: `not_paused`; `payment_failed` and `action_required` with `details.payUrl`; `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/api/subscriptions/resume
   */
  unpause(owner: string): Promise<Member<P>>
  /**
   * Makes a trial longer or shorter: its first period begins, and is charged, on that day.
   *
   * Errors: `not_on_trial`, `bad_request` (a day that is past), `stripe_refused` (more than two years), `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/billing/subscriptions/trials
   * @example
   * await dues.subscriptions.moveTrialEnd(user.id, new Date('2027-03-01'))
   */
  moveTrialEnd(owner: string, until: Date): Promise<Member<P>>
  /**
   * Ends a trial now: the first period begins and is charged. When that fails the trial goes on as it was.
   *
   * Errors: `not_on_trial`; `payment_failed` and `action_required` with `details.payUrl`; `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/billing/subscriptions/trials
   */
  endTrial(owner: string): Promise<Member<P>>
  /**
   * Gives a discount from the next invoice on, in place of any that there is. A promotion code is given as people write it.
   *
   * Errors: `discount_invalid` (no such code, expired, used up, not for this plan), `not_subscribed`, `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/billing/subscriptions/coupons
   * @example
   * await dues.subscriptions.applyDiscount(user.id, { promotionCode: 'SPRING' })
   */
  applyDiscount(owner: string, discount: Discount): Promise<Member<P>>
  /** Takes every discount away, from the next invoice on. Errors: `not_subscribed`, `stripe_unavailable`. */
  removeDiscount(owner: string): Promise<Member<P>>
  /**
   * Subscribes somebody again whose last membership is over, with the card that is known: no Checkout. Charged now, and without a trial. Two
   * clicks, and a Checkout in another window, come to one purchase.
   *
   * Errors: `not_subscribed` (never was), `no_payment_method` (use a Checkout), `already_subscribed`, `payment_failed` (nothing is left
   * behind), `action_required` with `details.payUrl` (the subscription waits there), `plan_unknown`, `interval_unknown`, `currency_unknown`, `busy`,
   * `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/api/subscriptions/create
   * @example
   * await dues.subscriptions.comeBack(user.id, 'pro', 'monthly')
   */
  comeBack<K extends PaidPlanName<P>>(
    owner: string,
    plan: K,
    interval: IntervalOf<P, K>,
    options?: ComeBackOptions<P, K>,
  ): Promise<Member<P>>
  /**
   * A link to Stripe's customer portal, good for a few minutes.
   *
   * Errors: `not_subscribed` (never was a customer), `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/api/customer_portal/sessions/create
   */
  portal(owner: string, options?: PortalOptions): Promise<{ url: string }>
  /** What happened to an owner's memberships, the newest first. */
  history(owner: string): Promise<Transition<P>[]>
}
