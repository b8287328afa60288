import type { FeatureValue, Interval, PaidPlanName, PlanName, Plans, PriceConfig, QuantityConfig } from './plans.ts'

/**
 * Something that is bought beside a plan and is an item of the same subscription: one invoice, one card, one renewal. It has a price for every
 * interval and currency of the plans that may have it, since all items of a subscription recur alike.
 *
 * @see https://docs.stripe.com/billing/subscriptions/quantities#multiple-product-sub
 * @example
 * addOns: {
 *   storage: { name: 'Storage', prices: { monthly: usd(5), yearly: usd(50) }, quantity: { max: 20 }, features: { gigabytes: 100 } },
 *   support: { name: 'Priority support', prices: { monthly: usd(20) }, plans: ['pro'], quantity: { max: 1 }, features: { answersToday: true } },
 * }
 */
export type AddOnConfig<Plan extends string = string> = {
  /** What members read: "Storage". */
  readonly name: string
  readonly description?: string
  readonly prices: { readonly [interval in Interval]?: PriceConfig }
  /** How many can be bought; any number unless told. One that is metered is there or not. */
  readonly quantity?: QuantityConfig
  /** The plans that may have it; every plan with a price unless told. */
  readonly plans?: readonly Plan[]
  /** What each one adds: so much to a limit, and a switch however many there are. */
  readonly features?: { readonly [feature: string]: FeatureValue }
}

/** All add-ons of an app, by their codes. */
export type AddOns<Plan extends string = string> = { readonly [code: string]: AddOnConfig<Plan> }

/** An app without add-ons. */
export type NoAddOns = Record<never, never>

declare const addOnsOf: unique symbol

/**
 * The plans of an app together with its add-ons, for types alone: whoever says `Member<P>` needs no second parameter that it would have to hand
 * on, and the names of add-ons and of their features are known all the same.
 *
 * @example
 * type ClubMember = Member<WithAddOns<typeof plans, typeof addOns>>
 */
export type WithAddOns<P extends Plans, A extends AddOns> = P & { readonly [addOnsOf]?: A }

type Configured<P extends Plans> = P extends { readonly [addOnsOf]?: infer A } ? NonNullable<A> : never

/** The codes of the add-ons: `'storage' | 'support'`. */
export type AddOnName<P extends Plans> = string extends PlanName<P> ? string : keyof Configured<P> & string

/** The codes of the add-ons that a plan may have. */
export type AddOnNameFor<P extends Plans, K extends PlanName<P>> =
  string extends PlanName<P>
    ? string
    : {
        [N in AddOnName<P>]: [Allowed<Configured<P>[N & keyof Configured<P>], K>] extends [never] ? never : N
      }[AddOnName<P>]

type Allowed<A, K> = A extends { readonly plans: readonly (infer Plan)[] } ? Extract<K, Plan> : K

/** How many of each add-on are wanted beside a plan. What is left out stays as it is; 0 is none. */
export type WantedAddOns<P extends Plans, K extends PlanName<P> = PaidPlanName<P>> = {
  readonly [N in AddOnNameFor<P, K>]?: number | undefined
}

/** How many there are of every add-on; 0 for none. A metered one counts as 1. */
export type AddOnNumbers<P extends Plans> = { readonly [N in AddOnName<P>]: number }

/** The features that add-ons have. */
export type AddOnFeatures<P extends Plans> = {
  [N in keyof Configured<P>]: Configured<P>[N] extends { readonly features: infer Features } ? Features : never
}[keyof Configured<P>]
