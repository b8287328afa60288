import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { missingParameter } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { amountOf, currencyOf } from '../protocol/values.ts'
import { defineResource } from '../resource.ts'
import { fromPath } from './from-path.ts'
import { mergeMetadata } from './metadata.ts'

type ShippingRate = Kinds['shipping_rate']
type FixedAmount = NonNullable<ShippingRate['fixed_amount']>

defineResource({
  kind: 'shipping_rate',
  operations: {
    'POST /v1/shipping_rates': ({ account, params }) => createShippingRate(account, params),
    'POST /v1/shipping_rates/{id}': ({ account, path, params }) => updateShippingRate(account, path.id, params),
    'GET /v1/shipping_rates/{id}': ({ account, path }) => ofPath(account, path.id),
    'GET /v1/shipping_rates': ({ account, params, url }) =>
      listOf(account, 'shipping_rate', params, url, {
        where: (rate) =>
          (params.active === undefined || rate.active === params.active) &&
          (params.currency === undefined || rate.fixed_amount?.currency === params.currency.toLowerCase()),
      }),
  },
  view: ({ fixed_amount, ...rate }) => {
    const { currency_options: _options, ...fixed } = fixed_amount ?? { amount: 0, currency: 'usd' }
    return { ...rate, fixed_amount: fixed }
  },
  includes: {
    'fixed_amount.currency_options': ({ id, tax_behavior }, account) => {
      const { amount, currency, currency_options } = account.get('shipping_rate', id).fixed_amount ?? {}
      return { ...currency_options, ...(currency && { [currency]: { amount, tax_behavior } }) }
    },
  },
})

const ofPath = (account: Account, id: string): ShippingRate =>
  fromPath(account, 'shipping_rate', id, 'shipping_rate_token', 'shipping rate')

/** https://docs.stripe.com/api/shipping_rates/create */
export function createShippingRate(account: Account, params: Stripe.ShippingRateCreateParams): ShippingRate {
  if (!params.fixed_amount) throw missingParameter('fixed_amount')
  return account.insert('shipping_rate', {
    id: account.newId('shr'),
    object: 'shipping_rate',
    active: true,
    created: account.now,
    delivery_estimate: params.delivery_estimate
      ? { maximum: params.delivery_estimate.maximum ?? null, minimum: params.delivery_estimate.minimum ?? null }
      : null,
    display_name: params.display_name,
    fixed_amount: fixedAmountOf(params.fixed_amount),
    livemode: false,
    metadata: mergeMetadata({}, params.metadata),
    tax_behavior: params.tax_behavior ?? 'unspecified',
    tax_code: params.tax_code ?? null,
    type: 'fixed_amount',
  })
}

/** https://docs.stripe.com/api/shipping_rates/update: what it costs stays as it is, but for further currencies. */
function updateShippingRate(account: Account, id: string, params: Stripe.ShippingRateUpdateParams): ShippingRate {
  const before = ofPath(account, id)
  const fixed = before.fixed_amount
  const options = params.fixed_amount?.currency_options
  return account.update('shipping_rate', id, {
    metadata: mergeMetadata(before.metadata, params.metadata),
    ...(params.active !== undefined && { active: params.active }),
    ...(params.tax_behavior !== undefined && { tax_behavior: params.tax_behavior }),
    ...(fixed &&
      options && {
        fixed_amount: { ...fixed, currency_options: { ...fixed.currency_options, ...optionsOf(options) } },
      }),
  })
}

const fixedAmountOf = (params: Stripe.ShippingRateCreateParams.FixedAmount): FixedAmount => ({
  amount: amountOf(params.amount, 'fixed_amount[amount]'),
  currency: currencyOf(params.currency, 'fixed_amount[currency]'),
  ...(params.currency_options && { currency_options: optionsOf(params.currency_options) }),
})

type OptionParams = { [currency: string]: { amount?: number; tax_behavior?: Stripe.ShippingRate.TaxBehavior } }

const optionsOf = (params: OptionParams): NonNullable<FixedAmount['currency_options']> =>
  Object.fromEntries(
    Object.entries(params).map(([currency, { amount = 0, tax_behavior = 'unspecified' }]) => [
      currencyOf(currency, 'fixed_amount[currency_options]'),
      { amount: amountOf(amount, `fixed_amount[currency_options][${currency}][amount]`), tax_behavior },
    ]),
  )
