import type { Operations } from '../generated/operations.generated.ts'
import { ApiError, invalidRequest, missingParameter, unknownParameters } from './errors.ts'
import type { Operation } from './routes.ts'
import {
  emptyString,
  readBoolean,
  readDecimal,
  readEnum,
  readInteger,
  readMetadata,
  readNumber,
  readString,
} from './scalars.ts'
import { type ObjectSchema, type Schema, schemaOf } from './schema.ts'

/** A group of values as it came: from a form (everything is text) or from a JSON body (v2). */
export type Given = { [name: string]: unknown }

/** What is wrong with a request. Stripe tells of unknown parameters, all of them, before it looks at any value. */
type Findings = { operation: string; unknown: string[]; nearest: string | null; first: ApiError | null }

/** Text that Stripe lets a request clear although the SDK does not declare it so: seen in recordings, or cleared by the Dashboard. */
const alsoClearable = [
  /^POST \/v1\/customers(\/\{id\})? (name|email|phone|description|invoice_settings\[(default_payment_method|footer)\])$/,
  /^POST \/v1\/subscriptions\/\{id\} default_payment_method$/,
  /^POST \/v1\/products\/\{id\} default_price$/,
  /^POST \/v1\/prices\/\{id\} (lookup_key|nickname)$/,
  /^POST \/v1\/plans\/\{id\} nickname$/,
  /^POST \/v1\/coupons(\/\{id\})? name$/,
  /^POST \/v1\/tax_rates(\/\{id\})? (country|description|jurisdiction|state)$/,
  /^POST \/v1\/(customers|payment_methods)\S* (shipping\[phone\]|address\[\w+\]|(shipping|billing_details)\[address\]\[\w+\])$/,
]

/**
 * Checks what an operation was sent against what the SDK declares that it takes, and gives it its types: text becomes integers,
 * booleans and arrays, `''` stays where it clears a value. https://docs.stripe.com/api/errors
 *
 * Throws an ApiError (400) in Stripe's words: `parameter_unknown`, `parameter_missing`, `parameter_invalid_empty`,
 * `parameter_invalid_integer`, and without a code for other wrong types and for values that an enum does not have.
 *
 *     checkParameters('POST /v1/subscriptions', decodeForm('customer=cus_1&items[0][quantity]=2'))
 *     // { customer: 'cus_1', items: [{ quantity: 2 }] }
 */
export function checkParameters<Name extends Operation>(operation: Name, given: Given): NonNullable<Operations[Name]> {
  const schema = schemaOf(operation)
  const findings: Findings = { operation, unknown: [], nearest: null, first: null }
  const params = schema ? read(schema, given, '', findings) : given
  const error = errorOf(findings)
  if (error) throw error
  return params as NonNullable<Operations[Name]>
}

function errorOf({ unknown, nearest, first }: Findings): ApiError | null {
  if (unknown.length === 0) return first
  const error = unknownParameters(unknown.slice(0, 50))
  return nearest && unknown.length === 1
    ? new ApiError(400, `${error.message}. Did you mean ${nearest}?`, error.details)
    : error
}

function read(schema: Schema, value: unknown, param: string, findings: Findings): unknown {
  if (value === '' && cannotBeEmpty(schema)) {
    const clears =
      schema.kind === 'string' && alsoClearable.some((known) => known.test(`${findings.operation} ${param}`))
    return clears ? '' : fail(findings, emptyString(param))
  }
  try {
    switch (schema.kind) {
      case 'string':
        return readString(value, param)
      case 'integer':
        return readInteger(value, param)
      case 'number':
        return readNumber(value, param)
      case 'boolean':
        return readBoolean(value, param)
      case 'decimal':
        return readDecimal(value, param)
      case 'enum':
        return readEnum(value, schema.values, param)
      case 'metadata':
        return readMetadata(value, param)
      case 'clearable':
        return value === '' || value === null ? '' : read(schema.of, value, param, findings)
      case 'array':
        return readArray(schema.of, value, param, findings)
      case 'map':
        return readMap(schema.of, value, param, findings)
      case 'union':
        return readUnion(schema.options, value, param, findings)
      case 'object':
        return readObject(schema, value, param, findings)
      case 'any':
        return value
    }
  } catch (error) {
    if (error instanceof ApiError) return fail(findings, error)
    throw error
  }
}

const cannotBeEmpty = ({ kind }: Schema): boolean => kind !== 'clearable' && kind !== 'any' && kind !== 'union'

function fail(findings: Findings, error: ApiError): undefined {
  findings.first ??= error
  return undefined
}

function readObject({ fields, required }: ObjectSchema, value: unknown, param: string, findings: Findings): object {
  if (!isGroup(value)) throw invalidRequest('Invalid object', param)
  const params: Record<string, unknown> = {}
  for (const name of Object.keys(value)) {
    const schema = fields.get(name)
    const path = within(param, name)
    if (schema) params[name] = read(schema(), value[name], path, findings)
    else {
      if (findings.unknown.length === 0) findings.nearest = nearestName(name, param, fields)
      findings.unknown.push(path)
    }
  }
  for (const name of required) if (!Object.hasOwn(value, name)) fail(findings, missingParameter(within(param, name)))
  return params
}

/** `a[0]=x&a[1]=y` comes as the group `{0: 'x', 1: 'y'}`; the indexes need not be complete, only their order counts. */
function readArray(of: Schema, value: unknown, param: string, findings: Findings): unknown[] {
  if (Array.isArray(value))
    return value.map((element, index) => read(of, element, within(param, String(index)), findings))
  if (!isGroup(value)) throw invalidRequest('Invalid array', param)
  const indexes = Object.keys(value)
  if (!indexes.every((index) => /^\d{1,9}$/.test(index))) throw invalidRequest('Invalid array', param)
  return indexes
    .sort((a, b) => Number(a) - Number(b))
    .map((index) => read(of, value[index], within(param, index), findings))
}

function readMap(of: Schema, value: unknown, param: string, findings: Findings): object {
  if (!isGroup(value)) throw invalidRequest('Invalid object', param)
  return Object.fromEntries(
    Object.entries(value).map(([name, element]) => [name, read(of, element, within(param, name), findings)]),
  )
}

/** The first reading without a fault; where none is, the one whose shape fits says what is wrong. */
function readUnion(options: Schema[], value: unknown, param: string, findings: Findings): unknown {
  const fitting = options.filter((option) => fits(option, value))
  let best: Findings | undefined
  for (const option of fitting.length > 0 ? fitting : options) {
    const own: Findings = { ...findings, unknown: [], nearest: null, first: null }
    const result = read(option, value, param, own)
    if (!errorOf(own)) return result
    best = own
  }
  if (best) {
    if (findings.unknown.length === 0) findings.nearest = best.nearest
    findings.unknown.push(...best.unknown)
    findings.first ??= best.first
  }
  return undefined
}

function fits(schema: Schema, value: unknown): boolean {
  switch (schema.kind) {
    case 'clearable':
      return value === '' || fits(schema.of, value)
    case 'array':
      return isGroup(value) && (Array.isArray(value) || Object.keys(value).every((key) => /^\d+$/.test(key)))
    case 'object':
    case 'map':
    case 'metadata':
      return isGroup(value)
    default:
      return !isGroup(value)
  }
}

const isGroup = (value: unknown): value is Given => typeof value === 'object' && value !== null

const within = (param: string, name: string): string => (param === '' ? name : `${param}[${name}]`)

/** The known name that differs by at most two letters from one that is not known, if there is one. */
function nearestName(name: string, param: string, fields: ObjectSchema['fields']): string | null {
  if (name.length > 60) return null
  let nearest: string | null = null
  let least = Math.min(3, Math.ceil(name.length / 2))
  for (const known of fields.keys()) {
    const distance = editDistance(name, known, least)
    if (distance < least) [nearest, least] = [known, distance]
  }
  return nearest === null ? null : within(param, nearest)
}

/** How many letters to add, drop or change; `limit` where it is not less. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(change, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    previous = row
  }
  return Math.min(previous[b.length] ?? limit, limit)
}
