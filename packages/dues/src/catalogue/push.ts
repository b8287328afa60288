import type Stripe from 'stripe'
import type { Catalogue } from './catalogue.ts'
import { type CatalogueChange, once } from './change.ts'
import { type KeptPrice, keptPrices } from './kept.ts'
import { featureChanges } from './push-features.ts'
import { type PricesAtStripe, priceChanges, pricesOfProduct, retirePrice } from './push-prices.ts'
import { forgottenProducts, isOwn, productChanges, retireProduct, retrieveProduct } from './push-products.ts'
import { findPrices } from './resolve.ts'

/** What must change at Stripe, and what stays although it is not sold any more. */
export type PushPlan = { readonly changes: readonly CatalogueChange[]; readonly kept: readonly KeptPrice[] }

/**
 * What must change at Stripe so that it equals the catalogue. Nothing is ever deleted: a price that is replaced is archived, and
 * who pays it goes on paying it. Prices that the configuration names by id belong to somebody else and are left alone.
 *
 * @see https://docs.stripe.com/products-prices/manage-prices#lookup-keys
 */
export async function planChanges(stripe: Stripe, catalogue: Catalogue): Promise<PushPlan> {
  // What has all its prices by their ids is somebody else's product.
  const goods = catalogue.goods
    .map((good) => ({ ...good, offers: good.offers.filter((offer) => !offer.price.id) }))
    .filter(({ offers }) => offers.length > 0)
  const found = await findPrices(
    stripe,
    goods.flatMap(({ offers }) => offers),
  )
  const meterIds = new Map([...found.meters].map(([id, name]) => [name, id]))
  const atStripe: PricesAtStripe = { ...found, meterIds }
  const changes: CatalogueChange[] = [...meterChanges(stripe, catalogue, meterIds)]
  const retired: CatalogueChange[] = []
  const notSold: Stripe.Price[] = []
  const existing = new Set<string>()

  for (const good of goods) {
    const { product: id } = good
    const product = await retrieveProduct(stripe, id)
    if (product) existing.add(id)
    const prices = product ? await pricesOfProduct(stripe, id) : []
    changes.push(...productChanges(stripe, good, product))
    const sold = new Set<string>()
    for (const offer of good.offers) {
      const price = priceChanges(stripe, good, offer, atStripe, prices)
      changes.push(...price.changes)
      if (price.sold) sold.add(price.sold)
    }
    const others = prices.filter((price) => !sold.has(price.id) && !isNamed(catalogue, price))
    notSold.push(...others)
    retired.push(...retireAll(stripe, others, product))
  }
  for (const product of await forgottenProducts(stripe, catalogue)) {
    const prices = (await pricesOfProduct(stripe, product.id)).filter((price) => !isNamed(catalogue, price))
    notSold.push(...prices)
    retired.push(...retireAll(stripe, prices, product), retireProduct(stripe, product))
  }
  changes.push(...(await featureChanges(stripe, catalogue, goods, existing)))
  // What goes comes last: a price that is archived has its successor by then.
  return { changes: [...changes, ...retired], kept: await keptPrices(stripe, catalogue, notSold, found.meters) }
}

/** Only what an earlier push made is archived; a price that somebody made by hand for one customer is theirs. */
const retireAll = (stripe: Stripe, prices: readonly Stripe.Price[], product: Stripe.Product | null) =>
  prices.filter((price) => price.active && isOwn(price)).map((price) => retirePrice(stripe, price, product))

const isNamed = (catalogue: Catalogue, { id }: Stripe.Price): boolean =>
  offersOf(catalogue).some(({ price }) => price.id === id)

const offersOf = ({ offers, addOnOffers }: Catalogue) => [...offers, ...addOnOffers]

/** A meter for each event name that has none. What it counted for one price, it counts for the next. */
function meterChanges(stripe: Stripe, catalogue: Catalogue, meterIds: Map<string, string>): CatalogueChange[] {
  const wanted = new Set(offersOf(catalogue).flatMap(({ price }) => (price.meter && !price.id ? [price.meter] : [])))
  return [...wanted]
    .filter((name) => !meterIds.has(name))
    .map((name) => ({
      action: 'create',
      kind: 'meter',
      key: name,
      summary: `meter ${name}`,
      fields: [],
      async apply() {
        const params = { display_name: name, event_name: name, default_aggregation: { formula: 'sum' } } as const
        const made = await once(`meter:${name}`, (options) => stripe.billing.meters.create(params, options))
        meterIds.set(name, made.id)
      },
    }))
}
