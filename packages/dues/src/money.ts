import { DuesError } from './errors.ts'

/** An amount in minor units of a currency, as Stripe counts it: `{amount: 1900, currency: 'usd'}` is nineteen dollars. */
export type Money<Currency extends string = string> = { readonly amount: number; readonly currency: Currency }

/**
 * How Stripe counts a currency, checked against Stripe's page on currencies. `Intl` is no help here: it says how a
 * currency is written, and Stripe's API differs from that (ISK is written without decimals and counted with two).
 * `step` is the smallest difference that Stripe charges: 100 where only whole units can be charged, 10 where the last of
 * three decimals must be 0. Every currency that is not listed has two decimals and a step of 1.
 *
 * @see https://docs.stripe.com/currencies#minor-units
 */
const counted: Readonly<Record<string, { decimals: number; step: number }>> = {
  ...of(
    ['bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'vnd', 'vuv', 'xaf', 'xof', 'xpf'],
    0,
    1,
  ),
  ...of(['bhd', 'jod', 'kwd', 'omr', 'tnd'], 3, 10),
  ...of(['isk', 'ugx'], 2, 100),
}

function of(currencies: string[], decimals: number, step: number) {
  return Object.fromEntries(currencies.map((currency) => [currency, { decimals, step }]))
}

const ordinary = { decimals: 2, step: 1 }

/** How many decimals Stripe's integers carry for a currency: 2 for `usd`, 0 for `jpy`, 3 for `kwd`. */
export const minorUnitDecimals = (currency: string): number => (counted[currency.toLowerCase()] ?? ordinary).decimals

/**
 * An amount in major units, as people say it, turned into what Stripe counts. An amount that the currency cannot hold is refused
 * (`settings_invalid`) and never rounded: a price that is quietly a little wrong is worse than one that does not start.
 *
 * @example
 * money(19.9, 'usd') // {amount: 1990, currency: 'usd'}
 * money(500, 'jpy') // {amount: 500, currency: 'jpy'}
 * money(0.001, 'usd') // throws: usd has 2 decimals
 */
export function money<const Currency extends string>(major: number, currency: Currency): Money<Currency> {
  const { decimals, step } = counted[currency.toLowerCase()] ?? ordinary
  if (!/^[a-z]{3}$/.test(currency))
    throw refuse(`"${currency}" is no currency: give Stripe's three small letters, as in "usd".`)
  if (!Number.isFinite(major) || major < 0) throw refuse(`${major} ${currency} is no price: give a number, 0 or more.`)
  // 19.9 * 100 is 1989.9999999999998; the decimal text is exact where the product is not.
  const amount = Number(`${major}e${decimals}`)
  if (!Number.isSafeInteger(amount))
    throw refuse(`${major} ${currency} cannot be charged: ${currency} has ${decimals} decimals.`)
  if (amount % step !== 0)
    throw refuse(
      step === 100
        ? `${major} ${currency} cannot be charged: Stripe charges ${currency} in whole units only.`
        : `${major} ${currency} cannot be charged: the last of ${currency}'s three decimals must be 0 at Stripe.`,
    )
  return { amount, currency }
}

const refuse = (message: string) => new DuesError('settings_invalid', message)

const inCurrency =
  <const Currency extends string>(currency: Currency) =>
  (major: number): Money<Currency> =>
    money(major, currency)

/** So many dollars: `usd(19)` is `{amount: 1900, currency: 'usd'}`. */
export const usd = inCurrency('usd')
/** So many euros: `eur(19.9)` is `{amount: 1990, currency: 'eur'}`. */
export const eur = inCurrency('eur')
/** So many pounds. */
export const gbp = inCurrency('gbp')
/** So many Swiss francs. */
export const chf = inCurrency('chf')
/** So many Canadian dollars. */
export const cad = inCurrency('cad')
/** So many Australian dollars. */
export const aud = inCurrency('aud')
/** So many yen, which have no minor unit: `jpy(500)` is `{amount: 500, currency: 'jpy'}`. */
export const jpy = inCurrency('jpy')

/**
 * An amount as people read it.
 *
 * @param options.locale a BCP 47 tag; `en` unless told
 * @param options.trimZeros leave out `.00`, as on a pricing page
 * @example
 * formatMoney({amount: 1900, currency: 'usd'}) // "$19.00"
 * formatMoney({amount: 1900, currency: 'usd'}, {trimZeros: true}) // "$19"
 */
export function formatMoney(
  { amount, currency }: Money,
  { locale = 'en', trimZeros = false }: { locale?: string; trimZeros?: boolean } = {},
): string {
  const { decimals, step } = counted[currency.toLowerCase()] ?? ordinary
  const shown = step === 100 ? 0 : decimals
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: shown,
    maximumFractionDigits: shown,
    ...(trimZeros && { trailingZeroDisplay: 'stripIfInteger' as const }),
  }).format(amount / 10 ** decimals)
}
