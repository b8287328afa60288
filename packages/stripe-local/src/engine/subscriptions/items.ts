import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import type { Kinds } from '../../kinds.ts'
import { ApiError, invalidRequest, noSuch, notSupported } from '../../protocol/errors.ts'
import { atLeast } from '../../protocol/values.ts'
import { mergeMetadata } from '../../resources/metadata.ts'
import { planOf } from '../../resources/plans.ts'
import { createPrice } from '../../resources/prices.ts'
import type { Stored } from '../../wire.ts'
import { type Anchor, type Period, periodContaining, type Rhythm } from '../calendar.ts'
import { termsIn } from '../pricing.ts'
import { type DiscountOwner, redeemAll } from '../redeem.ts'

export type Subscription = Kinds['subscription']
export type Item = Stored<Stripe.SubscriptionItem>
export type Price = Kinds['price']

/** One entry of `items`, when a subscription is created or updated. */
export type ItemParam = Stripe.SubscriptionCreateParams.Item & Stripe.SubscriptionUpdateParams.Item

export const isMetered = (item: { price: Price }): boolean => item.price.recurring?.usage_type === 'metered'

/** How often an item is billed. */
export const rhythmOf = (price: Price): Rhythm => ({
  interval: price.recurring?.interval ?? 'month',
  interval_count: price.recurring?.interval_count ?? 1,
})

/** The period of an item that a time lies in. */
export const periodOf = (item: Item): Period => ({ start: item.current_period_start, end: item.current_period_end })

/** When the next period of any item begins. */
export const nextPeriodEnd = (items: readonly Item[]): number =>
  Math.min(...items.map((item) => item.current_period_end))

/**
 * The recurring price that an item asks for, by id or made on the spot from `price_data`.
 * Errors: `resource_missing`, and Stripe's refusals of one-time and inactive prices.
 *
 * @param isSold it was active when it was sold: in a Checkout, which may have been opened before the price was archived
 */
export function priceOf(account: Account, param: ItemParam, where: string, isSold = false): Price | undefined {
  if (param.current_trial) throw notSupported(`trial offers: ${where}[current_trial]`)
  if (param.price_data) {
    const { product, ...data } = param.price_data
    const made = createPrice(account, { ...data, product, active: false })
    made.announce()
    return made.price
  }
  const id = param.price ?? param.plan
  if (id === undefined) return undefined
  const name = param.price === undefined ? 'plan' : 'price'
  const price = account.get('price', id, `${where}[${name}]`, name)
  if (!price.recurring) {
    throw invalidRequest(
      'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.',
      `${where}[${name}]`,
    )
  }
  if (!price.active && !isSold && !('deleted' in price)) {
    throw invalidRequest('The price specified is inactive. This field only accepts active prices.', `${where}[${name}]`)
  }
  return price
}

/** A new item of a subscription, for a period. */
export function newItem(
  account: Account,
  subscription: Pick<Subscription, 'id' | 'currency'>,
  owner: DiscountOwner,
  param: ItemParam,
  price: Price,
  period: Period,
  where: string,
): Item {
  const id = account.newId('si')
  account.insert('local.item', { id, object: 'local.item', subscription: subscription.id })
  const quantity = quantityOf(price, param.quantity, where)
  return {
    id,
    object: 'subscription_item',
    billing_thresholds: itemThresholdOf(param.billing_thresholds, where),
    created: account.now,
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: null,
    discounts: redeemAll(
      account,
      param.discounts,
      { ...owner, subscription_item: id },
      subscription.currency,
      `${where}[discounts]`,
    ),
    metadata: mergeMetadata({}, param.metadata),
    plan: planOf(price),
    price,
    ...(quantity !== undefined && { quantity }),
    subscription: subscription.id,
    tax_rates: taxRatesOf(account, param.tax_rates, `${where}[tax_rates]`),
  }
}

/** At which number of units an item is billed before its period ends; an empty string ends that. */
export const itemThresholdOf = (params: ItemParam['billing_thresholds'], where: string): Item['billing_thresholds'] =>
  params ? { usage_gte: atLeast(1, params.usage_gte, `${where}[billing_thresholds][usage_gte]`) } : null

/** Metered prices have no quantity: usage is counted. Others have 1 when none is given. */
export function quantityOf(price: Price, quantity: number | undefined, where: string): number | undefined {
  if (price.recurring?.usage_type !== 'metered') {
    if (quantity !== undefined && quantity < 0) {
      throw new ApiError(400, 'This value must be greater than or equal to 0.', {
        code: 'parameter_invalid_integer',
        param: `${where}[quantity]`,
      })
    }
    return quantity ?? 1
  }
  if (quantity === undefined) return undefined
  throw invalidRequest('You cannot set the quantity for metered plans.', `${where}[quantity]`)
}

/** The tax rates that a parameter names, as they are kept on items, subscriptions and invoices. */
export const taxRatesOf = (
  account: Account,
  ids: Stripe.Emptyable<string[]> | undefined,
  where: string,
): Stored<Stripe.TaxRate>[] => (ids || []).map((id, i) => account.get('tax_rate', id, `${where}[${i}]`))

/** One currency, no price twice, and with classic billing one rhythm. */
export function checkItems(
  subscription: Pick<Subscription, 'billing_mode' | 'currency'>,
  items: readonly Item[],
): void {
  const seen = new Set<string>()
  for (const [index, { price }] of items.entries()) {
    if (!termsIn(price, subscription.currency)) {
      throw invalidRequest(
        `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${subscription.currency}\`.`,
        `items[${index}][price]`,
      )
    }
    if (seen.has(price.id)) {
      throw invalidRequest(
        `Cannot create a Subscription with multiple Subscription Items with the same Price: ${price.id}`,
        'plan',
      )
    }
    seen.add(price.id)
  }
  const rhythms = new Set(items.map(({ price }) => JSON.stringify(rhythmOf(price))))
  if (subscription.billing_mode.type === 'classic' && rhythms.size > 1) {
    throw invalidRequest(
      'All prices on a subscription must have the same `recurring.interval` and `recurring.interval_count`. If you meant to update an existing subscription item instead of creating a new one, make sure to include the subscription item ID in your request. See examples at https://stripe.com/docs/billing/subscriptions/upgrade-downgrade#changing.',
      'items',
    )
  }
}

/** The item that an update names, or Stripe's "No such subscription item". */
export function itemNamed(items: readonly Item[], id: string, where: string): Item {
  const item = items.find((each) => each.id === id)
  if (!item) throw noSuch('subscription item', id, `${where}[id]`, 400)
  return item
}

/** The item's period in which a time lies, by the subscription's anchor. */
export const periodAt = (anchor: Anchor, price: Price, time: number): Period =>
  periodContaining(anchor, rhythmOf(price), time)

/** Stripe's list object for items, which live inside their subscription. */
export const itemList = (subscriptionId: string, data: Item[]): Subscription['items'] => ({
  object: 'list',
  data,
  has_more: false,
  url: `/v1/subscription_items?subscription=${subscriptionId}`,
})
