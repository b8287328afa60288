import type { Money } from '../money.ts'
import type { AddOnFeatures } from './add-ons.ts'

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

/** What every kind of price may say besides its amount. */
type PriceTerms = {
  /** A price that exists at Stripe already. Without, Dues finds it by its lookup key (`dues_pro_monthly`), and `dues push` makes it. */
  readonly id?: string
  /**
   * The event name of a billing meter: what was used is counted there and charged when the period is over. `dues push` makes the meter.
   *
   * @see https://docs.stripe.com/billing/subscriptions/usage-based
   */
  readonly meter?: string
}

/**
 * So much for each unit. A plan that is not sold by the seat has one unit.
 *
 * @example
 * usd(19)
 * { ...usd(19), currencyOptions: [eur(18), gbp(16)] } // one price, three currencies
 * { ...usd(1), meter: 'api_calls', per: 1000 } // a dollar for each thousand calls that was begun
 */
export type FlatPrice = Money &
  PriceTerms & {
    /**
     * The same price in other currencies. A Checkout charges in the one that it is started with, or in the payer's own.
     *
     * @see https://docs.stripe.com/payments/checkout/localize-prices/manual-currency-prices
     */
    readonly currencyOptions?: readonly Money[]
    /** For how many units the amount is, rounded up: Stripe's `transform_quantity`. One unless told. */
    readonly per?: number
    readonly tiers?: undefined
  }

/** One step of a tiered price. Amounts in minor units. */
export type Tier = {
  /** The last unit of this tier; `Infinity` for the last tier. */
  readonly upTo: number
  /** For each unit. */
  readonly unitAmount?: number
  /** For the tier as a whole, once it is reached. */
  readonly flatAmount?: number
}

/**
 * A price that depends on how many units there are. `graduated`: each unit costs what its tier says. `volume`: all of them cost what
 * the tier of the last one says.
 *
 * @see https://docs.stripe.com/subscriptions/pricing-models/tiered-pricing
 * @example
 * { currency: 'usd', tiersMode: 'graduated', tiers: [{ upTo: 5, unitAmount: 1000 }, { upTo: Infinity, unitAmount: 800 }] }
 */
export type TieredPrice = PriceTerms & {
  readonly currency: string
  readonly tiersMode: 'graduated' | 'volume'
  readonly tiers: readonly Tier[]
  readonly amount?: undefined
  readonly currencyOptions?: undefined
  readonly per?: undefined
}

/** What a plan costs per interval. */
export type PriceConfig = FlatPrice | TieredPrice

/**
 * Days before the first charge, once for each owner and once for each card. A card that has had a trial with another owner is known when the
 * Checkout is over: the trial then ends at once and the first period is charged, as the Checkout says beside its button; where that is not
 * paid, the subscription ends. The hook `trialRefused` tells of it. A trial that you give by hand at Stripe is left alone. A card is asked for all the same, unless `withoutCard` says what becomes of a trial that
 * ends without one: `cancel` ends the subscription, `pause` keeps it until there is a card.
 *
 * @see https://docs.stripe.com/payments/checkout/free-trials
 */
export type TrialConfig = { readonly days: number; readonly withoutCard?: 'cancel' | 'pause' }

/** How many of a plan can be bought: from `min` (1) to `max` (no end). `adjustable`: the number can be changed on the page of a Checkout. */
export type QuantityConfig = { readonly min?: number; readonly max?: number; readonly adjustable?: boolean }

/** A feature is a switch (`export: true`) or a limit (`projects: 100`, `Infinity` for no limit). */
export type FeatureValue = boolean | number

/** A plan, as the app's configuration has it. */
export type PlanConfig = {
  /** What members read: "Professional". */
  readonly name: string
  readonly description?: string
  /** None: the plan is free, or (with `contact`) sold by talking. */
  readonly prices?: { readonly [interval in Interval]?: PriceConfig }
  readonly trial?: TrialConfig
  /** For a plan that is sold by the seat. */
  readonly quantity?: QuantityConfig
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

type FeaturesOf<P extends Plans> =
  | { [K in PlanName<P>]: P[K] extends { readonly features: infer Features } ? Features : never }[PlanName<P>]
  | AddOnFeatures<P>

type KeysOfEach<Union> = Union extends unknown ? keyof Union & string : never

/** The names of all features that any plan or add-on has. */
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
