import type Stripe from 'stripe'
import { minorUnitDecimals } from '../money.ts'
import { type Interval, intervals, type PriceConfig, type Tier } from './plans.ts'

/**
 * What a price charges, in words that leave nothing out: two prices charge the same if, and only if, their words are the same. So what a person
 * is shown and what is compared cannot differ.
 *
 * @param meters the event names of billing meters by their ids, for prices of Stripe's
 */
export function amountInWords(price: PriceConfig | Stripe.Price, meters: ReadonlyMap<string, string>): string {
  const { amount, options, tiers, mode, meter, per } =
    'object' in price ? termsOfPrice(price, meters) : termsOfConfig(price)
  const base = tiers
    ? `${mode} tiers (${tiers.map((tier) => tierInWords(tier, price.currency)).join(', ')})`
    : amount === null
      ? `priced otherwise in ${price.currency.toUpperCase()}`
      : inMajorUnits(amount, price.currency)
  const others = options.map(([currency, units]) =>
    units === null ? `${currency.toUpperCase()} otherwise` : inMajorUnits(units, currency),
  )
  return [
    base,
    ...(per === null ? [] : [`per ${per}`]),
    ...(others.length > 0 ? [`or ${others.join(', ')}`] : []),
    ...(meter === null ? [] : [`metered by ${meter}`]),
  ].join(' ')
}

type Terms = {
  readonly amount: number | null
  /** Other currencies, by their codes' order. */
  readonly options: readonly (readonly [currency: string, amount: number | null])[]
  readonly tiers: readonly Tier[] | null
  readonly mode: string | null
  readonly meter: string | null
  readonly per: number | null
}

function termsOfConfig(price: PriceConfig): Terms {
  return {
    amount: price.amount ?? null,
    options: sorted((price.currencyOptions ?? []).map(({ currency, amount }) => [currency, amount])),
    tiers: price.tiers ?? null,
    mode: price.tiers ? price.tiersMode : null,
    meter: price.meter ?? null,
    per: price.per ?? null,
  }
}

function termsOfPrice(price: Stripe.Price, meters: ReadonlyMap<string, string>): Terms {
  const { recurring, transform_quantity: transform } = price
  return {
    amount: amountOf(price.unit_amount, price.unit_amount_decimal),
    // Stripe lists the price's own currency among its options.
    options: sorted(
      Object.entries(price.currency_options ?? {})
        .filter(([currency]) => currency !== price.currency)
        .map(([currency, option]) => [currency, amountOf(option.unit_amount, option.unit_amount_decimal)]),
    ),
    tiers: price.tiers?.map(tierOf) ?? null,
    mode: price.tiers_mode,
    meter: recurring?.meter ? (meters.get(recurring.meter) ?? recurring.meter) : null,
    per: transform ? (transform.round === 'up' ? transform.divide_by : Number.NaN) : null,
  }
}

const sorted = <Entry extends readonly [string, number | null]>(entries: Entry[]): Entry[] =>
  entries.sort(([a], [b]) => (a < b ? -1 : 1))

/** Minor units, with a fraction where Stripe has one: a price of less than a cent has no `unit_amount`. */
const amountOf = (whole: number | null, decimal: { toString(): string } | null): number | null =>
  whole ?? (decimal === null ? null : Number(decimal.toString()))

/** A tier of Stripe's as the configuration has it. */
export function tierOf(tier: Stripe.Price.Tier): Tier {
  const unit = amountOf(tier.unit_amount, tier.unit_amount_decimal)
  const flat = amountOf(tier.flat_amount, tier.flat_amount_decimal)
  return {
    upTo: tier.up_to ?? Number.POSITIVE_INFINITY,
    ...(unit !== null && { unitAmount: unit }),
    ...(flat !== null && { flatAmount: flat }),
  }
}

function tierInWords({ upTo, unitAmount, flatAmount }: Tier, currency: string): string {
  const amounts = [
    ...(unitAmount === undefined ? [] : [`${inMajorUnits(unitAmount, currency)} each`]),
    ...(flatAmount === undefined ? [] : [`${inMajorUnits(flatAmount, currency)} flat`]),
  ]
  return `${upTo === Number.POSITIVE_INFINITY ? 'then' : `to ${upTo}`} ${amounts.join(' and ')}`
}

/**
 * What Stripe is asked for to make a price that charges this.
 *
 * @param meter the id of the billing meter, for a price that has one
 * @see https://docs.stripe.com/api/prices/create
 */
export function priceParams(price: PriceConfig, interval: Interval, meter: string | null): Stripe.PriceCreateParams {
  const recurring = { ...intervals[interval], ...(meter !== null && { usage_type: 'metered' as const, meter }) }
  if (price.tiers)
    return {
      currency: price.currency,
      recurring,
      billing_scheme: 'tiered',
      tiers_mode: price.tiersMode,
      tiers: price.tiers.map(({ upTo, unitAmount, flatAmount }) => ({
        up_to: upTo === Number.POSITIVE_INFINITY ? 'inf' : upTo,
        ...(unitAmount !== undefined && { unit_amount: unitAmount }),
        ...(flatAmount !== undefined && { flat_amount: flatAmount }),
      })),
    }
  const options = currencyOptions(price)
  return {
    currency: price.currency,
    recurring,
    unit_amount: price.amount,
    ...(options && { currency_options: options }),
    ...(price.per !== undefined && { transform_quantity: { divide_by: price.per, round: 'up' as const } }),
  }
}

/** The other currencies of a price, as Stripe takes them; undefined for none. */
export function currencyOptions({
  currencyOptions = [],
}: Pick<PriceConfig, 'currencyOptions'>): { [currency: string]: { unit_amount: number } } | undefined {
  if (currencyOptions.length === 0) return undefined
  return Object.fromEntries(currencyOptions.map(({ currency, amount }) => [currency, { unit_amount: amount }]))
}

/** For a message about money: `1900 usd` reads wrong to people, `19.00 USD` does not. */
export const inMajorUnits = (amount: number, currency: string): string => {
  const decimals = minorUnitDecimals(currency)
  const major = amount / 10 ** decimals
  return `${Number.isInteger(amount) ? major.toFixed(decimals) : major} ${currency.toUpperCase()}`
}
