import type { AddOnNumbers, WantedAddOns } from '../catalogue/add-ons.ts'
import type {
  CurrentPlan,
  FeatureName,
  IntervalOf,
  LimitName,
  PaidPlanName,
  PlanName,
  Plans,
} from '../catalogue/plans.ts'
import type { CheckoutOptions, StartedCheckout } from '../checkout/types.ts'
import type {
  AnchorOptions,
  CancelOptions,
  CancelPreview,
  ChangeOptions,
  ChangePreview,
  ComeBackOptions,
  Discount,
  PauseOptions,
  PortalOptions,
  SwitchOptions,
  SwitchPreview,
} from '../subscriptions/types.ts'
import type { Usage, UseOptions } from '../usage/types.ts'

/** Who pays: a user or an organisation, by the host app's own id. */
export type Owner = { readonly id: string; readonly email?: string | null; readonly name?: string | null }

/** Stripe's own words for a subscription's status. */
export const subscriptionStatuses = [
  'incomplete',
  'incomplete_expired',
  'trialing',
  'active',
  'past_due',
  'unpaid',
  'canceled',
  'paused',
] as const
export type SubscriptionStatus = (typeof subscriptionStatuses)[number]

/** Where a membership stands: Stripe's status, or `granted` (given by hand), or `none` (never subscribed). */
export const membershipStates = [...subscriptionStatuses, 'granted', 'none'] as const
export type MembershipState = (typeof membershipStates)[number]

/** The price that an owner's subscription is on. `plan` and `interval` are null for a price that the catalogue does not know. */
export type MemberPrice<P extends Plans> = {
  /** Stripe's price id. */
  readonly id: string
  readonly plan: PlanName<P> | null
  readonly interval: IntervalOf<P> | null
  /** For one unit, in minor units of `currency`; null where the price is in tiers, or none of today's catalogue. */
  readonly amount: number | null
  readonly currency: string | null
  /** How many of each add-on are paid for beside it, also while they give no access. */
  readonly addOns: AddOnNumbers<P>
}

/** A change of plan or add-ons that is planned. `interval` is null for a price that is none of today's catalogue. */
export type ChangesTo<P extends Plans = Plans> = {
  readonly plan: PlanName<P>
  readonly interval: IntervalOf<P> | null
  readonly addOns: AddOnNumbers<P>
  readonly at: Date
}

/**
 * What an owner has now, asked in English. It is a picture of one moment: each action answers with a new one.
 *
 * @example
 * const member = await dues.member(user.id)
 * if (!member.can('export')) return redirect('/pricing')
 */
export interface Member<P extends Plans = Plans> {
  readonly owner: string
  /** The plan whose features the owner has now; the free plan where no access is paid for. */
  readonly plan: CurrentPlan<P>
  /** How many of each add-on count now: none where the subscription gives no access. */
  readonly addOns: AddOnNumbers<P>
  /** The interval of the subscription, null without one. */
  readonly interval: IntervalOf<P> | null
  readonly state: MembershipState
  /** What is or was subscribed to, also while it gives no access (`unpaid`, `incomplete`); null without a subscription. */
  readonly price: MemberPrice<P> | null
  /** When the next period is charged; null when nothing will be charged. */
  readonly renewsAt: Date | null
  /** When access ends or ended, if nothing is done about it. */
  readonly endsAt: Date | null
  readonly trialEndsAt: Date | null
  /** Another plan or other add-ons from a day on, as a change with `when: 'periodEnd'` left it; `undoSwitch()` takes it back. */
  readonly changesTo: ChangesTo<P> | null

  /** Has this very plan now. `on('free')` is true for everybody without a paid one. */
  on(plan: PlanName<P>): boolean
  /** Has access by a subscription or a grant, whatever its state is called. */
  subscribed(): boolean
  /** In a paid period (Stripe's `active`), also when it is going to end. */
  active(): boolean
  trialing(): boolean
  /** Has access on borrowed time: cancelled with some period left, or past due and inside the grace policy. It ends at `endsAt`. */
  onGracePeriod(): boolean
  /** The last renewal was not paid and Stripe goes on trying. */
  pastDue(): boolean
  /** Live, with an end already set. */
  cancelling(): boolean
  /** There was a subscription, and it is over. */
  ended(): boolean
  /** Stripe's `paused`: a trial that ended without a card, or a pause by the API. */
  paused(): boolean
  /** The first payment has not gone through yet. */
  incomplete(): boolean
  /** `resume()` would bring it back. */
  canResume(): boolean

  /** The plan or an add-on has this feature: a switch that is on, or a limit above 0. */
  can(feature: FeatureName<P>): boolean
  /** How many of it, the plan's and the add-ons' together; `Infinity` where there is no limit, 0 where both lack it. */
  limit(feature: LimitName<P>): number

  /** Counts a use of a limit, or refuses it (`limit_reached`). Counted now and not by this picture. See `dues.usage.use`. */
  use(feature: LimitName<P>, amount?: number, options?: UseOptions): Promise<Usage>
  /** Gives back what was used. See `dues.usage.release`. */
  release(feature: LimitName<P>, amount?: number, options?: UseOptions): Promise<Usage>
  /** How many of it are left in this period, asked now: `Infinity` without a limit, 0 where the plan lacks it. */
  remaining(feature: LimitName<P>): Promise<number>
  /** Every limit: used, remaining, and when the count begins anew. See `dues.usage.of`. */
  usage(): Promise<{ readonly [Feature in LimitName<P>]: Usage }>

  /** Starts a Checkout; redirect to its `url`. See `dues.checkout.start`. */
  checkout<K extends PaidPlanName<P>>(
    plan: K,
    interval: IntervalOf<P, K>,
    options?: CheckoutOptions<P, K>,
  ): Promise<StartedCheckout>
  /** What a switch would cost today. See `dues.subscriptions.preview`. */
  preview<K extends PaidPlanName<P>>(
    plan: K,
    interval: IntervalOf<P, K>,
    options?: Omit<SwitchOptions<P, K>, 'prorationDate'>,
  ): Promise<SwitchPreview<P>>
  /** Changes the subscription's price. See `dues.subscriptions.switchTo`. */
  switchTo<K extends PaidPlanName<P>>(
    plan: K,
    interval: IntervalOf<P, K>,
    options?: SwitchOptions<P, K>,
  ): Promise<Member<P>>
  /** Takes back a change that was planned. See `dues.subscriptions.undoSwitch`. */
  undoSwitch(): Promise<Member<P>>
  /** What another number of units or seats would cost. See `dues.subscriptions.previewQuantity`. */
  previewQuantity(quantity: number, options?: Omit<ChangeOptions, 'prorationDate'>): Promise<ChangePreview<P>>
  /** Another number of units or seats. See `dues.subscriptions.setQuantity`. */
  setQuantity(quantity: number, options?: ChangeOptions): Promise<Member<P>>
  /** What other numbers of add-ons would cost. See `dues.subscriptions.previewAddOns`. */
  previewAddOns(addOns: WantedAddOns<P>, options?: Omit<ChangeOptions, 'prorationDate'>): Promise<ChangePreview<P>>
  /** Other numbers of add-ons; 0 takes one away. See `dues.subscriptions.setAddOns`. */
  setAddOns(addOns: WantedAddOns<P>, options?: ChangeOptions): Promise<Member<P>>
  /** What it would cost to begin a new period today. See `dues.subscriptions.previewAnchor`. */
  previewAnchor(options?: Omit<AnchorOptions, 'prorationDate'>): Promise<ChangePreview<P>>
  /** Begins a new period today. See `dues.subscriptions.resetAnchor`. */
  resetAnchor(options?: AnchorOptions): Promise<Member<P>>
  /** Ends the subscription at the end of its period, or now. See `dues.subscriptions.cancel`. */
  cancel(options?: CancelOptions): Promise<Member<P>>
  /** What an end would give back. See `dues.subscriptions.previewCancel`. */
  previewCancel(): Promise<CancelPreview>
  /** Takes a cancellation back before the period is over. See `dues.subscriptions.resume`. */
  resume(): Promise<Member<P>>
  /** Puts the membership to rest. See `dues.subscriptions.pause`. */
  pause(options?: PauseOptions): Promise<Member<P>>
  /** Lets a paused membership go on. See `dues.subscriptions.unpause`. */
  unpause(): Promise<Member<P>>
  /** Makes the trial longer or shorter. See `dues.subscriptions.moveTrialEnd`. */
  moveTrialEnd(until: Date): Promise<Member<P>>
  /** Ends the trial now, and charges the first period. See `dues.subscriptions.endTrial`. */
  endTrial(): Promise<Member<P>>
  /** A coupon or a promotion code, from the next invoice on. See `dues.subscriptions.applyDiscount`. */
  applyDiscount(discount: Discount): Promise<Member<P>>
  removeDiscount(): Promise<Member<P>>
  /** Subscribes again with the card that is known. See `dues.subscriptions.comeBack`. */
  comeBack<K extends PaidPlanName<P>>(
    plan: K,
    interval: IntervalOf<P, K>,
    options?: ComeBackOptions<P, K>,
  ): Promise<Member<P>>
  /** A link to Stripe's customer portal. See `dues.subscriptions.portal`. */
  portal(options?: PortalOptions): Promise<{ url: string }>

  /** What `GET /billing/membership` answers, but for how much is used. */
  toJSON(): MembershipJson<P>
}

/** A membership for a browser or another program. Times are ISO 8601 in UTC, amounts in minor units. */
export type MembershipJson<P extends Plans = Plans> = {
  plan: CurrentPlan<P>
  addOns: AddOnNumbers<P>
  interval: IntervalOf<P> | null
  state: MembershipState
  price: MemberPrice<P> | null
  subscribed: boolean
  trialing: boolean
  onGracePeriod: boolean
  pastDue: boolean
  cancelling: boolean
  canResume: boolean
  renewsAt: string | null
  endsAt: string | null
  trialEndsAt: string | null
  changesTo: (Omit<ChangesTo<P>, 'at'> & { at: string }) | null
  /** A limit without end is null, since JSON has no Infinity. */
  features: { [feature in FeatureName<P>]?: boolean | number | null }
}

/** What `GET /billing/membership` answers. A limit without end is null. */
export type MembershipWithUsage<P extends Plans = Plans> = MembershipJson<P> & {
  usage: {
    [Feature in LimitName<P>]: { used: number; limit: number | null; remaining: number | null; resetsAt: string | null }
  }
}
