import type { AddOnNumbers } from '../catalogue/add-ons.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type {
  CurrentPlan,
  FeatureName,
  FeatureValue,
  IntervalOf,
  LimitName,
  PlanName,
  Plans,
  PriceConfig,
} from '../catalogue/plans.ts'
import type { CheckoutFacade } from '../checkout/types.ts'
import type { SubscriptionsFacade } from '../subscriptions/types.ts'
import type { UsageFacade } from '../usage/types.ts'
import { addOnNumbers, everyAddOn } from './add-ons.ts'
import type { Answers, PlannedChange } from './membership.ts'
import type { Member, MemberPrice, MembershipJson, Owner } from './types.ts'

/** Who carries out what a member asks for. */
export type Actions<P extends Plans> = {
  readonly checkout: Pick<CheckoutFacade<P>, 'start'>
  readonly subscriptions: SubscriptionsFacade<P>
  readonly usage: UsageFacade<P>
}

/**
 * A member, out of the answers of one moment. The names of plans, intervals and features come from the same configuration as the types, so
 * this is the one place that says to the compiler that they are the same.
 */
export function createMember<P extends Plans>(
  owner: Owner,
  answers: Answers,
  catalogue: Catalogue,
  { checkout, subscriptions, usage }: Actions<P>,
): Member<P> {
  const plan = answers.plan as CurrentPlan<P>
  const price = priceOf<P>(answers, catalogue)
  const told = {
    renewsAt: dateAt(answers.renewsAt),
    endsAt: dateAt(answers.endsAt),
    trialEndsAt: dateAt(answers.trialEndsAt),
    changesTo: changesTo<P>(answers.changesTo, catalogue),
    addOns: everyAddOn(answers.addOns, catalogue) as AddOnNumbers<P>,
  }
  const limit = (feature: string): number => {
    const value = catalogue.feature(answers, feature)
    return typeof value === 'number' ? value : 0
  }
  const can = (feature: string): boolean => catalogue.feature(answers, feature) === true || limit(feature) > 0

  return {
    owner: owner.id,
    plan,
    interval: price?.interval ?? null,
    state: answers.state,
    price,
    ...told,
    on: (name) => name === answers.plan,
    subscribed: () => answers.subscribed,
    active: () => answers.active,
    trialing: () => answers.trialing,
    onGracePeriod: () => answers.onGracePeriod,
    pastDue: () => answers.pastDue,
    cancelling: () => answers.cancelling,
    ended: () => answers.ended,
    paused: () => answers.paused,
    incomplete: () => answers.incomplete,
    canResume: () => answers.canResume,
    can: (feature: FeatureName<P>) => can(feature),
    limit: (feature: LimitName<P>) => limit(feature),
    use: (feature, amount, options) => usage.use(owner.id, feature, amount, options),
    release: (feature, amount, options) => usage.release(owner.id, feature, amount, options),
    remaining: async (feature) => (await usage.of(owner.id))[feature].remaining,
    usage: () => usage.of(owner.id),
    checkout: (to, interval, options) => checkout.start({ ...options, owner, plan: to, interval }),
    preview: (to, interval, options) => subscriptions.preview(owner.id, to, interval, options),
    switchTo: (to, interval, options) => subscriptions.switchTo(owner.id, to, interval, options),
    undoSwitch: () => subscriptions.undoSwitch(owner.id),
    previewQuantity: (quantity, options) => subscriptions.previewQuantity(owner.id, quantity, options),
    setQuantity: (quantity, options) => subscriptions.setQuantity(owner.id, quantity, options),
    previewAddOns: (addOns, options) => subscriptions.previewAddOns(owner.id, addOns, options),
    setAddOns: (addOns, options) => subscriptions.setAddOns(owner.id, addOns, options),
    previewAnchor: (options) => subscriptions.previewAnchor(owner.id, options),
    resetAnchor: (options) => subscriptions.resetAnchor(owner.id, options),
    cancel: (options) => subscriptions.cancel(owner.id, options),
    previewCancel: () => subscriptions.previewCancel(owner.id),
    resume: () => subscriptions.resume(owner.id),
    pause: (options) => subscriptions.pause(owner.id, options),
    unpause: () => subscriptions.unpause(owner.id),
    moveTrialEnd: (until) => subscriptions.moveTrialEnd(owner.id, until),
    endTrial: () => subscriptions.endTrial(owner.id),
    applyDiscount: (discount) => subscriptions.applyDiscount(owner.id, discount),
    removeDiscount: () => subscriptions.removeDiscount(owner.id),
    comeBack: (to, interval, options) => subscriptions.comeBack(owner.id, to, interval, options),
    portal: (options) => subscriptions.portal(owner.id, options),
    toJSON: () => toJson<P>(answers, { plan, price, ...told }, catalogue),
  }
}

/** A planned change, its names as the catalogue's types. */
export const changesTo = <P extends Plans>(
  planned: PlannedChange | null,
  catalogue: Catalogue,
): Member<P>['changesTo'] =>
  planned && {
    plan: planned.plan as PlanName<P>,
    interval: planned.interval as IntervalOf<P> | null,
    addOns: everyAddOn(planned.addOns, catalogue) as AddOnNumbers<P>,
    at: new Date(planned.at * 1000),
  }

function priceOf<P extends Plans>(
  { item, placed, subscription }: Answers,
  catalogue: Catalogue,
): MemberPrice<P> | null {
  if (!item) return null
  const offer = catalogue.offers.find((one) => one.plan === placed?.plan && one.interval === placed.interval)
  return {
    id: item.price,
    plan: (placed?.plan ?? null) as PlanName<P> | null,
    interval: (placed?.interval ?? null) as IntervalOf<P> | null,
    ...(offer ? amountOf(offer.price, item.currency) : { amount: null, currency: null }),
    addOns: everyAddOn(addOnNumbers(subscription?.items ?? [], catalogue), catalogue) as AddOnNumbers<P>,
  }
}

/** What this member pays, of the currencies that a price has. */
function amountOf(price: PriceConfig, currency = price.currency) {
  const options: readonly { amount?: number | undefined; currency: string }[] = [
    price,
    ...(price.currencyOptions ?? []),
  ]
  return { amount: options.find((one) => one.currency === currency)?.amount ?? null, currency }
}

function toJson<P extends Plans>(
  answers: Answers,
  {
    plan,
    addOns,
    price,
    renewsAt,
    endsAt,
    trialEndsAt,
    changesTo,
  }: Pick<Member<P>, 'plan' | 'addOns' | 'price' | 'renewsAt' | 'endsAt' | 'trialEndsAt' | 'changesTo'>,
  catalogue: Catalogue,
): MembershipJson<P> {
  return {
    plan,
    addOns,
    interval: price?.interval ?? null,
    state: answers.state,
    price,
    subscribed: answers.subscribed,
    trialing: answers.trialing,
    onGracePeriod: answers.onGracePeriod,
    pastDue: answers.pastDue,
    cancelling: answers.cancelling,
    canResume: answers.canResume,
    renewsAt: renewsAt?.toISOString() ?? null,
    endsAt: endsAt?.toISOString() ?? null,
    trialEndsAt: trialEndsAt?.toISOString() ?? null,
    changesTo: changesTo && { ...changesTo, at: changesTo.at.toISOString() },
    features: Object.fromEntries(
      featuresOf(answers, catalogue).map((name) => [name, finite(catalogue.feature(answers, name))]),
    ) as MembershipJson<P>['features'],
  }
}

/** The names of what the plan and the add-ons that there are have. */
const featuresOf = ({ plan, addOns }: Answers, catalogue: Catalogue): string[] => [
  ...new Set([
    ...Object.keys((plan === null ? undefined : catalogue.plans[plan]?.features) ?? {}),
    ...Object.keys(addOns).flatMap((addOn) => Object.keys(catalogue.addOns[addOn]?.features ?? {})),
  ]),
]

const finite = (value: FeatureValue): FeatureValue | null => (value === Infinity ? null : value)

const dateAt = (seconds: number | null): Date | null => (seconds === null ? null : new Date(seconds * 1000))
