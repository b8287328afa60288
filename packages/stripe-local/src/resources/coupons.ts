import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { randomCharacters } from '../ids.ts'
import type { Kinds } from '../kinds.ts'
import { ApiError, invalidRequest } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { amountOf, atLeast, currencyOf, onlyOne, withinFiveYears } from '../protocol/values.ts'
import { defineResource } from '../resource.ts'
import { fromPath } from './from-path.ts'
import { mergeMetadata } from './metadata.ts'

type Coupon = Kinds['coupon']

defineResource({
  kind: 'coupon',
  operations: {
    'POST /v1/coupons': ({ account, params }) => createCoupon(account, params),
    'POST /v1/coupons/{id}': ({ account, path, params }) => {
      const before = fromPath(account, 'coupon', path.id, 'coupon')
      return account.change('coupon.updated', 'coupon', path.id, {
        metadata: mergeMetadata(before.metadata ?? {}, params.metadata),
        ...(params.name !== undefined && { name: nameOf(params.name) }),
        ...(params.currency_options && {
          currency_options: { ...before.currency_options, ...currencyOptionsOf(before, params.currency_options) },
        }),
      })
    },
    'GET /v1/coupons/{id}': ({ account, path }) => fromPath(account, 'coupon', path.id, 'coupon'),
    'GET /v1/coupons': ({ account, params, url }) => listOf(account, 'coupon', params, url),
    'DELETE /v1/coupons/{id}': ({ account, path }) => {
      const coupon = fromPath(account, 'coupon', path.id, 'coupon')
      // Customers who have it keep it, so what it takes off is kept; only nobody can redeem it any more.
      account.insert('coupon', { ...coupon, valid: false, deleted: true } as unknown as Coupon)
      account.emit('coupon.deleted', coupon)
      return { id: coupon.id, object: 'coupon', deleted: true }
    },
  },
  view: (coupon, account) => shown(coupon, account),
  includes: {
    applies_to: ({ id }, account) => account.find('coupon', id)?.applies_to,
    currency_options: ({ id }, account) => {
      const { amount_off, currency, currency_options } = account.get('coupon', id)
      return currency === null ? {} : { ...currency_options, [currency]: { amount_off } }
    },
  },
})

/** Whether a coupon can be redeemed now: not deleted, not past its date, not as often as it may be already. */
export function isRedeemable(coupon: Coupon, now: number): boolean {
  return (
    !('deleted' in coupon) &&
    (coupon.redeem_by === null || now < coupon.redeem_by) &&
    (coupon.max_redemptions === null || coupon.times_redeemed < coupon.max_redemptions)
  )
}

/** What it applies to and costs in other currencies is shown only when `expand` asks. `valid` is a question of now. */
function shown({ applies_to: _products, currency_options: _options, ...coupon }: Coupon, account: Account): Coupon {
  return { ...coupon, valid: isRedeemable(account.find('coupon', coupon.id) ?? coupon, account.now) }
}

/** https://docs.stripe.com/api/coupons/create */
function createCoupon(account: Account, params: Stripe.CouponCreateParams): Coupon {
  const { amount_off, percent_off } = params
  const duration = params.duration ?? 'once'
  if (amount_off === undefined && percent_off === undefined) {
    throw new ApiError(400, 'Must provide percent_off or amount_off.', { code: 'parameter_missing' })
  }
  if (amount_off !== undefined && percent_off !== undefined) {
    throw invalidRequest('Received both percent_off and amount_off parameters. Please pass in only one.')
  }
  if (percent_off !== undefined) onlyOne(params, ['currency_options', 'percent_off'])
  if (amount_off !== undefined && params.currency === undefined) {
    throw invalidRequest('You must pass currency when passing amount_off', 'currency')
  }
  const currency = amount_off === undefined || params.currency === undefined ? null : currencyOf(params.currency)
  if (params.id !== undefined && account.find('coupon', params.id)) {
    throw new ApiError(400, 'Coupon already exists.', { code: 'resource_already_exists' })
  }
  for (const product of params.applies_to?.products ?? []) account.get('product', product, 'applies_to[products]')
  const { redeem_by, max_redemptions } = params
  const coupon = account.insert('coupon', {
    id: params.id ?? randomCharacters(8),
    object: 'coupon',
    amount_off: amount_off === undefined ? null : atLeast(1, amountOf(amount_off, 'amount_off'), 'amount_off'),
    ...(params.applies_to?.products && { applies_to: { products: params.applies_to.products } }),
    created: account.now,
    currency,
    ...(params.currency_options && { currency_options: currencyOptionsOf({ currency }, params.currency_options) }),
    duration,
    duration_in_months: monthsOf(duration, params.duration_in_months),
    livemode: false,
    max_redemptions: max_redemptions === undefined ? null : atLeast(1, max_redemptions, 'max_redemptions'),
    metadata: mergeMetadata({}, params.metadata),
    name: nameOf(params.name),
    percent_off: percent_off === undefined ? null : percentOf(percent_off),
    redeem_by: redeem_by === undefined ? null : withinFiveYears(redeem_by, account.now, 'redeem_by'),
    times_redeemed: 0,
    valid: true,
  })
  account.emit('coupon.created', coupon)
  return coupon
}

function monthsOf(duration: Coupon['duration'], months: number | undefined): number | null {
  if (duration === 'repeating') {
    if (months === undefined) {
      throw invalidRequest(
        'The duration_in_months param must be set when creating a coupon with a repeating duration',
        'duration',
      )
    }
    return atLeast(1, months, 'duration_in_months')
  }
  if (months !== undefined) {
    throw invalidRequest(
      'The duration_in_months param can only be set when creating a coupon with a repeating duration',
      'duration',
    )
  }
  return null
}

function percentOf(percent: number): number {
  const is = Number.isInteger(percent) ? percent.toFixed(1) : String(percent)
  if (percent < 0.01)
    throw invalidRequest(`This value must be greater than or equal to 0.01 (it currently is '${is}').`, 'percent_off')
  if (percent > 100)
    throw invalidRequest(`This value must be less than or equal to 100 (it currently is '${is}').`, 'percent_off')
  return percent
}

function nameOf(name: string | undefined): string | null {
  if (!name) return null
  if (name.length > 40) throw invalidRequest(`Invalid string: ${name}; must be at most 40 characters`, 'name')
  return name
}

function currencyOptionsOf(
  { currency: own }: Pick<Coupon, 'currency'>,
  options: Record<string, { amount_off: number }>,
): Coupon['currency_options'] {
  if (own === null)
    throw invalidRequest('You can only pass `currency_options` for a coupon with `amount_off`.', 'currency_options')
  const entries = Object.entries(options).map(([code, { amount_off }]) => {
    const within = `currency_options[${code}]`
    const currency = currencyOf(code, within)
    if (currency === own)
      throw invalidRequest(
        `The currency ${own} is the coupon's own, so it cannot be among its \`currency_options\`.`,
        within,
      )
    return [
      currency,
      { amount_off: atLeast(1, amountOf(amount_off, `${within}[amount_off]`), `${within}[amount_off]`) },
    ]
  })
  return Object.fromEntries(entries)
}
