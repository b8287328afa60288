import type Stripe from 'stripe'
import { isMissing } from '../stripe/client.ts'
import type { Catalogue } from './catalogue.ts'
import { type CatalogueChange, ignoreExisting, updateOf } from './change.ts'
import { limitsText } from './validate.ts'

/** The metadata of a product that says which plan it is, and the limits of its features. */
export const planKey = 'dues_plan'
export const limitsKey = 'dues_limits'

/** What makes a plan's product equal to the plan: made, named, brought back. */
export function productChanges(
  stripe: Stripe,
  catalogue: Catalogue,
  plan: string,
  product: Stripe.Product | null,
): CatalogueChange[] {
  const id = catalogue.productId(plan)
  const { name = plan, description, features } = catalogue.plans[plan] ?? {}
  const limits = limitsText(features)
  const metadata = { [planKey]: plan, [limitsKey]: limits }
  if (!product) {
    const wanted = { name, ...(description && { description }), metadata: limits ? metadata : { [planKey]: plan } }
    const apply = () => stripe.products.create({ id, ...wanted }).catch(ignoreExisting)
    return [{ action: 'create', kind: 'product', key: id, summary: `product ${id} "${name}"`, fields: [], apply }]
  }
  const fields = [
    { field: 'name', from: product.name, to: name },
    { field: 'description', from: product.description || null, to: description || null },
    { field: 'active', from: String(product.active), to: 'true' },
    { field: planKey, from: product.metadata[planKey] ?? null, to: plan },
    { field: limitsKey, from: product.metadata[limitsKey] || null, to: limits || null },
  ]
  return updateOf('product', id, fields, () =>
    stripe.products.update(id, { name, description: description ?? '', active: true, metadata }),
  )
}

/** A plan that the configuration has no more: nobody can buy it, and who has it keeps it. */
export const retireProduct = (stripe: Stripe, { id, name }: Stripe.Product): CatalogueChange => ({
  action: 'archive',
  kind: 'product',
  key: id,
  summary: `product ${id} "${name}", which is no plan any more`,
  fields: [],
  apply: () => stripe.products.update(id, { active: false }),
})

export async function retrieveProduct(stripe: Stripe, id: string): Promise<Stripe.Product | null> {
  try {
    return await stripe.products.retrieve(id)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** The products that an earlier push made for plans that are gone. The id names the plan, so another app's are left alone. */
export async function forgottenProducts(
  stripe: Stripe,
  catalogue: Catalogue,
  plans: ReadonlySet<string>,
): Promise<Stripe.Product[]> {
  const forgotten: Stripe.Product[] = []
  for await (const product of stripe.products.list({ active: true, limit: 100 })) {
    const plan = product.metadata[planKey]
    if (plan !== undefined && product.id === catalogue.productId(plan) && !plans.has(plan)) forgotten.push(product)
  }
  return forgotten
}
