import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { equalJson } from '../difference.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { searchFor } from '../protocol/search.ts'
import { currencyOf, onlyOne } from '../protocol/values.ts'
import { defineResource } from '../resource.ts'
import { fromPath } from './from-path.ts'
import { mergeMetadata } from './metadata.ts'
import { planOf } from './plans.ts'
import { type AmountParams, amountsOf, recurringOf } from './price-amounts.ts'
import { createProduct } from './products.ts'

type Price = Kinds['price']

defineResource({
  kind: 'price',
  operations: {
    'POST /v1/prices': ({ account, params }) => {
      const { price, announce } = createPrice(account, params)
      announce()
      return price
    },
    'POST /v1/prices/{id}': ({ account, path, params }) => updatePrice(account, path.id, params),
    'GET /v1/prices/{id}': ({ account, path }) => fromPath(account, 'price', path.id, 'price'),
    'GET /v1/prices': ({ account, params, url }) => {
      const { active, type, lookup_keys, product, recurring } = params
      const currency = params.currency && currencyOf(params.currency)
      if (product) account.get('product', product, 'product')
      return listOf(account, 'price', params, url, {
        ...(product && { among: account.store.by('price', 'product', product) }),
        where: (price) =>
          (active === undefined || price.active === active) &&
          (!currency || price.currency === currency) &&
          (type === undefined || price.type === type) &&
          (lookup_keys === undefined || (price.lookup_key !== null && lookup_keys.includes(price.lookup_key))) &&
          (recurring?.interval === undefined || price.recurring?.interval === recurring.interval) &&
          (recurring?.usage_type === undefined || price.recurring?.usage_type === recurring.usage_type) &&
          (recurring?.meter === undefined || price.recurring?.meter === recurring.meter),
      })
    },
    'GET /v1/prices/search': ({ account, params, url }) => searchFor(account, 'price', params, url),
  },
  // Stripe shows tiers and other currencies only when they are asked for.
  view: ({ tiers: _tiers, currency_options: _options, ...shown }) => shown,
  includes: {
    tiers: ({ id }, account) => account.find('price', id)?.tiers,
    currency_options: ({ id }, account) => currencyOptionsOf(account.get('price', id)),
  },
})

/** What makes a price, be it `POST /v1/prices`, a product's `default_price_data` or the `price_data` of an item. */
export type NewPrice = AmountParams &
  Pick<
    Stripe.PriceCreateParams,
    | 'active'
    | 'lookup_key'
    | 'nickname'
    | 'product'
    | 'product_data'
    | 'recurring'
    | 'tax_behavior'
    | 'transfer_lookup_key'
  > & { metadata?: Stripe.Emptyable<Stripe.MetadataParam>; id?: string }

/**
 * Makes a price. Its events are sent by `announce`, so that a product that is made with it can be told of first.
 *
 * https://docs.stripe.com/api/prices/create
 */
export function createPrice(account: Account, params: NewPrice): { price: Price; announce: () => void } {
  if (params.product === undefined && params.product_data === undefined) {
    throw invalidRequest('You must specify either `product` or `product_data` when creating a price.')
  }
  onlyOne(params, ['product', 'product_data'])
  if (params.product !== undefined) account.get('product', params.product, 'product')
  const amounts = amountsOf(params)
  const recurring = params.recurring ? recurringOf(account, params.recurring) : null
  const lookup_key = params.lookup_key ? freeLookupKey(account, params.lookup_key, params.transfer_lookup_key) : null
  const product = params.product ?? createProduct(account, params.product_data ?? { name: '' }).id
  const price = account.insert('price', {
    id: params.id ?? account.newId('price'),
    object: 'price',
    active: params.active ?? true,
    created: account.now,
    livemode: false,
    lookup_key,
    metadata: mergeMetadata({}, params.metadata),
    nickname: params.nickname || null,
    product,
    recurring,
    tax_behavior: params.tax_behavior ?? 'unspecified',
    type: recurring ? 'recurring' : 'one_time',
    ...amounts,
  })
  const announce = (): void => {
    // A recurring price is a plan as well, to those who still listen for plans.
    if (price.recurring) account.emit('plan.created', planOf(price))
    account.emit('price.created', price)
  }
  return { price, announce }
}

/** https://docs.stripe.com/api/prices/update */
function updatePrice(account: Account, id: string, params: Stripe.PriceUpdateParams): Price {
  const before = fromPath(account, 'price', id, 'price')
  const fields: Partial<Price> = {}
  if (params.active !== undefined) fields.active = activeOf(account, before, params.active)
  if (params.metadata !== undefined) fields.metadata = mergeMetadata(before.metadata, params.metadata)
  if (params.nickname !== undefined) fields.nickname = params.nickname || null
  if (params.tax_behavior !== undefined) fields.tax_behavior = taxBehaviorOf(before, params.tax_behavior)
  if (params.currency_options !== undefined) fields.currency_options = optionsAfter(before, params.currency_options)
  if (params.lookup_key !== undefined && params.lookup_key !== before.lookup_key) {
    fields.lookup_key = params.lookup_key ? freeLookupKey(account, params.lookup_key, params.transfer_lookup_key) : null
  }
  const after = account.change('price.updated', 'price', id, fields)
  if (before.recurring) emitPlanUpdated(account, before, after)
  return after
}

/** Only what a plan shows of a price is told of as a change of the plan: not the lookup key. */
function emitPlanUpdated(account: Account, before: Price, after: Price): void {
  const was = planOf(before)
  const is = planOf(after)
  if (!equalJson(was, is)) account.emit('plan.updated', is, was as never)
}

function activeOf(account: Account, price: Price, active: boolean): boolean {
  if (!active && price.active && account.find('product', price.product)?.default_price === price.id) {
    throw invalidRequest('This price cannot be archived because it is the default price of its product.')
  }
  return active
}

function taxBehaviorOf(price: Price, behavior: NonNullable<Price['tax_behavior']>): Price['tax_behavior'] {
  if (price.tax_behavior === 'unspecified' || price.tax_behavior === behavior) return behavior
  throw invalidRequest(
    'You cannot change the `tax_behavior` of a price once it is `inclusive` or `exclusive`. Create another price instead.',
    'tax_behavior',
  )
}

/** A lookup key has one price, active or not; it is taken from that price only when the request says so. */
function freeLookupKey(account: Account, key: string, transfer = false): string {
  if (key.length > 200) throw invalidRequest(`Invalid string: ${key}; must be at most 200 characters`, 'lookup_key')
  const [holder] = account.store.by('price', 'lookup_key', key)
  if (holder && !transfer)
    throw invalidRequest(`A price (\`${holder.id}\`) already uses that lookup key.`, 'lookup_key')
  if (holder) account.change('price.updated', 'price', holder.id, { lookup_key: null })
  return key
}

function optionsAfter(price: Price, options: Stripe.PriceUpdateParams['currency_options']): Price['currency_options'] {
  if (!options) return {}
  const { currency_options } = amountsOf({ currency: price.currency, unit_amount: 0, currency_options: options })
  return { ...price.currency_options, ...currency_options }
}

/** The price's own currency stands among its options. */
function currencyOptionsOf(price: Price): NonNullable<Price['currency_options']> {
  const { currency, custom_unit_amount, tax_behavior, tiers, unit_amount, unit_amount_decimal } = price
  const own = { custom_unit_amount, tax_behavior, ...(tiers && { tiers }), unit_amount, unit_amount_decimal }
  return { ...price.currency_options, [currency]: own }
}
