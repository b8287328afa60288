import { DuesError } from '../errors.ts'
import type { AddOnConfig, AddOns } from './add-ons.ts'
import { type FeatureValue, type Interval, intervals, type PlanConfig, type Plans, type PriceConfig } from './plans.ts'
import type { ProductTerms } from './product-terms.ts'
import { isFree } from './validate.ts'

type Priced = { readonly interval: Interval; readonly price: PriceConfig; readonly lookupKey: string }

/** One thing that can be bought: a plan at an interval. */
export type Offer = Priced & { readonly plan: string }

/** One thing that can be bought beside a plan: an add-on at an interval. */
export type AddOnOffer = Priced & { readonly addOn: string }

/** Which price an offer is at Stripe. */
export type FoundPrice = { readonly offer: Offer | AddOnOffer; readonly id: string; readonly product: string }

/** A plan and an interval found back from what Stripe says of a price. */
export type Placed = { readonly plan: string; readonly interval: Interval | null }

/** An add-on and an interval, found back likewise. */
export type PlacedAddOn = { readonly addOn: string; readonly interval: Interval | null }

/** What features are worked out from: a plan, and how many there are of each add-on. */
export type Has = { readonly plan: string | null; readonly addOns?: Readonly<Record<string, number>> }

/** What Stripe says of the price of an item. */
export type PriceReference = { readonly price: string; readonly product: string }

/**
 * Something that is a product at Stripe: a plan or an add-on. `tag` is the metadata of what `dues push` makes of it: which it is, where only
 * Stripe is asked.
 */
export type Good = {
  readonly kind: 'plan' | 'addOn'
  readonly code: string
  readonly product: string
  readonly tag: readonly [key: 'dues_plan' | 'dues_add_on', code: string]
  readonly config: Pick<AddOnConfig, 'name' | 'description' | 'features' | 'plans'> & ProductTerms
  readonly offers: readonly (Offer | AddOnOffer)[]
}

/**
 * All plans and add-ons of an app, and how their prices are called at Stripe. Which price ids they have is known after `learn`, which
 * `dues.start()` calls with what Stripe answered; ids never change, so every process may learn them for itself.
 */
export interface Catalogue {
  readonly plans: Plans
  readonly addOns: AddOns
  /** What the plans are sold by. */
  readonly offers: readonly Offer[]
  readonly addOnOffers: readonly AddOnOffer[]
  /** Both, each a product at Stripe. */
  readonly goods: readonly Good[]
  readonly free: string | null
  /** The price that was asked for, or `plan_unknown`, `interval_unknown`. */
  offer(plan: string, interval: string): Offer
  /** The price of an add-on beside a plan, or `add_on_unknown`, `add_on_unavailable`. */
  addOnOffer(addOn: string, beside: { readonly plan: string; readonly interval: string }): AddOnOffer
  /** Whether a plan may have an add-on. */
  allows(plan: string, addOn: string): boolean
  /** The id of an offer's price at Stripe, or `price_unavailable`. */
  priceId(offer: Offer | AddOnOffer): string
  learn(found: Iterable<FoundPrice>): void
  /** Which plan a price belongs to: by its id, or, for an older price that members still pay, by its product. */
  place(price: PriceReference): Placed | null
  /** Which add-on a price belongs to, likewise. */
  placeAddOn(price: PriceReference): PlacedAddOn | null
  /** The ids of all prices and products that `place` takes for a plan. */
  soldAs(plan: string): string[]
  /** What lookup keys and product ids begin with. */
  readonly prefix: string
  /** The lookup key of a feature among Stripe's entitlement features. */
  featureKey(feature: string): string
  /** What a plan and add-ons come to: limits are added up, and a switch is on that is on anywhere. */
  feature(has: Has, feature: string): FeatureValue
  /** Where a plan stands among the others: what comes later in the configuration is more. -1 for none. */
  rank(plan: string | null): number
}

export function createCatalogue(
  plans: Plans,
  { prefix = 'dues', addOns = {} }: { prefix?: string | undefined; addOns?: AddOns | undefined } = {},
): Catalogue {
  const codes = Object.keys(plans)
  const planGoods = Object.entries(plans).map(([plan, config]) => planGood(plan, config, prefix))
  const addOnGoods = Object.entries(addOns).map(([addOn, config]) => addOnGood(addOn, config, prefix))
  const offers = planGoods.flatMap((good) => good.offers)
  const addOnOffers = addOnGoods.flatMap((good) => good.offers)
  const ids = new Map<Offer | AddOnOffer, string>()
  const offerByPrice = new Map<string, Offer>()
  const planByProduct = new Map(planGoods.map(({ product, code }) => [product, code]))
  const addOnByPrice = new Map<string, AddOnOffer>()
  const addOnByProduct = new Map(addOnGoods.map(({ product, code }) => [product, code]))
  const allows = (plan: string, addOn: string): boolean => {
    const config = own(addOns, addOn)
    return config !== undefined && (config.plans?.includes(plan) ?? own(plans, plan)?.prices !== undefined)
  }

  return {
    plans,
    addOns,
    offers,
    addOnOffers,
    goods: [...planGoods, ...addOnGoods],
    free: codes.find((code) => plans[code] && isFree(plans[code])) ?? null,
    allows,

    offer(plan, interval) {
      const config = own(plans, plan)
      if (!config) throw unknownPlan(plan, codes)
      const offer = offers.find((one) => one.plan === plan && one.interval === interval)
      if (!offer) throw unknownInterval(plan, interval, config)
      return offer
    },

    addOnOffer(addOn, { plan, interval }) {
      if (!own(addOns, addOn)) throw unknownAddOn(addOn, Object.keys(addOns))
      const offer = addOnOffers.find((one) => one.addOn === addOn && one.interval === interval)
      if (offer && allows(plan, addOn)) return offer
      const others = codes.filter((code) => allows(code, addOn)).map((code) => plans[code]?.name ?? code)
      throw new DuesError(
        'add_on_unavailable',
        `${plans[plan]?.name ?? plan} is not sold with ${addOns[addOn]?.name ?? addOn}. ${others.join(', ') || 'No plan'} ${others.length > 1 ? 'are' : 'is'}.`,
        { details: { addOn, plan } },
      )
    },

    priceId(offer) {
      const id = ids.get(offer) ?? offer.price.id
      if (id) return id
      const name = 'plan' in offer ? offer.plan : offer.addOn
      throw new DuesError(
        'price_unavailable',
        `${name} ${offer.interval} has no price at Stripe that Dues knows of. Await \`dues.start()\`; if it refuses, run \`dues push\`.`,
        { details: { plan: name, interval: offer.interval } },
      )
    },

    learn(found) {
      for (const { offer, id, product } of found) {
        ids.set(offer, id)
        if ('plan' in offer) {
          offerByPrice.set(id, offer)
          planByProduct.set(product, offer.plan)
        } else {
          addOnByPrice.set(id, offer)
          addOnByProduct.set(product, offer.addOn)
        }
      }
    },

    place({ price, product }) {
      const offer = offerByPrice.get(price)
      if (offer) return { plan: offer.plan, interval: offer.interval }
      // Somebody may sell an add-on as another price of the plan's own product.
      const plan = addOnByPrice.has(price) ? undefined : planByProduct.get(product)
      return plan === undefined ? null : { plan, interval: null }
    },

    placeAddOn({ price, product }) {
      const offer = addOnByPrice.get(price)
      if (offer) return { addOn: offer.addOn, interval: offer.interval }
      const addOn = offerByPrice.has(price) || planByProduct.has(product) ? undefined : addOnByProduct.get(product)
      return addOn === undefined ? null : { addOn, interval: null }
    },

    soldAs: (plan) => [
      ...[...offerByPrice].flatMap(([id, offer]) => (offer.plan === plan ? [id] : [])),
      ...[...planByProduct].flatMap(([id, name]) => (name === plan ? [id] : [])),
    ],

    prefix,
    featureKey: (feature) => `${prefix}_${feature}`,
    feature: (has, feature) => together(valuesOf({ plans, addOns }, has, feature)),
    rank: (plan) => (plan === null ? -1 : codes.indexOf(plan)),
  }
}

function planGood(plan: string, config: PlanConfig, prefix: string): Good & { offers: Offer[] } {
  const offers = pricesOf(config, `${prefix}_${plan}`).map((priced) => ({ ...priced, plan }))
  return { kind: 'plan', code: plan, product: `${prefix}_${plan}`, tag: ['dues_plan', plan], config, offers }
}

function addOnGood(addOn: string, config: AddOnConfig, prefix: string): Good & { offers: AddOnOffer[] } {
  const product = `${prefix}_addon_${addOn}`
  const offers = pricesOf(config, product).map((priced) => ({ ...priced, addOn }))
  return { kind: 'addOn', code: addOn, product, tag: ['dues_add_on', addOn], config, offers }
}

const pricesOf = ({ prices = {} }: Pick<PlanConfig, 'prices'>, key: string): Priced[] =>
  Object.entries(prices).flatMap(([interval, price]) =>
    price && isInterval(interval) ? [{ interval, price, lookupKey: `${key}_${interval}` }] : [],
  )

function valuesOf(
  { plans, addOns }: { plans: Plans; addOns: AddOns },
  { plan, addOns: numbers = {} }: Has,
  feature: string,
): FeatureValue[] {
  const added = Object.entries(numbers).flatMap(([addOn, number]) => {
    const value = addOns[addOn]?.features?.[feature]
    if (value === undefined || number === 0) return []
    return [typeof value === 'number' ? value * number : value]
  })
  return [(plan === null ? undefined : plans[plan]?.features?.[feature]) ?? false, ...added]
}

/** What has no such limit adds nothing to it. */
function together(values: readonly FeatureValue[]): FeatureValue {
  const limits = values.filter((value) => typeof value === 'number')
  return limits.length > 0 ? limits.reduce((sum, limit) => sum + limit, 0) : values.includes(true)
}

export const isInterval = (value: string): value is Interval => Object.hasOwn(intervals, value)

const own = <Value>(of: { readonly [code: string]: Value }, code: string): Value | undefined =>
  Object.hasOwn(of, code) ? of[code] : undefined

function unknownPlan(plan: string, codes: string[]): DuesError {
  // What was asked for may come from a form, so it is cut: an error is no place to echo a page of text.
  return new DuesError('plan_unknown', `There is no plan "${plan.slice(0, 40)}". There are: ${codes.join(', ')}.`)
}

export const unknownAddOn = (addOn: string, codes: string[]): DuesError =>
  new DuesError(
    'add_on_unknown',
    `There is no add-on "${addOn.slice(0, 40)}". ${codes.length > 0 ? `There are: ${codes.join(', ')}.` : 'There are none.'}`,
  )

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
