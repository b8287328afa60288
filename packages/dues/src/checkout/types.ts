import type { AddOnNumbers, WantedAddOns } from '../catalogue/add-ons.ts'
import type { IntervalOf, PaidPlanName, PlanName, Plans } from '../catalogue/plans.ts'
import type { Member, Owner } from '../entitlements/types.ts'
import type { Invoice } from '../invoices/types.ts'

/** A hosted Checkout that waits for its owner. */
export type StartedCheckout = { readonly sessionId: string; readonly url: string }

/** What an app may want of every Checkout: `createDues({ checkout })`. A single one may want it otherwise. */
export type CheckoutDefaults = {
  /** Whether the page asks for a promotion code; it does unless told, and never where a discount is given. */
  readonly askPromotionCode?: boolean
  /**
   * Asks a company for its tax id, and keeps it with the customer.
   *
   * @see https://docs.stripe.com/tax/checkout/tax-ids
   */
  readonly taxIds?: boolean
  /**
   * Has Stripe work out the tax, by the address that the page then asks for.
   *
   * @see https://docs.stripe.com/tax/checkout
   */
  readonly automaticTax?: boolean
  /** The language of the page, `de`, `pt-BR`; the browser's own unless told. */
  readonly locale?: string
}

/** How a Checkout is to be. */
export type CheckoutOptions<P extends Plans = Plans, K extends PlanName<P> = PaidPlanName<P>> = CheckoutDefaults & {
  /** How many; the plan's `quantity.min` unless told, or 1. */
  readonly quantity?: number
  /** How many of each add-on besides, of those that the plan may have: `{ storage: 2 }`. */
  readonly addOns?: WantedAddOns<P, K>
  /** A promotion code as people type it: `SPRING`. One that Stripe does not know or that has run out is refused. */
  readonly promotionCode?: string
  /** The id of a coupon. For the app's own code, never out of a form: who knows its id would have it. */
  readonly coupon?: string
  /** One of the price's currencies: its own, or one of its `currencyOptions`. */
  readonly currency?: string
  /** Kept with the session and the subscription, as the app likes it. */
  readonly metadata?: Readonly<Record<string, string>>
  /** `false`: no trial, though the plan has one and this owner has not had it. */
  readonly trial?: boolean
}

/** Which plan, for whom, and how. */
export type CheckoutRequest<P extends Plans, K extends PaidPlanName<P> = PaidPlanName<P>> = CheckoutOptions<P, K> & {
  readonly owner: Owner
  readonly plan: K
  readonly interval: IntervalOf<P, K>
  /** Where Stripe sends people back to, `https://club.example`, for an app without a `baseUrl`. */
  readonly origin?: string | undefined
}

/** Which plan, for whom, to be paid by invoice. */
export type ByInvoiceRequest<P extends Plans = Plans, K extends PaidPlanName<P> = PaidPlanName<P>> = Pick<
  CheckoutOptions<P, K>,
  'quantity' | 'addOns' | 'promotionCode' | 'coupon' | 'currency' | 'metadata' | 'automaticTax'
> & {
  /** With the email that invoices are sent to. */
  readonly owner: Owner
  readonly plan: K
  readonly interval: IntervalOf<P, K>
  /** 30 unless told. */
  readonly daysUntilDue?: number
  /** Sends the first invoice at once instead of after an hour, in which it can still be changed at Stripe. */
  readonly sendNow?: boolean
}

export type StartedByInvoice = { readonly subscription: string; readonly invoice: Invoice | null }

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
  readonly addOns: AddOnNumbers<P>
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
   * Errors: `plan_unknown`, `interval_unknown`, `currency_unknown`, `add_on_unknown`, `add_on_unavailable` (the plan is not sold with it),
   * `discount_invalid`, `bad_request` (a quantity that the plan or the add-on is not sold in), `already_subscribed` (switch instead), `price_unavailable`, `busy`, `stripe_unavailable`, `stripe_refused`.
   *
   * @see https://docs.stripe.com/api/checkout/sessions/create
   * @example
   * const { url } = await dues.checkout.start({ owner: { id: user.id, email: user.email }, plan: 'pro', interval: 'monthly' })
   * await dues.checkout.start({ owner, plan: 'team', interval: 'yearly', quantity: 5, promotionCode: 'SPRING', currency: 'eur', taxIds: true })
   * await dues.checkout.start({ owner, plan: 'pro', interval: 'monthly', addOns: { storage: 2 } })
   */
  start<K extends PaidPlanName<P>>(request: CheckoutRequest<P, K>): Promise<StartedCheckout>
  /**
   * Starts a membership that is paid by invoice and not by card: for Enterprise, by the app's staff. It is active at once; what becomes of an
   * invoice that is not paid when it is due, Stripe's settings say. Two clicks start one.
   *
   * Errors: those of `start`; `bad_request` also for an owner without an email.
   *
   * @see https://docs.stripe.com/billing/collection-method
   * @example
   * await dues.checkout.startByInvoice({ owner: { id: 'acme', email: 'books@acme.example' }, plan: 'ent', interval: 'yearly', quantity: 40 })
   */
  startByInvoice<K extends PaidPlanName<P>>(request: ByInvoiceRequest<P, K>): Promise<StartedByInvoice>
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
