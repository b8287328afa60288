import type Stripe from 'stripe'
import type { Catalogue, Good } from './catalogue.ts'
import { type CatalogueChange, ignoreExisting, once, updateOf } from './change.ts'
import type { FeatureValue } from './plans.ts'

/** The metadata of Stripe's entitlement feature that names ours. */
export const featureKey = 'dues_feature'

type Feature = Stripe.Entitlements.Feature

/** A plan or an add-on has a feature as Stripe sees it when its switch is on or its limit is above 0. How much, Stripe has no word for. */
export const isGranted = (value: FeatureValue | undefined): boolean => value === true || (Number(value) || 0) > 0

/**
 * Keeps Stripe's own entitlement features in step: one for each feature that a plan or an add-on at Stripe has, and each product with its own. So
 * other programs that only know Stripe can ask it what a customer may use.
 *
 * @see https://docs.stripe.com/billing/entitlements
 */
export async function featureChanges(
  stripe: Stripe,
  catalogue: Catalogue,
  goods: readonly Good[],
  existingProducts: ReadonlySet<string>,
): Promise<CatalogueChange[]> {
  const wanted = new Set(goods.flatMap(grantedBy))
  const known = await ownFeatures(stripe, catalogue, wanted)
  /** Ids by our name; those that are made are added while the changes are made. */
  const ids = new Map([...known].map(([name, { id }]) => [name, id]))
  const changes: CatalogueChange[] = []
  for (const name of wanted) changes.push(...featureChange(stripe, catalogue, name, known.get(name), ids))
  for (const good of goods) changes.push(...(await productFeatureChanges(stripe, good, known, ids, existingProducts)))
  for (const [name, feature] of known) {
    if (wanted.has(name) || !feature.active) continue
    const key = catalogue.featureKey(name)
    const apply = () => stripe.entitlements.features.update(feature.id, { active: false })
    changes.push({
      action: 'archive',
      kind: 'feature',
      key,
      summary: `feature ${key}, which no plan has`,
      fields: [],
      apply,
    })
  }
  return changes
}

const grantedBy = ({ config }: Good): string[] =>
  Object.entries(config.features ?? {})
    .filter(([, value]) => isGranted(value))
    .map(([name]) => name)

/** Stripe's features that an earlier push made, archived ones too, by our names; and one that somebody made under a key that is wanted. */
async function ownFeatures(
  stripe: Stripe,
  catalogue: Catalogue,
  wanted: ReadonlySet<string>,
): Promise<Map<string, Feature>> {
  const own = new Map<string, Feature>()
  const byKey = new Map([...wanted].map((name) => [catalogue.featureKey(name), name]))
  for (const archived of [true, false])
    for await (const feature of stripe.entitlements.features.list({ archived, limit: 100 })) {
      const name = feature.metadata[featureKey] ?? byKey.get(feature.lookup_key)
      if (name !== undefined && feature.lookup_key === catalogue.featureKey(name)) own.set(name, feature)
    }
  return own
}

function featureChange(
  stripe: Stripe,
  catalogue: Catalogue,
  name: string,
  feature: Feature | undefined,
  ids: Map<string, string>,
): CatalogueChange[] {
  const key = catalogue.featureKey(name)
  if (feature)
    return updateOf('feature', key, [{ field: 'active', from: String(feature.active), to: 'true' }], () =>
      stripe.entitlements.features.update(feature.id, { active: true }),
    )
  const params = { name, lookup_key: key, metadata: { [featureKey]: name } }
  return [
    {
      action: 'create',
      kind: 'feature',
      key,
      summary: `feature ${key}`,
      fields: [],
      async apply() {
        // Two pushes at once make one feature; a later one finds it by its lookup key.
        const made = await once(`feature:${key}`, (options) => stripe.entitlements.features.create(params, options))
        ids.set(name, made.id)
      },
    },
  ]
}

async function productFeatureChanges(
  stripe: Stripe,
  good: Good,
  known: ReadonlyMap<string, Feature>,
  ids: ReadonlyMap<string, string>,
  existingProducts: ReadonlySet<string>,
): Promise<CatalogueChange[]> {
  const { product } = good
  const attached = existingProducts.has(product) ? await attachedTo(stripe, product, known) : new Map<string, string>()
  const wanted = grantedBy(good)
  const field = (name: string, from: boolean, to: boolean) => ({ field: name, from: has(from), to: has(to) })
  const added = wanted.filter((name) => !attached.has(name))
  const removed = [...attached.keys()].filter((name) => !wanted.includes(name))
  const change = (name: string, to: boolean, apply: () => Promise<unknown>): CatalogueChange => ({
    action: 'update',
    kind: 'product',
    key: product,
    summary: `product ${product}: ${to ? 'grants' : 'grants no more'} ${name}`,
    fields: [field(name, !to, to)],
    apply,
  })
  return [
    ...added.map((name) =>
      change(name, true, () =>
        stripe.products.createFeature(product, { entitlement_feature: ids.get(name) ?? '' }).catch(ignoreAttached),
      ),
    ),
    ...removed.map((name) =>
      change(name, false, () => stripe.products.deleteFeature(product, attached.get(name) ?? '')),
    ),
  ]
}

const has = (granted: boolean): string => (granted ? 'granted' : 'not granted')

/** Those of our features that a product has: the attachment's id, by our name. A feature made by hand is left alone. */
async function attachedTo(
  stripe: Stripe,
  product: string,
  known: ReadonlyMap<string, Feature>,
): Promise<Map<string, string>> {
  const names = new Map([...known].map(([name, { id }]) => [id, name]))
  const attached = new Map<string, string>()
  for await (const { id, entitlement_feature } of stripe.products.listFeatures(product, { limit: 100 })) {
    const name = names.get(entitlement_feature.id)
    if (name !== undefined) attached.set(name, id)
  }
  return attached
}

/** Another push was quicker to attach it. Stripe has no code of its own for that, so its words are read. */
function ignoreAttached(error: unknown): void {
  if (error instanceof Error && /already/i.test(error.message)) return
  ignoreExisting(error)
}
