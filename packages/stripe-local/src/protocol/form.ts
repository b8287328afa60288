import { ApiError } from './errors.ts'

/** What a form says: text, or a group of named values. Arrays are groups whose names are `0`, `1`, … */
export type FormValue = string | FormObject

/** A group of values. It has no prototype, so `__proto__` and `constructor` are names like any other. */
export type FormObject = { [name: string]: FormValue }

/** Deeper than any parameter of Stripe's (`payment_method_options[card][mandate_options][…]` is five), shallow enough to walk. */
const maxDepth = 16

/** Many times what a request to Stripe can need; past it the work would grow without a use. */
const maxPairs = 10_000

/** 400: the body is not what its content type says. Stripe's words for a JSON body sent to `/v1`. */
export const malformedBody = (): ApiError =>
  new ApiError(
    400,
    'Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any questions, we can help at https://support.stripe.com/.',
  )

/**
 * Decodes a query string or an `application/x-www-form-urlencoded` body with nested brackets.
 *
 *     decodeForm('items[0][price]=price_1&expand[]=customer')
 *     // { items: { 0: { price: 'price_1' } }, expand: { 0: 'customer' } }
 *
 * A name that comes twice keeps its last value. Throws an ApiError (400) for bad percent-encoding, bad UTF-8, brackets that do
 * not close, a name that is both a value and a group, more than 16 levels or more than 10,000 values.
 */
export function decodeForm(body: string | Uint8Array): FormObject {
  const form = group()
  const text = typeof body === 'string' ? body : decodeUtf8(body)
  if (text === '') return form
  const pairs = text.split('&')
  if (pairs.length > maxPairs) throw new ApiError(400, `Invalid request: more than ${maxPairs} parameters.`)
  for (const pair of pairs) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decodePart(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decodePart(pair.slice(equals + 1))
    assign(form, keysOf(name), value, name)
  }
  return form
}

const group = (): FormObject => Object.create(null) as FormObject

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw Object.assign(malformedBody(), { cause })
  }
}

function decodePart(part: string): string {
  const text = part.includes('+') ? part.replaceAll('+', ' ') : part
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw Object.assign(new ApiError(400, 'Invalid request: the percent-encoding is not valid UTF-8.'), { cause })
  }
}

/** `items[0][price]` → `['items', '0', 'price']`; `expand[]` → `['expand', '']`. */
function keysOf(name: string): string[] {
  const first = name.indexOf('[')
  if (first < 0) return [name]
  const malformed = () => new ApiError(400, `Invalid request: the brackets in '${name.slice(0, 200)}' do not match.`)
  if (first === 0) throw malformed()
  const keys = [name.slice(0, first)]
  let open = first
  while (open < name.length) {
    const close = name.indexOf(']', open)
    if (name[open] !== '[' || close < 0) throw malformed()
    keys.push(name.slice(open + 1, close))
    if (keys.length > maxDepth)
      throw new ApiError(400, `Invalid request: parameters nest deeper than ${maxDepth} levels.`)
    open = close + 1
  }
  return keys
}

function assign(form: FormObject, keys: string[], value: string, name: string): void {
  let target = form
  for (let depth = 0; depth < keys.length - 1; depth++) {
    const key = keys[depth] === '' ? openElement(target, keys.slice(depth + 1)) : (keys[depth] ?? '')
    const next = target[key] ?? group()
    if (typeof next === 'string') throw conflict(name)
    target[key] = next
    target = next
  }
  const last = keys.at(-1)
  const key = last === '' && keys.length > 1 ? nextIndex(target) : (last ?? '')
  if (typeof target[key] === 'object') throw conflict(name)
  target[key] = value
}

const conflict = (name: string): ApiError =>
  new ApiError(400, `Invalid request: '${name.slice(0, 200)}' is given both a value and values inside it.`)

/**
 * Which element `items[][price]` means: the one that was begun last, until it has a price; then a new one.
 * `items[][price]=a&items[][quantity]=2&items[][price]=b` are two items.
 */
function openElement(array: FormObject, rest: string[]): string {
  const count = Object.keys(array).length
  const last = count > 0 ? array[String(count - 1)] : undefined
  return last !== undefined && typeof last === 'object' && !has(last, rest) ? String(count - 1) : nextIndex(array)
}

function has(target: FormObject, keys: string[]): boolean {
  let value: FormValue | undefined = target
  for (const key of keys) {
    if (key === '') return false
    value = typeof value === 'object' ? value[key] : undefined
    if (value === undefined) return false
  }
  return true
}

/** The counts of arrays that are being filled with `[]`, so that ten thousand elements are not counted ten thousand times. */
const lengths = new WeakMap<FormObject, number>()

function nextIndex(array: FormObject): string {
  const index = lengths.get(array) ?? Object.keys(array).length
  lengths.set(array, index + 1)
  return String(index)
}
