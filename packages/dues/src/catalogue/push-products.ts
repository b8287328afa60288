import type Stripe from 'stripe'
import { isMissing } from '../stripe/client.ts'
import type { Catalogue, Good } from './catalogue.ts'
import { type CatalogueChange, ignoreExisting, updateOf } from './change.ts'
import { termsKey, termsText } from './product-terms.ts'
import { limitsText } from './validate.ts'

/** The metadata of a product that says which plan or add-on it is, the limits of its features, and the plans that may have an add-on. */
export const planKey = 'dues_plan'
export const addOnKey = 'dues_add_on'
export const limitsKey = 'dues_limits'
export const plansKey = 'dues_plans'

/** Whether Dues made a product or a price, for this app or another one. */
export const isOwn = ({ metadata }: { readonly metadata: Stripe.Metadata }): boolean =>
  metadata[planKey] !== undefined || metadata[addOnKey] !== undefined

/** What makes the product of a plan or an add-on equal to it: made, named, brought back. */
export function productChanges(
  stripe: Stripe,
  { product: id, tag: [key, code], config }: Good,
  product: Stripe.Product | null,
): CatalogueChange[] {
  const { name, description, features, plans } = config
  const limits = limitsText(features)
  const terms = termsText(config)
  const sold = plans?.join() ?? ''
  if (!product) {
    const metadata = {
      [key]: code,
      ...(limits && { [limitsKey]: limits }),
      ...(sold && { [plansKey]: sold }),
      ...(terms && { [termsKey]: terms }),
    }
    const wanted = { name, ...(description && { description }), metadata }
    const apply = () => stripe.products.create({ id, ...wanted }).catch(ignoreExisting)
    return [{ action: 'create', kind: 'product', key: id, summary: `product ${id} "${name}"`, fields: [], apply }]
  }
  const fields = [
    { field: 'name', from: product.name, to: name },
    { field: 'description', from: product.description || null, to: description || null },
    { field: 'active', from: String(product.active), to: 'true' },
    { field: key, from: product.metadata[key] ?? null, to: code },
    { field: limitsKey, from: product.metadata[limitsKey] || null, to: limits || null },
    { field: plansKey, from: product.metadata[plansKey] || null, to: sold || null },
    { field: termsKey, from: product.metadata[termsKey] || null, to: terms || null },
  ]
  // An empty field is one that Stripe takes away; it answers with what is left.
  const metadata = { [key]: code, [limitsKey]: limits, [plansKey]: sold, [termsKey]: terms }
  return updateOf('product', id, fields, () =>
    stripe.products.update(id, { name, description: description ?? '', active: true, metadata }),
  )
}

/** A plan or an add-on that the configuration has no more: nobody can buy it, and who has it keeps it. */
export const retireProduct = (stripe: Stripe, { id, name, metadata }: Stripe.Product): CatalogueChange => ({
  action: 'archive',
  kind: 'product',
  key: id,
  summary: `product ${id} "${name}", which is no ${metadata[addOnKey] === undefined ? 'plan' : 'add-on'} any more`,
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

/** The products that an earlier push made for what is gone. The id names the plan or the add-on, so another app's are left alone. */
export async function forgottenProducts(stripe: Stripe, { prefix, goods }: Catalogue): Promise<Stripe.Product[]> {
  const sold = new Set(goods.map(({ product }) => product))
  const forgotten: Stripe.Product[] = []
  for await (const product of stripe.products.list({ active: true, limit: 100 }))
    if (product.id === ownProductId(product, prefix) && !sold.has(product.id)) forgotten.push(product)
  return forgotten
}

/** The id that Dues gives to the product of what the metadata names; null where they name nothing. */
export function ownProductId({ metadata }: Stripe.Product, prefix: string): string | null {
  const [plan, addOn] = [metadata[planKey], metadata[addOnKey]]
  if (addOn !== undefined) return `${prefix}_addon_${addOn}`
  return plan === undefined ? null : `${prefix}_${plan}`
}
