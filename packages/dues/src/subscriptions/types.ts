import type { IntervalOf, PaidPlanName, PlanName, Plans } from '../catalogue/plans.ts'
import type { Transition } from '../entitlements/transition.ts'
import type { Member } from '../entitlements/types.ts'

/** One line of a preview. `amount` is negative for what is given back. */
export type PreviewLine = {
  readonly description: string
  readonly amount: number
  readonly proration: boolean
  readonly period: { readonly start: Date; readonly end: Date }
}

/** What a switch would cost, before it is confirmed. Amounts in minor units of `currency`. */
export type SwitchPreview<P extends Plans = Plans> = {
  readonly from: { readonly plan: PlanName<P> | null; readonly interval: IntervalOf<P> | null }
  readonly to: { readonly plan: PaidPlanName<P>; readonly interval: IntervalOf<P> }
  readonly currency: string
  readonly lines: readonly PreviewLine[]
  /** What unused time of the old price gives back, 0 or more. */
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

export type SwitchOptions = {
  /** Unix seconds, from the preview that was shown. */
  readonly prorationDate?: number
}

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
  /** `periodEnd` (unless told otherwise): what was paid for lasts. `now`: it is over at once, nothing is paid back. */
  readonly when?: 'periodEnd' | 'now'
  readonly feedback?: CancelFeedback
  /** The member's own words, 5,000 characters at most. */
  readonly comment?: string
}

export type PortalOptions = {
  /** A path of the app to come back to; the account page unless told. */
  readonly returnTo?: string | undefined
  /** The app's own origin, for an app without a `baseUrl`. */
  readonly origin?: string | undefined
}

/** `dues.subscriptions` */
export interface SubscriptionsFacade<P extends Plans = Plans> {
  /**
   * What a switch would cost today: lines, credit, due today, and the next invoice.
   *
   * Errors: `not_subscribed`, `already_on_plan`, `plan_unknown`, `interval_unknown`, `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/api/invoices/create_preview
   */
  preview<K extends PaidPlanName<P>>(owner: string, plan: K, interval: IntervalOf<P, K>): Promise<SwitchPreview<P>>
  /**
   * Changes the price of the subscription that there is, with prorations, and charges the difference now. Never a second
   * subscription. When the payment fails the old plan stays.
   *
   * Errors: those of `preview`; `payment_failed` and `action_required` with `details.payUrl`, where the member can pay.
   *
   * @see https://docs.stripe.com/billing/subscriptions/pending-updates
   */
  switchTo<K extends PaidPlanName<P>>(
    owner: string,
    plan: K,
    interval: IntervalOf<P, K>,
    options?: SwitchOptions,
  ): Promise<Member<P>>
  /**
   * Ends the subscription at the end of its period, or now.
   *
   * Errors: `nothing_to_cancel`, `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/billing/subscriptions/cancel
   */
  cancel(owner: string, options?: CancelOptions): Promise<Member<P>>
  /**
   * Takes a scheduled end back, whichever way it was set (`cancel_at_period_end` or `cancel_at`).
   *
   * Errors: `nothing_to_resume`, `stripe_unavailable`.
   */
  resume(owner: string): Promise<Member<P>>
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
