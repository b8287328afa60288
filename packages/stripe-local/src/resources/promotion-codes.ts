import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { randomCharacters } from '../ids.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest, notSupported } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { amountOf, atLeast, currencyOf, withinFiveYears } from '../protocol/values.ts'
import { defineResource } from '../resource.ts'
import { isRedeemable } from './coupons.ts'
import { fromPath } from './from-path.ts'
import { mergeMetadata } from './metadata.ts'

type PromotionCode = Kinds['promotion_code']
type Restrictions = Stripe.PromotionCodeCreateParams.Restrictions

defineResource({
  kind: 'promotion_code',
  operations: {
    'POST /v1/promotion_codes': ({ account, params }) => createPromotionCode(account, params),
    'POST /v1/promotion_codes/{id}': ({ account, path, params }) => updatePromotionCode(account, path.id, params),
    'GET /v1/promotion_codes/{id}': ({ account, path }) => named(account, path.id),
    'GET /v1/promotion_codes': ({ account, params, url }) => {
      const { active, code, coupon, customer } = params
      if (coupon) account.get('coupon', coupon, 'coupon')
      if (customer) account.get('customer', customer, 'customer')
      return listOf(account, 'promotion_code', params, url, {
        ...(code && { among: account.store.by('promotion_code', 'code', code.toUpperCase()) }),
        where: (promotion) =>
          (active === undefined || isActive(promotion, account) === active) &&
          (coupon === undefined || promotion.promotion.coupon === coupon) &&
          (customer === undefined || promotion.customer === customer),
      })
    },
  },
  view: ({ restrictions: { currency_options: _options, ...restrictions }, ...promotion }, account) => ({
    ...promotion,
    active: isActive({ ...promotion, restrictions }, account),
    restrictions,
  }),
  includes: {
    'restrictions.currency_options': ({ id }, account) => {
      const { currency_options, minimum_amount, minimum_amount_currency } = account.get(
        'promotion_code',
        id,
      ).restrictions
      return {
        ...currency_options,
        ...(minimum_amount_currency && { [minimum_amount_currency]: { minimum_amount } }),
      }
    },
  },
})

/**
 * Whether a code can be redeemed by anybody at all: it is switched on, not past its date, not used up, and its coupon is valid.
 * Restrictions (a customer, a first payment, a least amount) depend on who redeems it and are not in this.
 */
export function isActive(promotion: PromotionCode, account: Account): boolean {
  const couponId = promotion.promotion.coupon
  const coupon = couponId === null ? undefined : account.find('coupon', couponId)
  return (
    promotion.active &&
    (promotion.expires_at === null || account.now < promotion.expires_at) &&
    (promotion.max_redemptions === null || promotion.times_redeemed < promotion.max_redemptions) &&
    coupon !== undefined &&
    isRedeemable(coupon, account.now)
  )
}

/** The active code that a customer typed, if there is one: their own before everybody's. Case does not count. */
export function activePromotionCode(
  account: Account,
  code: string,
  customer: string | null,
): PromotionCode | undefined {
  const active = account.store.by('promotion_code', 'code', code.toUpperCase()).filter((one) => isActive(one, account))
  return (
    active.find((one) => customer !== null && one.customer === customer) ?? active.find((one) => one.customer === null)
  )
}

const named = (account: Account, id: string): PromotionCode =>
  fromPath(account, 'promotion_code', id, 'promotion_code', 'promotion code')

/** https://docs.stripe.com/api/promotion_codes/create */
function createPromotionCode(account: Account, params: Stripe.PromotionCodeCreateParams): PromotionCode {
  const { coupon } = params.promotion
  if (coupon === undefined) {
    throw invalidRequest('You must pass promotion.coupon when passing promotion', 'promotion.coupon')
  }
  account.get('coupon', coupon, 'promotion[coupon]')
  if (params.customer_account) throw notSupported('the parameter customer_account')
  if (params.customer) account.get('customer', params.customer, 'customer')
  const customer = params.customer ?? null
  const { expires_at, max_redemptions } = params
  const code = params.code ?? randomCharacters(8).toUpperCase()
  if (!/^[a-zA-Z0-9\-_]+$/.test(code)) {
    throw invalidRequest(
      `This value must match the regex pattern. (/\\A[a-zA-Z0-9\\-_]+\\z/ does not match for the value ${code}).`,
      'code',
    )
  }
  refuseTaken(account, code, customer)
  const promotion = account.insert('promotion_code', {
    id: account.newId('promo'),
    object: 'promotion_code',
    active: params.active ?? true,
    code,
    created: account.now,
    customer,
    customer_account: null,
    expires_at: expires_at === undefined ? null : withinFiveYears(expires_at, account.now, 'expires_at'),
    livemode: false,
    max_redemptions: max_redemptions === undefined ? null : atLeast(1, max_redemptions, 'max_redemptions'),
    metadata: mergeMetadata({}, params.metadata),
    promotion: { coupon, type: 'coupon' },
    restrictions: restrictionsOf(params.restrictions ?? {}),
    times_redeemed: 0,
  })
  account.emit('promotion_code.created', promotion)
  return promotion
}

/** https://docs.stripe.com/api/promotion_codes/update */
function updatePromotionCode(account: Account, id: string, params: Stripe.PromotionCodeUpdateParams): PromotionCode {
  const before = named(account, id)
  if (params.active && !before.active) {
    refuseTaken(account, before.code, before.customer)
    if (!isActive({ ...before, active: true }, account)) {
      throw invalidRequest(
        'This promotion code cannot be activated because it is expired or used up, or because its coupon is not valid.',
        'active',
      )
    }
  }
  const options = params.restrictions?.currency_options
  return account.change('promotion_code.updated', 'promotion_code', id, {
    metadata: mergeMetadata(before.metadata ?? {}, params.metadata),
    ...(params.active !== undefined && { active: params.active }),
    ...(options && {
      restrictions: {
        ...before.restrictions,
        currency_options: { ...before.restrictions.currency_options, ...currencyOptionsOf(options) },
      },
    }),
  })
}

/** Whoever types a code must mean one: of the active codes of one customer, or of everybody, none may be the same. */
function refuseTaken(account: Account, code: string, customer: PromotionCode['customer']): void {
  const same = account.store.by('promotion_code', 'code', code.toUpperCase())
  if (same.some((one) => one.customer === customer && isActive(one, account))) {
    throw invalidRequest(`An active promotion code with \`code: ${code}\` already exists.`)
  }
}

function restrictionsOf(params: Restrictions): PromotionCode['restrictions'] {
  const { minimum_amount, minimum_amount_currency, currency_options } = params
  if (minimum_amount !== undefined && minimum_amount_currency === undefined) {
    throw invalidRequest(
      'You must pass minimum_amount_currency when passing minimum_amount',
      'restrictions[minimum_amount_currency]',
    )
  }
  const least = minimum_amount === undefined ? null : amountOf(minimum_amount, 'restrictions[minimum_amount]')
  return {
    ...(currency_options && { currency_options: currencyOptionsOf(currency_options) }),
    first_time_transaction: params.first_time_transaction ?? false,
    minimum_amount: least === null ? null : atLeast(1, least, 'restrictions[minimum_amount]'),
    minimum_amount_currency:
      minimum_amount_currency === undefined
        ? null
        : currencyOf(minimum_amount_currency, 'restrictions[minimum_amount_currency]'),
  }
}

function currencyOptionsOf(
  options: Record<string, { minimum_amount?: number }>,
): Record<string, { minimum_amount: number }> {
  const entries = Object.entries(options).map(([code, { minimum_amount = 0 }]) => {
    const within = `restrictions[currency_options][${code}]`
    return [currencyOf(code, within), { minimum_amount: atLeast(1, minimum_amount, `${within}[minimum_amount]`) }]
  })
  return Object.fromEntries(entries)
}
