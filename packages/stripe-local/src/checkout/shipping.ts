import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest } from '../protocol/errors.ts'
import { noMoreThan, onlyOne } from '../protocol/values.ts'
import { createShippingRate } from '../resources/shipping-rates.ts'
import { refreshTotals } from './amounts.ts'

type Session = Kinds['checkout.session']
type ShippingRate = Kinds['shipping_rate']
type OptionParams = Stripe.Checkout.SessionCreateParams.ShippingOption

/**
 * The shipping rates that a customer may choose from, with what each costs in the session's currency, in minor units.
 *
 * https://docs.stripe.com/payments/during-payment/charge-shipping
 */
export function shippingOptionsOf(
  account: Account,
  params: readonly OptionParams[] | undefined,
  currency: string,
): Session['shipping_options'] {
  return noMoreThan(5, params ?? [], 'shipping_options').map((option, index) => {
    const param = `shipping_options[${index}]`
    const rate = rateOf(account, option, param)
    const shipping_amount = amountIn(rate, currency)
    if (shipping_amount !== undefined) return { shipping_amount, shipping_rate: rate.id }
    throw invalidRequest(
      `The shipping rate specified only supports \`${currenciesOf(rate).join('`, `')}\`. This doesn't match the expected currency: \`${currency}\`.`,
      `${param}[shipping_rate]`,
    )
  })
}

function rateOf(account: Account, option: OptionParams, param: string): ShippingRate {
  onlyOne(option, ['shipping_rate', 'shipping_rate_data'], param)
  if (option.shipping_rate_data) return createShippingRate(account, option.shipping_rate_data)
  if (option.shipping_rate === undefined) {
    throw invalidRequest('You must specify one of `shipping_rate` or `shipping_rate_data`.', param)
  }
  const rate = account.find('shipping_rate', option.shipping_rate)
  if (!rate)
    throw invalidRequest(
      `No such shipping rate: '${option.shipping_rate}'`,
      `${param}[shipping_rate]`,
      'resource_missing',
    )
  if (rate.active) return rate
  throw invalidRequest(
    'The shipping rate specified is inactive. This field only accepts active shipping rates.',
    `${param}[shipping_rate]`,
  )
}

const amountIn = ({ fixed_amount: fixed }: ShippingRate, currency: string): number | undefined =>
  fixed?.currency === currency ? fixed.amount : fixed?.currency_options?.[currency]?.amount

const currenciesOf = ({ fixed_amount: fixed }: ShippingRate): string[] =>
  fixed ? [fixed.currency, ...Object.keys(fixed.currency_options ?? {})] : []

/**
 * What the chosen way to ship costs: until the customer chooses, the first one. Rates of tax are given to line items, never to shipping, and
 * coupons are for line items, too. Null where there is nothing to choose.
 */
export function shippingCostOf(options: Session['shipping_options'], chosen?: string | null): Session['shipping_cost'] {
  const option = options.find(({ shipping_rate }) => shipping_rate === chosen) ?? options[0]
  return option
    ? {
        amount_subtotal: option.shipping_amount,
        amount_tax: 0,
        amount_total: option.shipping_amount,
        shipping_rate: option.shipping_rate,
      }
    : null
}

/** The customer chooses another way to ship. Throws an ApiError (400) for one that the session does not offer. */
export function chooseShipping(account: Account, id: string, rate: string): Session {
  const session = account.get('checkout.session', id)
  if (!session.shipping_options.some(({ shipping_rate }) => shipping_rate === rate))
    throw invalidRequest('This way to ship is not offered here.', 'shipping_rate')
  account.update('checkout.session', id, { shipping_cost: shippingCostOf(session.shipping_options, rate) })
  return refreshTotals(account, id)
}

/** Other ways to ship, by the merchant's server; what was chosen stays so if it is among them. */
export function replaceShippingOptions(
  account: Account,
  session: Session,
  params: Stripe.Checkout.SessionUpdateParams['shipping_options'],
): Session {
  const shipping_options = shippingOptionsOf(account, params || [], session.currency ?? 'usd')
  account.update('checkout.session', session.id, {
    shipping_options,
    shipping_cost: shippingCostOf(shipping_options, session.shipping_cost?.shipping_rate),
  })
  return refreshTotals(account, session.id)
}
