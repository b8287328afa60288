/**
 * What Stripe knows of currencies: https://docs.stripe.com/currencies
 *
 * Intl is no help here: it has other exponents for ISK and UGX than Stripe, and other symbols than Stripe's line texts.
 */

/** Amounts are in whole units: 500 is ¥500. */
const zeroDecimal = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '))
/** Amounts are in thousandths, the last digit 0. */
const threeDecimal = new Set('bhd jod kwd omr tnd'.split(' '))
/** Written with two decimals for history's sake, although the currency has none: 500 is 5 kr., and 501 cannot be charged. */
const twoDecimalButWhole = new Set(['isk', 'ugx'])

const supported = new Set(
  (
    'usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk ' +
    'djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd ' +
    'kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ' +
    'ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg xof ' +
    'xpf yer zar zmw'
  ).split(' '),
)

const symbols: Record<string, string> = {
  usd: '$',
  aud: '$',
  cad: '$',
  hkd: '$',
  mxn: '$',
  nzd: '$',
  sgd: '$',
  eur: '€',
  gbp: '£',
  jpy: '¥',
  cny: '¥',
  inr: '₹',
  krw: '₩',
  ils: '₪',
  php: '₱',
  thb: '฿',
  vnd: '₫',
  brl: 'R$',
}

/** The least that can be charged, in minor units, where it is not 50. */
const minimums: Record<string, number> = {
  aed: 200,
  bgn: 100,
  czk: 1500,
  dkk: 250,
  gbp: 30,
  hkd: 400,
  huf: 17500,
  isk: 5000,
  jpy: 50,
  krw: 500,
  mxn: 1000,
  myr: 200,
  nok: 300,
  pln: 200,
  ron: 200,
  sek: 300,
  thb: 1000,
  twd: 1500,
}

/** Every currency that Stripe takes, in the order in which its messages list them. */
export const currencies: readonly string[] = [...supported]

/** Whether Stripe takes this currency: a lower-case three-letter code of its list. */
export const isCurrency = (currency: string): boolean => supported.has(currency)

/** How many decimal places the minor unit has: 2 for usd, 0 for jpy, 3 for kwd. */
export const exponentOf = (currency: string): number =>
  zeroDecimal.has(currency) ? 0 : threeDecimal.has(currency) ? 3 : 2

/** Amounts that can be charged are multiples of this: 100 for isk and ugx, 10 for three-decimal currencies, otherwise 1. */
export const stepOf = (currency: string): number =>
  twoDecimalButWhole.has(currency) ? 100 : threeDecimal.has(currency) ? 10 : 1

/** The least amount that a charge can have, in minor units; less than this goes to the customer's balance instead. */
export const minimumCharge = (currency: string): number =>
  minimums[currency] ?? (exponentOf(currency) === 0 ? 50 : exponentOf(currency) === 3 ? 200 : 50)

/**
 * An amount as it stands in Stripe's line texts: `$25.00`, `¥500`, `CHF 1,750.00`, `$0.036`.
 *
 * @param amount minor units; a decimal string may have fractions of them
 */
export function formatMoney(amount: number | string, currency: string): string {
  const symbol = symbols[currency] ?? currency.toUpperCase()
  const text = String(amount)
  const negative = text.startsWith('-')
  const number = majorUnits(negative ? text.slice(1) : text, exponentOf(currency))
  return `${negative ? '-' : ''}${symbol}${symbol.length > 1 ? ' ' : ''}${number}`
}

/** Moves the decimal point; keeps more places than the currency has only when they say something. */
function majorUnits(minor: string, exponent: number): string {
  const [whole = '0', places = ''] = minor.split('.')
  const digits = whole.padStart(exponent + 1, '0')
  const units = digits.slice(0, digits.length - exponent)
  const decimals = (digits.slice(digits.length - exponent) + places.replace(/0+$/, '')).slice(0, exponent + 12)
  const grouped = units.replace(/\B(?=(\d{3})+$)/g, ',')
  return decimals ? `${grouped}.${decimals}` : grouped
}
