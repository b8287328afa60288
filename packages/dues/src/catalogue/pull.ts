import type Stripe from 'stripe'
import type { AddOnConfig, AddOns } from './add-ons.ts'
import { type FeatureValue, type Interval, intervals, type PlanConfig, type Plans, type PriceConfig } from './plans.ts'
import { termsKey, termsOfText } from './product-terms.ts'
import { featureKey } from './push-features.ts'
import { intervalOf, pricesOfProduct, rhythmOf } from './push-prices.ts'
import { addOnKey, limitsKey, ownProductId, planKey, plansKey } from './push-products.ts'
import { findMeters, idOf } from './resolve.ts'
import { amountInWords, tierOf } from './terms.ts'
import { writePlans } from './write-plans.ts'

/** What an account sells, as a configuration. */
export type Pulled = {
  readonly plans: Plans
  /** Those that Dues pushed: of anything else Stripe does not know whether it is a plan or an add-on, and it is a plan here. */
  readonly addOns: AddOns
  /** What a configuration cannot say, one sentence each. */
  readonly notes: readonly string[]
  /** A module that exports `plans`, and `addOns` where there are any, with the notes as comments. */
  readonly text: string
}

/**
 * Reads what an account sells by subscription. What Dues has made is found again by its keys; what was made by hand keeps its
 * prices by their ids, so that a push of the result changes nothing.
 */
export async function pullConfiguration(stripe: Stripe, prefix: string): Promise<Pulled> {
  const meters = await findMeters(stripe)
  const found: { code: string; plan: PlanConfig }[] = []
  const beside: [code: string, AddOnConfig][] = []
  const notes: string[] = []
  const taken = new Set<string>()
  for await (const product of stripe.products.list({ active: true, limit: 100 })) {
    const prices = (await pricesOfProduct(stripe, product.id)).filter(({ active }) => active)
    if (prices.length === 0) continue
    const isOwn = product.id === ownProductId(product, prefix)
    const chosen = choosePrices(product, prices, { keyPrefix: isOwn ? `${product.id}_` : null, meters, notes })
    if (chosen.length === 0) continue
    const features = await featuresOf(stripe, product, isOwn ? prefix : null)
    const { name, description, metadata } = product
    const config = {
      name,
      ...(description && { description }),
      prices: Object.fromEntries(chosen),
      ...(isOwn && termsOfText(metadata[termsKey])),
      ...(Object.keys(features).length > 0 && { features }),
    }
    const addOn = isOwn ? metadata[addOnKey] : undefined
    if (addOn !== undefined) {
      const plans = metadata[plansKey]?.split(',')
      const { trial: _, contact: __, ...sold } = config
      beside.push([addOn, { ...sold, ...(plans && { plans }) }])
      continue
    }
    const code = freeCode(isOwn ? String(metadata[planKey]) : slug(name), taken)
    taken.add(code)
    found.push({ code, plan: config })
  }
  // What comes later is more: a switch to it is an upgrade.
  found.sort((a, b) => yearly(a.plan) - yearly(b.plan))
  const plans = Object.fromEntries(found.map(({ code, plan }) => [code, plan]))
  const addOns = Object.fromEntries(beside.sort(([a], [b]) => (a < b ? -1 : 1)))
  return { plans, addOns, notes, text: writePlans({ plans, addOns }, notes) }
}

type Choosing = { keyPrefix: string | null; meters: ReadonlyMap<string, string>; notes: string[] }

/** One price for each interval: the one that Dues made, or the product's default, or the newest. */
function choosePrices(
  product: Stripe.Product,
  prices: readonly Stripe.Price[],
  { keyPrefix, meters, notes }: Choosing,
): [Interval, PriceConfig][] {
  const chosen = new Map<Interval, PriceConfig>()
  const called = (price: Stripe.Price) =>
    `${product.name}: ${price.id} (${amountInWords(price, meters)} ${rhythmOf(price)})`
  const isOwn = (price: Stripe.Price) =>
    keyPrefix !== null && price.lookup_key === `${keyPrefix}${intervalOf(price.recurring)}`
  const isDefault = ({ id }: Stripe.Price) => product.default_price !== null && idOf(product.default_price ?? '') === id
  const importance = (price: Stripe.Price) => (isOwn(price) ? 2 : isDefault(price) ? 1 : 0)
  for (const price of prices.toSorted((a, b) => importance(b) - importance(a) || b.created - a.created)) {
    const interval = intervalOf(price.recurring)
    const config = priceConfig(price, meters)
    if (interval === null) notes.push(`${called(price)} recurs in a way that has no name here.`)
    else if (config === null) notes.push(`${called(price)} charges in a way that a configuration cannot say.`)
    else if (chosen.has(interval)) notes.push(`${called(price)} is sold beside the one below.`)
    else chosen.set(interval, isOwn(price) ? config : { ...config, id: price.id })
  }
  const order = Object.keys(intervals)
  return [...chosen].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
}

/** A price in the configuration's words; null for one that they are too few for: parts of a cent, an amount that the payer chooses. */
function priceConfig(price: Stripe.Price, meters: ReadonlyMap<string, string>): PriceConfig | null {
  const { currency, recurring, tiers, tiers_mode, transform_quantity: transform } = price
  const meter = recurring?.meter ? { meter: meters.get(recurring.meter) ?? recurring.meter } : {}
  const options = Object.entries(price.currency_options ?? {}).filter(([code]) => code !== currency)
  if (tiers_mode !== null) {
    const mode = (['graduated', 'volume'] as const).find((one) => one === tiers_mode)
    const written = tiers?.map(tierOf) ?? []
    const isWhole = written.every(({ unitAmount = 0, flatAmount = 0 }) => Number.isInteger(unitAmount + flatAmount))
    return mode && isWhole && options.length === 0 ? { currency, tiersMode: mode, tiers: written, ...meter } : null
  }
  if (price.unit_amount === null || options.some(([, option]) => option.unit_amount === null)) return null
  if (transform && (transform.round !== 'up' || transform.divide_by < 2)) return null
  return {
    amount: price.unit_amount,
    currency,
    ...(options.length > 0 && {
      currencyOptions: options
        .map(([code, { unit_amount }]) => ({ amount: unit_amount ?? 0, currency: code }))
        .sort((a, b) => (a.currency < b.currency ? -1 : 1)),
    }),
    ...(transform && { per: transform.divide_by }),
    ...meter,
  }
}

/** Switches from Stripe's entitlement features, limits from where push wrote them. */
async function featuresOf(
  stripe: Stripe,
  product: Stripe.Product,
  ownPrefix: string | null,
): Promise<Record<string, FeatureValue>> {
  const features: Record<string, FeatureValue> = {}
  for await (const { entitlement_feature: feature } of stripe.products.listFeatures(product.id, { limit: 100 })) {
    const name = feature.metadata[featureKey]
    const isOurs = name !== undefined && feature.lookup_key === `${ownPrefix}_${name}`
    if (isOurs) features[name] = true
    else if (ownPrefix === null) features[feature.lookup_key] = true
  }
  return { ...features, ...limitsOf(product.metadata[limitsKey]) }
}

/** Somebody may have written into the field by hand: what is no list of limits is none. */
function limitsOf(text: string | undefined): Record<string, number> {
  if (!text) return {}
  const parsed = parseOrNull(text)
  if (typeof parsed !== 'object' || parsed === null) return {}
  return Object.fromEntries(
    Object.entries(parsed).flatMap(([name, limit]) =>
      limit === null ? [[name, Number.POSITIVE_INFINITY]] : typeof limit === 'number' ? [[name, limit]] : [],
    ),
  )
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** "Team & Friends" → `team_friends`. */
function slug(name: string): string {
  const letters = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 36)
  return letters || 'plan'
}

function freeCode(code: string, taken: ReadonlySet<string>): string {
  if (!taken.has(code)) return code
  let n = 2
  while (taken.has(`${code}_${n}`)) n += 1
  return `${code}_${n}`
}

const perYear: { readonly [interval in Interval]: number } = {
  daily: 365,
  weekly: 52,
  monthly: 12,
  quarterly: 4,
  yearly: 1,
}

/** What a year of a plan costs at the least, to put the plans in order. */
function yearly({ prices = {} }: PlanConfig): number {
  const costs = Object.entries(prices).map(([interval, price]) => {
    const first = price?.tiers?.[0]
    return (price?.amount ?? (first?.unitAmount ?? 0) + (first?.flatAmount ?? 0)) * perYear[interval as Interval]
  })
  return Math.min(...costs)
}
