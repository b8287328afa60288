import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { termsIn } from '../engine/pricing.ts'
import { randomCharacters } from '../ids.ts'
import type { CheckoutItem, Kinds } from '../kinds.ts'
import { invalidRequest, missingParameter, notSupported } from '../protocol/errors.ts'
import { currencyOf, onlyOne } from '../protocol/values.ts'
import { mergeMetadata } from '../resources/metadata.ts'
import { createPrice } from '../resources/prices.ts'
import type { Mode } from './rules.ts'

type Price = Kinds['price']
type LineItemParams = Stripe.Checkout.SessionCreateParams.LineItem

/** The line items of a session and the currency that they are sold in. */
export function itemsOf(
  account: Account,
  params: readonly LineItemParams[] | undefined,
  mode: Mode,
  currency: string | undefined,
): { items: CheckoutItem[]; currency: string } {
  if (!params || params.length === 0) throw missingParameter('line_items')
  const prices = params.map((item, index) => priceOf(account, item, `line_items[${index}]`))
  const chosen = currency === undefined ? (prices[0] as Price).currency : currencyOf(currency)
  checkPrices(prices, mode, chosen)
  const items = params.map((item, index) => itemOf(account, item, prices[index] as Price, `line_items[${index}]`))
  return { items, currency: chosen }
}

/** The price of a line item; `price_data` makes one that is not for sale elsewhere. */
export function priceOf(account: Account, item: LineItemParams, param: string): Price {
  onlyOne(item, ['price', 'price_data'], param)
  if (item.price_data) {
    const { unit_amount_decimal, ...data } = item.price_data
    const { price } = createPrice(account, {
      ...data,
      ...(unit_amount_decimal !== undefined && { unit_amount_decimal }),
      active: false,
    })
    return price
  }
  if (!item.price) {
    throw invalidRequest('You must provide either price or price_data for each line item when using prices.', param)
  }
  const price = account.get('price', item.price, `${param}[price]`)
  if (!price.active) {
    throw invalidRequest('The price specified is inactive. This field only accepts active prices.', `${param}[price]`)
  }
  if (!account.get('product', price.product, `${param}[price]`).active) {
    throw invalidRequest(
      `Price \`${price.id}\` is not available to be purchased because its product is not active.`,
      `${param}[price]`,
    )
  }
  if (price.custom_unit_amount) throw notSupported('prices with custom_unit_amount in Checkout')
  return price
}

/** Refuses prices that do not go with the mode, with each other or with the currency. */
export function checkPrices(
  prices: readonly Price[],
  mode: Mode,
  currency: string,
  paramOf = (index: number): string => `line_items[${index}]`,
): void {
  const rhythms = new Set(
    prices.flatMap(({ recurring }) => (recurring ? [`${recurring.interval_count} ${recurring.interval}`] : [])),
  )
  if (mode === 'payment' && rhythms.size > 0) {
    throw invalidRequest(
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
      'mode',
    )
  }
  if (mode === 'subscription' && rhythms.size === 0) {
    throw invalidRequest(
      'You must provide at least one recurring price in `subscription` mode when using prices.',
      'mode',
    )
  }
  if (rhythms.size > 1) {
    throw invalidRequest('Checkout does not support multiple prices with different billing intervals.', 'line_items')
  }
  for (const [index, price] of prices.entries()) {
    if (termsIn(price, currency)) continue
    const sold = [price.currency, ...Object.keys(price.currency_options ?? {})]
    throw invalidRequest(
      `The price specified only supports \`${[...new Set(sold)].join('`, `')}\`. This doesn't match the expected currency: \`${currency}\`.`,
      `${paramOf(index)}[price]`,
    )
  }
}

/** One line item of a session. */
export function itemOf(account: Account, item: LineItemParams, price: Price, param: string): CheckoutItem {
  const metered = price.recurring?.usage_type === 'metered'
  if (metered && item.quantity !== undefined) {
    throw invalidRequest(
      `Quantity should not be specified where usage_type is \`metered\`. Remove \`quantity\` from \`${param}\``,
      `${param}[quantity]`,
    )
  }
  if (!metered && item.quantity === undefined) {
    throw invalidRequest(`Quantity is required. Add \`quantity\` to \`${param}\``, param)
  }
  if (item.quantity !== undefined && item.quantity < 1) {
    throw invalidRequest(
      'This value must be greater than or equal to 1.',
      `${param}[quantity]`,
      'parameter_invalid_integer',
    )
  }
  const adjustable = item.adjustable_quantity
  return {
    id: `li_1${randomCharacters(23)}`,
    price: price.id,
    quantity: item.quantity ?? null,
    adjustable_quantity: adjustable?.enabled
      ? { enabled: true, maximum: adjustable.maximum ?? 99, minimum: adjustable.minimum ?? 0 }
      : null,
    metadata: item.metadata === undefined ? null : mergeMetadata({}, item.metadata),
    tax_rates: (item.tax_rates ?? []).map((id) => account.get('tax_rate', id, `${param}[tax_rates]`).id),
  }
}
