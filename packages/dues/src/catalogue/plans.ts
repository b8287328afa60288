import type { Money } from '../money.ts'

/**
 * How often a price recurs, and what that is at Stripe.
 *
 * @see https://docs.stripe.com/api/prices/object#price_object-recurring
 */
export const intervals = {
  daily: { interval: 'day', interval_count: 1 },
  weekly: { interval: 'week', interval_count: 1 },
  monthly: { interval: 'month', interval_count: 1 },
  quarterly: { interval: 'month', interval_count: 3 },
  yearly: { interval: 'year', interval_count: 1 },
} as const

export type Interval = keyof typeof intervals

/** An interval as a sentence needs it: "by the month". */
export const intervalNoun: { readonly [interval in Interval]: string } = {
  daily: 'day',
  weekly: 'week',
  monthly: 'month',
  quarterly: 'quarter',
  yearly: 'year',
}

/**
 * What a plan costs per interval. With `id`, a price that exists at Stripe already is used; without, Dues finds the price by
 * its lookup key (`dues_pro_monthly`), and `dues push` makes it.
 */
export type PriceConfig = Money & { readonly id?: string }

/** A feature is a switch (`export: true`) or a limit (`projects: 100`, `Infinity` for no limit). */
export type FeatureValue = boolean | number

/** A plan, as the app's configuration has it. */
export type PlanConfig = {
  /** What members read: "Professional". */
  readonly name: string
  readonly description?: string
  /** None: the plan is free, or (with `contact`) sold by talking. */
  readonly prices?: { readonly [interval in Interval]?: PriceConfig }
  /** Days before the first charge, once for each owner. */
  readonly trial?: { readonly days: number }
  /** Where to write to about this plan. */
  readonly contact?: string
  readonly features?: { readonly [feature: string]: FeatureValue }
}

/** All plans of an app, by their codes: `free`, `pro`, `ent`. */
export type Plans = { readonly [code: string]: PlanConfig }

/** The codes of the plans: `'free' | 'pro' | 'ent'`. */
export type PlanName<P extends Plans> = keyof P & string

/** The codes of the plans that have a price. */
export type PaidPlanName<P extends Plans> = {
  [K in PlanName<P>]: P[K] extends { readonly prices: object } ? K : never
}[PlanName<P>]

/** The intervals that a plan is sold in: `IntervalOf<P, 'pro'>` is `'monthly' | 'yearly'`. */
export type IntervalOf<P extends Plans, K extends PlanName<P> = PaidPlanName<P>> = K extends unknown
  ? P[K] extends { readonly prices: infer Prices }
    ? keyof Prices & Interval
    : never
  : never

type FeaturesOf<P extends Plans> = {
  [K in PlanName<P>]: P[K] extends { readonly features: infer Features } ? Features : never
}[PlanName<P>]

type KeysOfEach<Union> = Union extends unknown ? keyof Union & string : never

/** The names of all features that any plan has. */
export type FeatureName<P extends Plans> = KeysOfEach<FeaturesOf<P>>

type LimitKeys<Features> = Features extends unknown
  ? { [K in keyof Features]: Features[K] extends number ? K : never }[keyof Features] & string
  : never

/** The names of the features that are limits: `'projects'`, and not `'export'`. */
export type LimitName<P extends Plans> = LimitKeys<FeaturesOf<P>>

type FreePlanName<P extends Plans> = {
  [K in PlanName<P>]: P[K] extends { readonly prices: object } | { readonly contact: string } ? never : K
}[PlanName<P>]

/** What `member.plan` can be: a plan's code, and null only where there is no free plan to fall back on. */
export type CurrentPlan<P extends Plans> = PlanName<P> | ([FreePlanName<P>] extends [never] ? null : never)
