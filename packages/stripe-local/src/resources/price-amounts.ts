import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest, missingParameter } from '../protocol/errors.ts'
import { amountOf, atLeast, currencyOf, decimalAmountOf, onlyOne } from '../protocol/values.ts'

type Price = Kinds['price']
type Tier = NonNullable<Price['tiers']>[number]

/** The part of a price's parameters that says what it costs. */
export type AmountParams = Pick<
  Stripe.PriceCreateParams,
  | 'billing_scheme'
  | 'currency'
  | 'currency_options'
  | 'custom_unit_amount'
  | 'recurring'
  | 'tiers'
  | 'tiers_mode'
  | 'transform_quantity'
  | 'unit_amount'
  | 'unit_amount_decimal'
>

type Amounts = Pick<
  Price,
  | 'billing_scheme'
  | 'currency'
  | 'currency_options'
  | 'custom_unit_amount'
  | 'tiers'
  | 'tiers_mode'
  | 'transform_quantity'
  | 'unit_amount'
  | 'unit_amount_decimal'
>

/**
 * What a price costs, checked: per unit or in tiers, or as much as the customer likes, in one currency and its options.
 * https://docs.stripe.com/products-prices/pricing-models
 */
export function amountsOf(params: AmountParams): Amounts {
  const currency = currencyOf(params.currency)
  const tiered = params.billing_scheme === 'tiered'
  return {
    billing_scheme: params.billing_scheme ?? 'per_unit',
    currency,
    currency_options: currencyOptionsOf(params, currency),
    custom_unit_amount: customAmountOf(params.custom_unit_amount),
    tiers_mode: tiered ? tiersModeOf(params) : null,
    transform_quantity: transformOf(params),
    ...(tiered ? tieredAmount(params) : unitAmountOf(params)),
  }
}

type UnitAmountParams = Pick<AmountParams, 'unit_amount' | 'unit_amount_decimal' | 'custom_unit_amount' | 'tiers'>
type UnitAmount = Pick<Price, 'unit_amount' | 'unit_amount_decimal'>

function unitAmountOf(params: UnitAmountParams, within = ''): UnitAmount {
  const param = (name: string): string => (within ? `${within}[${name}]` : name)
  if (params.tiers) throw invalidRequest('You can only pass `tiers` when `billing_scheme` is `tiered`.', param('tiers'))
  if (params.custom_unit_amount && params.unit_amount === undefined && params.unit_amount_decimal === undefined) {
    return { unit_amount: null, unit_amount_decimal: null }
  }
  onlyOne(params, ['unit_amount', 'unit_amount_decimal', 'custom_unit_amount'])
  if (params.unit_amount !== undefined) {
    const amount = amountOf(params.unit_amount, param('unit_amount'))
    return { unit_amount: amount, unit_amount_decimal: String(amount) }
  }
  if (params.unit_amount_decimal !== undefined) {
    const decimal = decimalAmountOf(params.unit_amount_decimal, param('unit_amount_decimal'))
    return { unit_amount: decimal.includes('.') ? null : Number(decimal), unit_amount_decimal: decimal }
  }
  throw invalidRequest('Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.')
}

function tieredAmount(params: AmountParams): UnitAmount & Pick<Price, 'tiers'> {
  if (!params.recurring) {
    throw invalidRequest('Prices with `type=one_time` are not supported with tiered billing.', 'interval')
  }
  onlyOne(params, ['tiers', 'unit_amount', 'unit_amount_decimal', 'custom_unit_amount'])
  if (!params.tiers) throw missingParameter('tiers')
  return { tiers: tiersOf(params.tiers), unit_amount: null, unit_amount_decimal: null }
}

function tiersModeOf(params: AmountParams): NonNullable<Price['tiers_mode']> {
  if (!params.tiers_mode) throw missingParameter('tiers_mode')
  return params.tiers_mode
}

/** Tiers ascend, and the last has no end: `up_to` is `inf` in the request and null in the price. */
function tiersOf(tiers: readonly Stripe.PriceCreateParams.Tier[], within = 'tiers'): Tier[] {
  const last = tiers.length - 1
  if (tiers[last]?.up_to !== 'inf') {
    throw invalidRequest(
      "The last tier must be the fallback tier: its `up_to` must be 'inf'.",
      `${within}[${Math.max(last, 0)}][up_to]`,
    )
  }
  let from = 0
  return tiers.map((tier, index) => {
    const at = `${within}[${index}]`
    if (index < last) {
      if (typeof tier.up_to !== 'number' || tier.up_to <= from) {
        throw invalidRequest(
          `The \`up_to\` of each tier must be greater than that of the tier before it, and only the last may be 'inf'.`,
          `${at}[up_to]`,
        )
      }
      from = tier.up_to
    }
    return { ...tierAmounts(tier, at), up_to: index === last ? null : (tier.up_to as number) }
  })
}

function tierAmounts(tier: Stripe.PriceCreateParams.Tier, at: string): Omit<Tier, 'up_to'> {
  onlyOne(tier, ['unit_amount', 'unit_amount_decimal'], `${at}[unit_amount]`)
  onlyOne(tier, ['flat_amount', 'flat_amount_decimal'], `${at}[flat_amount]`)
  const unit = decimalOf(tier.unit_amount, tier.unit_amount_decimal, `${at}[unit_amount]`)
  const flat = decimalOf(tier.flat_amount, tier.flat_amount_decimal, `${at}[flat_amount]`)
  if (unit === null && flat === null) throw missingParameter(`${at}[unit_amount]`)
  return {
    flat_amount: wholeOf(flat),
    flat_amount_decimal: flat,
    unit_amount: wholeOf(unit),
    unit_amount_decimal: unit,
  }
}

function decimalOf(amount: number | undefined, decimal: Stripe.Decimal | undefined, param: string): string | null {
  if (amount !== undefined) return String(amountOf(amount, param))
  return decimal === undefined ? null : decimalAmountOf(decimal, `${param.slice(0, -1)}_decimal]`)
}

const wholeOf = (decimal: string | null): number | null =>
  decimal === null || decimal.includes('.') ? null : Number(decimal)

function currencyOptionsOf(params: AmountParams, own: string): Price['currency_options'] {
  const entries = Object.entries(params.currency_options ?? {}).map(([code, option]) => {
    const within = `currency_options[${code}]`
    const currency = currencyOf(code, within)
    if (currency === own)
      throw invalidRequest(
        `The currency ${own} is the price's own, so it cannot be among its \`currency_options\`.`,
        within,
      )
    const amounts = option.tiers
      ? { tiers: tiersOf(option.tiers, `${within}[tiers]`), unit_amount: null, unit_amount_decimal: null }
      : unitAmountOf(option, within)
    const custom_unit_amount = customAmountOf(option.custom_unit_amount, within)
    return [currency, { custom_unit_amount, tax_behavior: option.tax_behavior ?? 'unspecified', ...amounts }] as const
  })
  return Object.fromEntries(entries)
}

/** `enabled` asks for it and does not come back. */
function customAmountOf(custom: AmountParams['custom_unit_amount'], within = ''): Price['custom_unit_amount'] {
  if (!custom) return null
  const param = within ? `${within}[custom_unit_amount]` : 'custom_unit_amount'
  if (!custom.enabled)
    throw invalidRequest(
      'Pass `true` to enable `custom_unit_amount`, otherwise omit `custom_unit_amount`.',
      `${param}[enabled]`,
    )
  const bound = (name: 'maximum' | 'minimum' | 'preset'): number | null => {
    const value = custom[name]
    return value === undefined ? null : amountOf(value, `${param}[${name}]`)
  }
  return { maximum: bound('maximum'), minimum: bound('minimum'), preset: bound('preset') }
}

function transformOf(params: AmountParams): Price['transform_quantity'] {
  const { transform_quantity: transform } = params
  if (!transform) return null
  if (params.billing_scheme === 'tiered') {
    throw invalidRequest(
      'You cannot pass `transform_quantity` when `billing_scheme` is `tiered`.',
      'transform_quantity',
    )
  }
  return { divide_by: atLeast(1, transform.divide_by, 'transform_quantity[divide_by]'), round: transform.round }
}

/** The longest period is three years. */
const longest: Record<string, { most: number; name: string }> = {
  day: { most: 1095, name: 'daily' },
  week: { most: 156, name: 'weekly' },
  month: { most: 36, name: 'monthly' },
  year: { most: 3, name: 'yearly' },
}

/** How often a price comes back, checked. */
export function recurringOf(
  account: Account,
  params: Stripe.PriceCreateParams.Recurring,
): NonNullable<Price['recurring']> {
  const count = atLeast(1, params.interval_count ?? 1, 'recurring[interval_count]')
  const { most, name } = longest[params.interval] ?? { most: count, name: '' }
  if (count > most) {
    throw invalidRequest(
      `The interval_count for ${name} prices can't be greater than ${most}`,
      'recurring[interval_count]',
    )
  }
  const metered = params.usage_type === 'metered'
  if (metered && params.meter === undefined) {
    throw invalidRequest('Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters.')
  }
  if (params.meter !== undefined) {
    if (!metered)
      throw invalidRequest(
        'You can only pass `recurring[meter]` when `recurring[usage_type]` is `metered`.',
        'recurring[meter]',
      )
    account.get('billing.meter', params.meter, 'recurring[meter]')
  }
  const trial = params.trial_period_days
  return {
    interval: params.interval,
    interval_count: count,
    meter: params.meter ?? null,
    trial_period_days: trial === undefined ? null : atLeast(1, trial, 'recurring[trial_period_days]'),
    usage_type: params.usage_type ?? 'licensed',
  }
}
