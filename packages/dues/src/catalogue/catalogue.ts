import { DuesError } from '../errors.ts'
import { type FeatureValue, type Interval, intervals, type PlanConfig, type Plans, type PriceConfig } from './plans.ts'
import { isFree } from './validate.ts'

/** One thing that can be bought: a plan at an interval. */
export type Offer = {
  readonly plan: string
  readonly interval: Interval
  readonly price: PriceConfig
  readonly lookupKey: string
}

/** Which price an offer is at Stripe. */
export type FoundPrice = { readonly offer: Offer; readonly id: string; readonly product: string }

/** A plan and an interval found back from what Stripe says of a price. */
export type Placed = { readonly plan: string; readonly interval: Interval | null }

/**
 * All plans of an app, and how their prices are called at Stripe. Which price ids they have is known after `learn`, which
 * `dues.start()` calls with what Stripe answered; ids never change, so every process may learn them for itself.
 */
export interface Catalogue {
  readonly plans: Plans
  readonly offers: readonly Offer[]
  readonly free: string | null
  /** The price that was asked for, or `plan_unknown`, `interval_unknown`. */
  offer(plan: string, interval: string): Offer
  /** The id of an offer's price at Stripe, or `price_unavailable`. */
  priceId(offer: Offer): string
  learn(found: Iterable<FoundPrice>): void
  /** Which plan a price belongs to: by its id, or, for an older price that members still pay, by its product. */
  place(price: { readonly price: string; readonly product: string }): Placed | null
  /** The ids of all prices and products that `place` takes for a plan. */
  soldAs(plan: string): string[]
  /** What lookup keys and product ids begin with. */
  readonly prefix: string
  productId(plan: string): string
  /** The lookup key of a feature among Stripe's entitlement features. */
  featureKey(feature: string): string
  feature(plan: string | null, feature: string): FeatureValue
  /** Where a plan stands among the others: what comes later in the configuration is more. -1 for none. */
  rank(plan: string | null): number
}

export function createCatalogue(plans: Plans, { prefix = 'dues' }: { prefix?: string | undefined } = {}): Catalogue {
  const codes = Object.keys(plans)
  const offers = Object.entries(plans).flatMap(([plan, config]) => offersOf(plan, config, prefix))
  const ids = new Map<Offer, string>()
  const offerByPrice = new Map<string, Offer>()
  const planByProduct = new Map(codes.map((plan) => [`${prefix}_${plan}`, plan]))

  return {
    plans,
    offers,
    free: codes.find((code) => plans[code] && isFree(plans[code])) ?? null,

    offer(plan, interval) {
      const config = Object.hasOwn(plans, plan) ? plans[plan] : undefined
      if (!config) throw unknownPlan(plan, codes)
      const offer = offers.find((one) => one.plan === plan && one.interval === interval)
      if (!offer) throw unknownInterval(plan, interval, config)
      return offer
    },

    priceId(offer) {
      const id = ids.get(offer) ?? offer.price.id
      if (!id)
        throw new DuesError(
          'price_unavailable',
          `${offer.plan} ${offer.interval} has no price at Stripe that Dues knows of. Await \`dues.start()\`; if it refuses, run \`dues push\`.`,
          { details: { plan: offer.plan, interval: offer.interval } },
        )
      return id
    },

    learn(found) {
      for (const { offer, id, product } of found) {
        ids.set(offer, id)
        offerByPrice.set(id, offer)
        planByProduct.set(product, offer.plan)
      }
    },

    place({ price, product }) {
      const offer = offerByPrice.get(price)
      if (offer) return { plan: offer.plan, interval: offer.interval }
      const plan = planByProduct.get(product)
      return plan === undefined ? null : { plan, interval: null }
    },

    soldAs: (plan) => [
      ...[...offerByPrice].flatMap(([id, offer]) => (offer.plan === plan ? [id] : [])),
      ...[...planByProduct].flatMap(([id, name]) => (name === plan ? [id] : [])),
    ],

    prefix,
    productId: (plan) => `${prefix}_${plan}`,
    featureKey: (feature) => `${prefix}_${feature}`,
    feature: (plan, feature) => (plan === null ? undefined : plans[plan]?.features?.[feature]) ?? false,
    rank: (plan) => (plan === null ? -1 : codes.indexOf(plan)),
  }
}

function offersOf(plan: string, config: PlanConfig, prefix: string): Offer[] {
  return Object.entries(config.prices ?? {}).flatMap(([interval, price]) =>
    price && isInterval(interval) ? [{ plan, interval, price, lookupKey: `${prefix}_${plan}_${interval}` }] : [],
  )
}

export const isInterval = (value: string): value is Interval => Object.hasOwn(intervals, value)

function unknownPlan(plan: string, codes: string[]): DuesError {
  // What was asked for may come from a form, so it is cut: an error is no place to echo a page of text.
  return new DuesError('plan_unknown', `There is no plan "${plan.slice(0, 40)}". There are: ${codes.join(', ')}.`)
}

function unknownInterval(plan: string, interval: string, config: PlanConfig): DuesError {
  const sold = Object.keys(config.prices ?? {})
  return new DuesError(
    'interval_unknown',
    sold.length > 0
      ? `${config.name} is not sold by "${interval.slice(0, 40)}". It is sold: ${sold.join(', ')}.`
      : `${config.name} is not for sale here.${config.contact ? ` Write to ${config.contact}.` : ''}`,
    { details: { plan } },
  )
}
