import { minorUnitDecimals } from 'dues'

/** As somebody types it: "5", "5.00", "1,250.50", with or without a currency sign before it. */
const typed = /^\p{Sc}?\s?(\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.(\d+))?$/u

/**
 * An amount that was typed, in minor units; null for what is none: below a unit, with a sign, or with more decimals than the currency has.
 *
 * @example
 * parseAmount('5.5', 'usd') // 550
 * parseAmount('5.5', 'jpy') // null
 */
export function parseAmount(text: string, currency: string): number | null {
  const [, whole, fraction = ''] = typed.exec(text.trim()) ?? []
  const decimals = minorUnitDecimals(currency)
  if (whole === undefined || fraction.length > decimals) return null
  const amount = Number(whole.replaceAll(',', '') + fraction.padEnd(decimals, '0'))
  return Number.isSafeInteger(amount) && amount > 0 ? amount : null
}

/** The amount as it would be typed: "19.00". */
export function amountToType(amount: number, currency: string): string {
  const decimals = minorUnitDecimals(currency)
  return (amount / 10 ** decimals).toFixed(decimals)
}
