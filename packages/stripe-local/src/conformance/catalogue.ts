import { type Conversation, isObject, type Json, objectsIn } from './recording.ts'

type JsonObject = { [name: string]: Json }

/** What was for sale in the account that was recorded, as far as its answers show it: the recordings begin after it was set up. */
export type Catalogue = Map<string, JsonObject>

const kept = new Set(['product', 'price', 'coupon', 'promotion_code', 'tax_rate'])

/** Reads the catalogue out of all answers of all conversations: what one leaves out, another may show. */
export function catalogueOf(conversations: readonly Conversation[]): Catalogue {
  const catalogue: Catalogue = new Map()
  const found = conversations.flatMap(({ exchanges }) =>
    exchanges.flatMap(({ response }) => [...objectsIn(response.body)]),
  )
  for (const object of found) {
    if (kept.has(String(object.object)) && typeof object.id === 'string' && object.deleted !== true)
      catalogue.set(object.id, object)
  }
  // A line of an invoice shows a price that is nowhere shown whole, and what its product is called.
  for (const line of found) {
    const details = isObject(line.pricing) && isObject(line.pricing.price_details) ? line.pricing.price_details : null
    if (
      line.object !== 'line_item' ||
      !details ||
      typeof details.price !== 'string' ||
      typeof details.product !== 'string'
    )
      continue
    const isRecurring = isObject(line.parent) && line.parent.type === 'subscription_item_details'
    if (!catalogue.has(details.price) && !isRecurring && isObject(line.pricing)) {
      catalogue.set(details.price, {
        id: details.price,
        object: 'price',
        currency: line.currency ?? 'usd',
        product: details.product,
        recurring: null,
        unit_amount_decimal: line.pricing.unit_amount_decimal ?? '0',
      })
    }
    if (!catalogue.has(details.product)) {
      const named = productOf(String(line.description))
      if (named) catalogue.set(details.product, { id: details.product, object: 'product', ...named })
    }
  }
  return catalogue
}

/** `1 user × Test Subscription (at $25.00 / month)` is about a Test Subscription of users; `T-Shirt` about a T-Shirt. */
function productOf(description: string): { name: string; unit_label: string | null } | null {
  const line = /^\d+(?: (\S+))? × (.+) \(at .+\)$/.exec(description)
  if (line) return { name: line[2] ?? '', unit_label: line[1] ?? null }
  return /^(Unused|Remaining) time on |^Free trial for /.test(description)
    ? null
    : { name: description, unit_label: null }
}

/** The request that makes an object of the catalogue, with the ids of the recording. */
export function setUpOf(object: JsonObject): { path: string; params: JsonObject } | null {
  switch (object.object) {
    case 'product':
      return {
        path: '/v1/products',
        params: pick(object, ['name', 'unit_label', 'description', 'statement_descriptor', 'metadata']),
      }
    case 'price':
      return { path: '/v1/prices', params: priceParams(object) }
    case 'coupon':
      return {
        path: '/v1/coupons',
        params: pick(object, [
          'id',
          'amount_off',
          'currency',
          'duration',
          'duration_in_months',
          'max_redemptions',
          'name',
          'percent_off',
          'metadata',
        ]),
      }
    case 'promotion_code': {
      const coupon = isObject(object.promotion) ? object.promotion.coupon : object.coupon
      const id = isObject(coupon) ? coupon.id : coupon
      return {
        path: '/v1/promotion_codes',
        params: { ...pick(object, ['code', 'max_redemptions']), promotion: { type: 'coupon', coupon: id ?? '' } },
      }
    }
    case 'tax_rate':
      return {
        path: '/v1/tax_rates',
        params: pick(object, [
          'display_name',
          'inclusive',
          'percentage',
          'country',
          'state',
          'jurisdiction',
          'tax_type',
        ]),
      }
    default:
      return null
  }
}

function priceParams(price: JsonObject): JsonObject {
  const product = isObject(price.product) ? price.product.id : price.product
  const recurring = isObject(price.recurring)
    ? pick(price.recurring, ['interval', 'interval_count', 'trial_period_days'])
    : null
  const whole = price.unit_amount_decimal ?? price.unit_amount
  return {
    ...pick(price, [
      'currency',
      'nickname',
      'tax_behavior',
      'billing_scheme',
      'tiers_mode',
      'transform_quantity',
      'metadata',
    ]),
    ...(Array.isArray(price.tiers)
      ? {
          tiers: price.tiers.map((tier) =>
            isObject(tier) ? { ...pick(tier, ['unit_amount', 'flat_amount']), up_to: tier.up_to ?? 'inf' } : tier,
          ),
        }
      : { unit_amount_decimal: String(whole ?? 0) }),
    product: product ?? '',
    ...(recurring && { recurring }),
  }
}

/** The named fields that have a value. */
const pick = (object: JsonObject, names: string[]): JsonObject =>
  Object.fromEntries(
    names.flatMap((name) => (object[name] === null || object[name] === undefined ? [] : [[name, object[name]]])),
  )
