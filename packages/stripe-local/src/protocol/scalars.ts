import { ApiError, invalidRequest } from './errors.ts'

/**
 * Reads of a single value. A form's values are text; a JSON body's (v2) may already have their type. Each returns the value or
 * throws Stripe's error.
 */
export function readInteger(value: unknown, param: string): number {
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : NaN
  // Past 2^53 a number would no longer be the one that was sent.
  if (Number.isSafeInteger(number)) return number === 0 ? 0 : number
  throw invalidRequest(`Invalid integer: ${inspect(value)}`, param, 'parameter_invalid_integer')
}

export function readNumber(value: unknown, param: string): number {
  const number = typeof value === 'number' ? value : typeof value === 'string' && isDecimal(value) ? Number(value) : NaN
  if (Number.isFinite(number)) return number
  throw invalidRequest(`Invalid decimal: ${inspect(value)}`, param)
}

/** A decimal stays text, so that no digit is lost. Stripe takes at most twelve places. */
export function readDecimal(value: unknown, param: string): string {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || !isDecimal(text)) throw invalidRequest(`Invalid decimal: ${inspect(value)}`, param)
  if ((text.split('.')[1]?.length ?? 0) > 12) {
    throw invalidRequest(`Invalid decimal: ${text}; must contain at most 12 decimal places.`, param)
  }
  return text
}

export function readBoolean(value: unknown, param: string): boolean {
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  throw invalidRequest(`Invalid boolean: ${inspect(value)}`, param)
}

export function readString(value: unknown, param: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw invalidRequest(`Invalid string: ${inspect(value)}`, param)
}

export function readEnum(value: unknown, values: Set<string>, param: string): string {
  if (typeof value === 'string' && values.has(value)) return value
  throw invalidRequest(`Invalid ${param}: must be ${oneOf([...values])}`, param)
}

/** `{ order: '1' }`; an empty value stays, for it removes the key. Limits: https://docs.stripe.com/metadata */
export function readMetadata(value: unknown, param: string): Record<string, string> {
  if (typeof value !== 'object' || value === null) throw invalidRequest('Invalid object', param)
  const entries = Object.entries(value).map(([key, text]): [string, string] => {
    if (key.length > 40) {
      throw invalidRequest(
        `Metadata keys can have up to 40 characters, but you passed in a key that is ${key.length} characters. Invalid key: ${key}`,
        param,
      )
    }
    const kept = text === null ? '' : readString(text, `${param}[${key}]`)
    if (kept.length > 500) {
      throw invalidRequest(
        `Metadata values can have up to 500 characters, but you passed in a value that is ${kept.length} characters. Invalid value: ${kept}`,
        param,
      )
    }
    return [key, kept]
  })
  if (entries.length > 50) {
    throw invalidRequest(
      `Metadata can have up to 50 keys, but you've set ${entries.length}. Email us at support+metadata@stripe.com for more information.`,
      param,
    )
  }
  return Object.fromEntries(entries)
}

/** 400 for an empty value where there is nothing that it could clear. */
export const emptyString = (param: string): ApiError =>
  new ApiError(
    400,
    `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`,
    { code: 'parameter_invalid_empty', param },
  )

const isDecimal = (text: string): boolean => /^-?(\d+\.?\d*|\.\d+)$/.test(text)

/** `one of a, b, or c`; two are `one of a or b`. */
function oneOf(values: string[]): string {
  if (values.length === 1) return values[0] ?? ''
  if (values.length === 2) return `one of ${values.join(' or ')}`
  return `one of ${values.slice(0, -1).join(', ')}, or ${values.at(-1)}`
}

/** A value as Stripe's messages show it: text as it is, a group as Ruby prints a hash. */
export function inspect(value: unknown, depth = 0): string {
  if (typeof value === 'string') return depth === 0 ? value : JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (depth > 4) return '{...}'
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}=>${inspect(inner, depth + 1)}`)
    .join(', ')}}`
}
