import type Stripe from 'stripe'
import type { Catalogue, Offer } from './catalogue.ts'
import { intervals } from './plans.ts'
import { findPrices, idOf, termsThatDiffer } from './resolve.ts'
import { inMajorUnits } from './validate.ts'

/** One thing that `push` does, in the words it is shown in, and how it is done. */
export type CatalogueChange = {
  readonly action: 'create' | 'update' | 'archive'
  readonly kind: 'product' | 'price'
  /** The product's id or the price's lookup key. */
  readonly key: string
  readonly summary: string
  readonly apply: () => Promise<unknown>
}

/**
 * What must change at Stripe so that it equals the catalogue. Nothing is ever deleted: a price that is replaced is archived, and
 * who pays it goes on paying it. Prices that the configuration names by id belong to somebody else and are left alone.
 *
 * @see https://docs.stripe.com/products-prices/manage-prices#lookup-keys
 */
export async function planChanges(stripe: Stripe, catalogue: Catalogue): Promise<CatalogueChange[]> {
  const own = catalogue.offers.filter((offer) => !offer.price.id)
  const found = await findPrices(stripe, own)
  const changes: CatalogueChange[] = []
  for (const plan of new Set(own.map((offer) => offer.plan))) {
    const product = await retrieveProduct(stripe, catalogue.productId(plan))
    changes.push(...productChanges(stripe, catalogue, plan, product))
    for (const offer of own.filter((one) => one.plan === plan))
      changes.push(...priceChanges(stripe, catalogue, offer, found.get(offer)))
  }
  return changes
}

function productChanges(
  stripe: Stripe,
  catalogue: Catalogue,
  plan: string,
  product: Stripe.Product | null,
): CatalogueChange[] {
  const id = catalogue.productId(plan)
  const { name = plan, description } = catalogue.plans[plan] ?? {}
  const wanted = { name, ...(description && { description }), metadata: { dues_plan: plan } }
  if (!product) {
    return [
      {
        action: 'create',
        kind: 'product',
        key: id,
        summary: `product ${id} "${name}"`,
        apply: () => stripe.products.create({ id, ...wanted }).catch(ignoreExisting),
      },
    ]
  }
  const differing = [
    ...(product.name === name ? [] : [`name "${product.name}" → "${name}"`]),
    ...((product.description ?? '') === (description ?? '') ? [] : ['description']),
    ...(product.active ? [] : ['active']),
    ...(product.metadata.dues_plan === plan ? [] : ['metadata']),
  ]
  if (differing.length === 0) return []
  return [
    {
      action: 'update',
      kind: 'product',
      key: id,
      summary: `product ${id}: ${differing.join(', ')}`,
      apply: () => stripe.products.update(id, { ...wanted, description: description ?? '', active: true }),
    },
  ]
}

/** Another push was quicker: what it made is what we would have made. */
function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'resource_already_exists')) throw error
}

function priceChanges(
  stripe: Stripe,
  catalogue: Catalogue,
  offer: Offer,
  price: Stripe.Price | undefined,
): CatalogueChange[] {
  const product = catalogue.productId(offer.plan)
  if (price && termsThatDiffer(offer, price).length === 0 && idOf(price.product) === product)
    return price.active ? [] : [bringBack(stripe, offer, price)]
  const create: CatalogueChange = {
    action: 'create',
    kind: 'price',
    key: offer.lookupKey,
    summary: `price ${offer.lookupKey}: ${inMajorUnits(offer.price.amount, offer.price.currency)} ${offer.interval}`,
    apply: () =>
      stripe.prices.create(
        {
          product,
          currency: offer.price.currency,
          unit_amount: offer.price.amount,
          recurring: { ...intervals[offer.interval] },
          lookup_key: offer.lookupKey,
          // An amount cannot be changed at Stripe: a new price takes the key over, and the old one keeps its members.
          transfer_lookup_key: true,
          metadata: { dues_plan: offer.plan },
        },
        // Two pushes at once make one price.
        { idempotencyKey: pushKey(offer, product, price) },
      ),
  }
  if (!price) return [create]
  return [
    create,
    {
      action: 'archive',
      kind: 'price',
      key: price.id,
      summary: `price ${price.id}, which ${offer.lookupKey} replaces; who pays it goes on paying it`,
      apply: () => stripe.prices.update(price.id, { active: false }),
    },
  ]
}

const bringBack = (stripe: Stripe, offer: Offer, price: Stripe.Price): CatalogueChange => ({
  action: 'update',
  kind: 'price',
  key: offer.lookupKey,
  summary: `price ${offer.lookupKey}: active again`,
  apply: () => stripe.prices.update(price.id, { active: true }),
})

const pushKey = (offer: Offer, product: string, replaced: Stripe.Price | undefined): string =>
  ['dues-push', product, offer.lookupKey, offer.price.amount, offer.price.currency, replaced?.id ?? 'first'].join(':')

async function retrieveProduct(stripe: Stripe, id: string): Promise<Stripe.Product | null> {
  try {
    return await stripe.products.retrieve(id)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'resource_missing') return null
    throw error
  }
}
