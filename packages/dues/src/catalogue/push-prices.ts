import { createHash } from 'node:crypto'
import type Stripe from 'stripe'
import type { Good } from './catalogue.ts'
import { type CatalogueChange, once, updateOf } from './change.ts'
import { type Interval, intervals, type PriceConfig } from './plans.ts'
import { type AtStripe, expandedPrice, idOf, termsThatDiffer } from './resolve.ts'
import { amountInWords, currencyOptions, priceParams } from './terms.ts'

/** What the changes of prices are worked out from. `meterIds` is filled while the changes before are made. */
export type PricesAtStripe = AtStripe & { readonly meterIds: Map<string, string> }

type Offer = Good['offers'][number]

/** All prices of a product, archived ones too. */
export async function pricesOfProduct(stripe: Stripe, product: string): Promise<Stripe.Price[]> {
  const all: Stripe.Price[] = []
  const expand = expandedPrice.map((field) => `data.${field}`)
  for await (const price of stripe.prices.list({ product, type: 'recurring', limit: 100, expand })) all.push(price)
  return all
}

/** How an offer gets its price: as it is, brought back, by another currency, by the key of an older one that is the same, or made. */
export function priceChanges(
  stripe: Stripe,
  { product, tag }: Pick<Good, 'product' | 'tag'>,
  offer: Offer,
  atStripe: PricesAtStripe,
  ofProduct: readonly Stripe.Price[],
): { changes: CatalogueChange[]; sold: string | null } {
  const price = atStripe.prices.get(offer)
  const { lookupKey } = offer
  if (price && idOf(price.product) === product) {
    if (isSame(offer, price, atStripe)) return { changes: bringBack(stripe, lookupKey, price), sold: price.id }
    if (isSame(offer, price, atStripe, [])) {
      const added = currencyOptions(offer.price)
      const words = { from: amountInWords(price, atStripe.meters), to: amountInWords(offer.price, atStripe.meters) }
      const fields = [
        { field: 'amount', ...words },
        { field: 'active', from: String(price.active), to: 'true' },
      ]
      const apply = () => stripe.prices.update(price.id, { active: true, ...(added && { currency_options: added }) })
      return { changes: updateOf('price', lookupKey, fields, apply), sold: price.id }
    }
  }
  const older = ofProduct.find((one) => one.metadata[tag[0]] === tag[1] && isSame(offer, one, atStripe))
  if (older) return { changes: [takeKey(stripe, lookupKey, older, price, atStripe)], sold: older.id }
  return { changes: [create(stripe, offer, { product, tag }, price, atStripe)], sold: null }
}

/** With `options` given, whether they are all that Stripe lacks. */
function isSame(offer: Offer, price: Stripe.Price, { meters }: AtStripe, options?: []): boolean {
  // Only flat prices have other currencies, so leaving them out leaves the rest as it is.
  const wanted = options ? { ...offer, price: { ...offer.price, currencyOptions: undefined } as PriceConfig } : offer
  return termsThatDiffer(wanted, price, meters).length === 0
}

const bringBack = (stripe: Stripe, key: string, price: Stripe.Price): CatalogueChange[] =>
  updateOf('price', key, [{ field: 'active', from: String(price.active), to: 'true' }], () =>
    stripe.prices.update(price.id, { active: true }),
  )

/** The amount went there and back: who stayed with the old price has the current one again. */
const takeKey = (
  stripe: Stripe,
  lookupKey: string,
  older: Stripe.Price,
  before: Stripe.Price | undefined,
  { meters }: AtStripe,
): CatalogueChange => ({
  action: 'update',
  kind: 'price',
  key: lookupKey,
  summary: `price ${lookupKey}: its key moves to ${older.id}, which charges this already`,
  fields: [
    { field: 'amount', from: before ? amountInWords(before, meters) : null, to: amountInWords(older, meters) },
    { field: 'price', from: before?.id ?? null, to: older.id },
  ],
  apply: () => stripe.prices.update(older.id, { active: true, lookup_key: lookupKey, transfer_lookup_key: true }),
})

function create(
  stripe: Stripe,
  { interval, price, lookupKey }: Offer,
  { product, tag: [key, code] }: Pick<Good, 'product' | 'tag'>,
  replaced: Stripe.Price | undefined,
  { meters, meterIds }: PricesAtStripe,
): CatalogueChange {
  const words = amountInWords(price, meters)
  return {
    action: 'create',
    kind: 'price',
    key: lookupKey,
    summary: `price ${lookupKey}: ${words} ${interval}`,
    fields: replaced ? [{ field: 'amount', from: amountInWords(replaced, meters), to: words }] : [],
    apply: () =>
      once(`${lookupKey}:${hash(product, words, interval, replaced?.id ?? 'first')}`, (options) =>
        stripe.prices.create(
          {
            ...priceParams(price, interval, price.meter ? (meterIds.get(price.meter) ?? null) : null),
            product,
            lookup_key: lookupKey,
            // An amount cannot be changed at Stripe: a new price takes the key over, and the old one keeps its members.
            transfer_lookup_key: true,
            metadata: { [key]: code },
          },
          options,
        ),
      ),
  }
}

const hash = (...parts: string[]): string => createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32)

/** Takes a price of ours out of what is sold; who pays it goes on paying it. A price that somebody made by hand is left alone. */
export function retirePrice(stripe: Stripe, price: Stripe.Price, product: Stripe.Product | null): CatalogueChange {
  const { id } = price
  return {
    action: 'archive',
    kind: 'price',
    key: id,
    summary: `price ${id}, which is not sold any more; who pays it goes on paying it`,
    fields: [],
    async apply() {
      // Stripe does not archive what is a product's default.
      if (product?.default_price && idOf(product.default_price) === id)
        await stripe.products.update(product.id, { default_price: '' })
      await stripe.prices.update(id, { active: false })
    },
  }
}

/** `monthly`; for a rhythm that has no name here, `every 2 weeks`. */
export function rhythmOf({ recurring }: Stripe.Price): string {
  const found = intervalOf(recurring)
  return found ?? (recurring ? `every ${recurring.interval_count} ${recurring.interval}s` : 'once')
}

export function intervalOf(recurring: Stripe.Price.Recurring | null): Interval | null {
  const names = Object.keys(intervals) as Interval[]
  return (
    names.find(
      (name) =>
        intervals[name].interval === recurring?.interval && intervals[name].interval_count === recurring.interval_count,
    ) ?? null
  )
}
