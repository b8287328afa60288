import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { equalJson } from '../difference.ts'
import { statementDescriptorOf } from '../engine/statement-descriptors.ts'
import type { Kinds } from '../kinds.ts'
import { ApiError, invalidRequest, noSuch } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { searchFor } from '../protocol/search.ts'
import { onlyOne } from '../protocol/values.ts'
import { defineResource } from '../resource.ts'
import { mergeMetadata } from './metadata.ts'
import { createPrice } from './prices.ts'

type Product = Kinds['product']
/** What may be named of a product, at creation or later. */
type Changes = Partial<Stripe.ProductCreateParams> | Stripe.ProductUpdateParams

defineResource({
  kind: 'product',
  operations: {
    'POST /v1/products': ({ account, params }) => {
      const product = insertProduct(account, params)
      if (!params.default_price_data) return announce(account, product)
      const { currency_options, ...data } = params.default_price_data
      // Stripe tells of the product first, and its snapshot has the default price already.
      const announcePrice = createPrice(account, {
        ...data,
        ...(currency_options && { currency_options }),
        product: product.id,
      })
      const priced = announce(account, account.update('product', product.id, { default_price: announcePrice.price.id }))
      announcePrice.announce()
      return priced
    },
    'POST /v1/products/{id}': ({ account, path, params }) => {
      const before = account.get('product', path.id)
      const fields = fieldsOf(before, params)
      if (params.default_price !== undefined)
        fields.default_price = defaultPriceOf(account, before, params.default_price)
      return changeProduct(account, before, fields)
    },
    'GET /v1/products/{id}': ({ account, path }) => account.get('product', path.id),
    'GET /v1/products': ({ account, params, url }) => {
      if (params.ids) onlyOne(params, ['ids', 'starting_after', 'ending_before'])
      const { ids, active, shippable, type } = params
      return listOf(account, 'product', params, url, {
        where: (product) =>
          (ids === undefined || ids.includes(product.id)) &&
          (active === undefined || product.active === active) &&
          (shippable === undefined || (product.shippable ?? false) === shippable) &&
          (type === undefined || product.type === type) &&
          (params.url === undefined || product.url === params.url),
      })
    },
    'GET /v1/products/search': ({ account, params, url }) => searchFor(account, 'product', params, url),
    'DELETE /v1/products/{id}': ({ account, path }) => {
      const product = account.get('product', path.id)
      if (account.store.by('price', 'product', product.id).length > 0) {
        throw invalidRequest('This product cannot be deleted because it has one or more user-created prices.')
      }
      for (const feature of account.store.by('product_feature', 'product', product.id))
        account.remove('product_feature', feature.id)
      account.remove('product', product.id)
      account.emit('product.deleted', { ...product, active: false })
      return { id: product.id, object: 'product', deleted: true }
    },
  },
})

/** What is needed of a product that is made with a price: `product_data` of a price or of a line item. */
export type ProductData = Stripe.PriceCreateParams.ProductData

/** Makes the product of a `product_data` and tells of it. */
export const createProduct = (account: Account, data: ProductData | Stripe.ProductCreateParams): Product =>
  announce(account, insertProduct(account, data))

function announce(account: Account, product: Product): Product {
  account.emit('product.created', product)
  return product
}

function insertProduct(account: Account, params: ProductData | Stripe.ProductCreateParams): Product {
  const id = params.id ?? account.newId('prod')
  if (account.find('product', id)) {
    throw new ApiError(400, 'Product already exists.', { code: 'resource_already_exists' })
  }
  const empty: Product = {
    id,
    object: 'product',
    active: true,
    created: account.now,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    name: params.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: account.now,
    url: null,
  }
  return account.insert('product', { ...empty, ...fieldsOf(empty, params) })
}

/** Replaces fields and tells of it. `updated` moves only when something changed. */
function changeProduct(account: Account, before: Product, fields: Partial<Product>): Product {
  const isSame = equalJson({ ...before, ...fields }, before)
  return account.change('product.updated', 'product', before.id, isSame ? {} : { ...fields, updated: account.now })
}

/** The fields that parameters name. An empty string clears a field. */
function fieldsOf(before: Product, params: Changes): Partial<Product> {
  const fields: Partial<Product> = {}
  if (params.active !== undefined) fields.active = params.active
  if (params.name !== undefined) fields.name = params.name
  if (params.description !== undefined) fields.description = params.description || null
  if (params.images !== undefined) fields.images = upTo(8, params.images || [], 'images')
  if (params.marketing_features !== undefined) {
    fields.marketing_features = upTo(15, params.marketing_features || [], 'marketing_features').map(({ name }) => ({
      name,
    }))
  }
  if (params.metadata !== undefined) fields.metadata = mergeMetadata(before.metadata, params.metadata)
  if (params.package_dimensions !== undefined) fields.package_dimensions = params.package_dimensions || null
  if (params.shippable !== undefined) fields.shippable = params.shippable
  if (params.statement_descriptor !== undefined)
    fields.statement_descriptor = statementDescriptorOf(params.statement_descriptor)
  if ('type' in params && params.type !== undefined) fields.type = params.type
  if (params.unit_label !== undefined) fields.unit_label = shortText(12, params.unit_label, 'unit_label')
  if (params.url !== undefined) fields.url = params.url || null
  Object.assign(fields, taxOf(before, params))
  return fields
}

/** `tax_code` and `tax_details.tax_code` are one value under two names. */
function taxOf(before: Product, params: Changes): Partial<Product> {
  if (params.tax_code === undefined && params.tax_details === undefined) return {}
  const details = params.tax_details || {}
  const given = params.tax_code ?? details.tax_code
  const before_code = typeof before.tax_code === 'string' ? before.tax_code : null
  const tax_code = given === undefined ? (params.tax_details === '' ? null : before_code) : given || null
  const performance_location = details.performance_location || null
  const isEmpty = tax_code === null && performance_location === null
  return { tax_code, tax_details: isEmpty ? null : { performance_location, tax_code } }
}

function defaultPriceOf(account: Account, product: Product, id: string): string | null {
  if (id === '') return null
  const price = account.get('price', id, 'default_price')
  if (price.product === product.id) return price.id
  throw noSuch('price', id, 'default_price')
}

function upTo<T>(most: number, values: T[], param: string): T[] {
  if (values.length <= most) return values
  throw invalidRequest(`A product can have at most ${most} ${param}, but you passed ${values.length}.`, param)
}

function shortText(most: number, text: string | null, param: string): string | null {
  if (!text) return null
  if (text.length <= most) return text
  throw invalidRequest(`Invalid string: ${text}; must be at most ${most} characters`, param)
}
