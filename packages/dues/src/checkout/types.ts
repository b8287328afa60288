import type { IntervalOf, PaidPlanName, Plans } from '../catalogue/plans.ts'
import type { Member, Owner } from '../entitlements/types.ts'

/** A hosted Checkout that waits for its owner. */
export type StartedCheckout = { readonly sessionId: string; readonly url: string }

/** Which plan, for whom. */
export type CheckoutRequest<P extends Plans, K extends PaidPlanName<P> = PaidPlanName<P>> = {
  readonly owner: Owner
  readonly plan: K
  readonly interval: IntervalOf<P, K>
  /** Where Stripe sends people back to, `https://club.example`, for an app without a `baseUrl`. */
  readonly origin?: string | undefined
}

/** What somebody bought, as Stripe tells it. */
export type CompletedCheckout<P extends Plans = Plans> = {
  readonly sessionId: string
  /**
   * `complete`: paid, or nothing to pay yet (a trial, a full discount). `processing`: a slow payment method that has not
   * told yet. `open`: not finished, `expired`: over.
   */
  readonly outcome: 'complete' | 'processing' | 'open' | 'expired'
  readonly plan: PaidPlanName<P> | null
  readonly interval: IntervalOf<P> | null
  /** What was charged today, in minor units of `currency`. */
  readonly amountTotal: number
  readonly currency: string
  readonly trialEndsAt: Date | null
  readonly renewsAt: Date | null
  /** The membership, mirrored a moment ago. */
  readonly member: Member<P>
}

/** `dues.checkout` */
export interface CheckoutFacade<P extends Plans = Plans> {
  /**
   * Starts a hosted Checkout for one plan and interval. An open one for the same price is handed out again, one for another
   * price is expired first, so that an owner cannot buy twice.
   *
   * Errors: `plan_unknown`, `interval_unknown`, `already_subscribed` (switch instead), `price_unavailable`, `busy`,
   * `stripe_unavailable`, `stripe_refused`.
   *
   * @see https://docs.stripe.com/api/checkout/sessions/create
   * @example
   * const { url } = await dues.checkout.start({ owner: { id: user.id, email: user.email }, plan: 'pro', interval: 'monthly' })
   */
  start<K extends PaidPlanName<P>>(request: CheckoutRequest<P, K>): Promise<StartedCheckout>
  /**
   * Asks Stripe for a session, checks that it is this owner's, mirrors what it made at once, and says what was bought.
   *
   * Errors: `not_found`, `not_your_session`, `payment_failed` (a card that has had its trial, and was not charged in its place),
   * `stripe_unavailable`.
   *
   * @see https://docs.stripe.com/payments/checkout/custom-success-page
   */
  complete(owner: Owner, sessionId: string): Promise<CompletedCheckout<P>>
}
