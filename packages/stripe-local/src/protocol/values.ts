import { currencies, isCurrency } from '../engine/money.ts'
import { ApiError, invalidRequest } from './errors.ts'

/** The currency as Stripe keeps it: lower case. Throws its 400 for one that it does not know. */
export function currencyOf(currency: string, param = 'currency'): string {
  const code = currency.toLowerCase()
  if (isCurrency(code)) return code
  throw invalidRequest(
    `Invalid currency: ${currency}. Stripe currently supports these currencies: ${currencies.join(', ')}`,
    param,
  )
}

/** An integer that must not be less than `least`: `This value must be greater than or equal to 1.` */
export function atLeast(least: number, value: number, param: string): number {
  if (value >= least) return value
  throw new ApiError(400, `This value must be greater than or equal to ${least}.`, {
    code: 'parameter_invalid_integer',
    param,
  })
}

/** The same, upwards. */
export function atMost(most: number, value: number, param: string): number {
  if (value <= most) return value
  throw new ApiError(400, `This value must be less than or equal to ${most}.`, {
    code: 'parameter_invalid_integer',
    param,
  })
}

/** A list with no more entries than Stripe takes: `Array shipping_options exceeded maximum 5 allowed elements.` */
export function noMoreThan<T>(most: number, list: readonly T[], param: string): readonly T[] {
  if (list.length <= most) return list
  throw invalidRequest(`Array ${param} exceeded maximum ${most} allowed elements.`, param)
}

/** A price's amount in minor units: nothing below zero, nothing past what any currency can have (twelve digits). */
export function amountOf(amount: number, param: string): number {
  if (amount < 0) throw invalidRequest('Invalid non-negative integer', param, 'parameter_invalid_integer')
  if (amount > 999_999_999_999) {
    throw invalidRequest(
      'Amount must be no more than 999999999999 in the smallest unit of the currency.',
      param,
      'amount_too_large',
    )
  }
  return amount
}

/** A decimal amount without needless zeros: `12.50` → `12.5`. It must not be negative. */
export function decimalAmountOf(decimal: { toString(): string }, param: string): string {
  const text = decimal.toString()
  if (text.startsWith('-') && Number(text) !== 0) {
    throw invalidRequest(`This value must be greater than or equal to 0 (it currently is '${text}').`, param)
  }
  const [whole = '', places = ''] = text.replace('-', '').split('.')
  const rest = places.replace(/0+$/, '')
  amountOf(Number(whole), param)
  return (whole.replace(/^0+(?=\d)/, '') || '0') + (rest === '' ? '' : `.${rest}`)
}

/** A moment that must lie ahead, in Unix seconds. */
export function inTheFuture(time: number, now: number, param: string): number {
  if (time > now) return time
  throw invalidRequest(
    `The parameter \`${param}\` expects a unix timestamp representing a date and time in the future. You specified the value \`${time}\` which is in the past.`,
    param,
  )
}

const fiveYears = 5 * 366 * 24 * 3600

/** A moment that lies ahead, but not more than five years. */
export function withinFiveYears(time: number, now: number, param: string): number {
  if (inTheFuture(time, now, param) - now <= fiveYears) return time
  throw invalidRequest('Invalid timestamp: can be no more than five years in the future.', param)
}

/** Of parameters that exclude each other, only one may be given. */
export function onlyOne(params: object, names: readonly string[], param = names[0] ?? ''): void {
  const given = names.filter((name) => (params as Record<string, unknown>)[name] !== undefined)
  if (given.length > 1) {
    throw invalidRequest(`You may only specify one of these parameters: ${given.join(', ')}.`, param)
  }
}
