import type { LimitName, Plans } from '../catalogue/plans.ts'
import type { Resets } from './period.ts'

/** How a limit is counted: when `use` begins anew, or by the app itself, which knows how many there are. */
export type Counting =
  | { readonly resets: Resets; readonly count?: undefined }
  | { readonly count: (owner: string) => number | Promise<number>; readonly resets?: undefined }

/** How the limits of the plans are counted, where not by the period. */
export type CountedFeatures<P extends Plans> = {
  readonly [Feature in LimitName<P>]?: Counting
}

/** How much of a counted feature is used. */
export type Usage = {
  readonly used: number
  /** `Infinity` where there is no limit, 0 where the plan lacks the feature. */
  readonly limit: number
  /** 0 also where more is used than the plan allows, as after a change to a smaller one. */
  readonly remaining: number
  /** When the count begins anew; null where it never does, or the renewal is just on its way. */
  readonly resetsAt: Date | null
}

export type UseOptions = {
  /**
   * What is used, by a name of the app's own: under the same key it is counted once, however often it is asked for. Kept for 90 days,
   * 255 characters at most.
   */
  readonly key?: string
}

/** `dues.usage` */
export interface UsageFacade<P extends Plans = Plans> {
  /**
   * Counts a use, or refuses it when too little is left: all of it or nothing. However many calls come at once, in however many processes,
   * the limit is kept. Where the owner's subscription has a metered price whose meter is called like the feature, Stripe is told as well.
   *
   * Errors: `feature_required` (the plan lacks it), `limit_reached` (402, `details`: used, limit, remaining, resetsAt),
   * `bad_request` (no whole number from 1; a key that was used for another amount; a limit that the app counts itself),
   * `database_unavailable`.
   *
   * @param amount whole units, 1 unless told
   * @see https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api
   * @example
   * const { remaining } = await dues.usage.use(user.id, 'prints', 2, { key: order.id })
   */
  use(owner: string, feature: LimitName<P>, amount?: number, options?: UseOptions): Promise<Usage>
  /**
   * Gives back what was used, down to 0: the print that jammed, the seat of somebody who left. A key of its own: giving back under the key of
   * the use, twice, gives back once.
   *
   * Errors: `bad_request`, `database_unavailable`.
   */
  release(owner: string, feature: LimitName<P>, amount?: number, options?: UseOptions): Promise<Usage>
  /** How much of every limit is used now, counted at this moment. */
  of(owner: string): Promise<{ readonly [Feature in LimitName<P>]: Usage }>
}
