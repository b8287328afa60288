import type { Account } from '../account.ts'
import type { AnyObject, Kind, Kinds } from '../kinds.ts'
import { ApiError, invalidRequest } from './errors.ts'
import { pageOf } from './list.ts'
import { includes, render } from './render.ts'
import { type Clause, parseQuery } from './search-query.ts'

/** What a search may ask of a kind. A token is compared as a whole, a string may be searched for a part, a number compared. */
type FieldType = 'token' | 'string' | 'numeric'

/** The fields of https://docs.stripe.com/search#query-fields-for-customers and the sections after it; `metadata` is in each. */
const searchable = {
  charge: {
    amount: 'numeric',
    'billing_details.address.postal_code': 'token',
    created: 'numeric',
    currency: 'token',
    customer: 'token',
    disputed: 'token',
    'payment_method_details.card.brand': 'token',
    'payment_method_details.card.exp_month': 'token',
    'payment_method_details.card.exp_year': 'token',
    'payment_method_details.card.fingerprint': 'token',
    'payment_method_details.card.last4': 'token',
    refunded: 'token',
    status: 'token',
  },
  customer: { created: 'numeric', email: 'string', name: 'string', phone: 'string' },
  invoice: {
    created: 'numeric',
    currency: 'token',
    customer: 'token',
    last_finalization_error_code: 'token',
    last_finalization_error_type: 'token',
    number: 'string',
    receipt_number: 'string',
    status: 'string',
    subscription: 'token',
    total: 'numeric',
  },
  payment_intent: { amount: 'numeric', created: 'numeric', currency: 'token', customer: 'token', status: 'token' },
  price: { active: 'token', currency: 'token', lookup_key: 'string', product: 'token', type: 'token' },
  product: { active: 'token', description: 'string', name: 'string', shippable: 'token', url: 'string' },
  subscription: { canceled_at: 'numeric', created: 'numeric', status: 'string' },
} satisfies { [K in Kind]?: Record<string, FieldType> }

export type SearchableKind = keyof typeof searchable

/** Where a field's value is, when its name is not its path. */
const paths: Record<string, string> = {
  'invoice subscription': 'parent.subscription_details.subscription',
  'invoice last_finalization_error_code': 'last_finalization_error.code',
  'invoice last_finalization_error_type': 'last_finalization_error.type',
}

export type SearchParams = { query: string; limit?: number; page?: string }

/** Stripe's search result: a list that is paged by a token instead of by ids. */
export type SearchResult<T> = {
  object: 'search_result'
  data: T[]
  has_more: boolean
  next_page: string | null
  url: string
}

/** How many objects match in all: Stripe tells only when `expand[]=total_count` asks. A symbol is not written into an answer. */
const totalCount = Symbol('total_count')

includes.set(
  'search_result',
  new Map([['total_count', (result: { [totalCount]?: number }) => result[totalCount] ?? 0]]) as never,
)

/**
 * The objects of a kind that a query matches, the newest first. Unlike the real Stripe's, a result is never behind: what was
 * written is found at once.
 *
 * https://docs.stripe.com/search
 */
export function searchFor<K extends SearchableKind>(
  account: Account,
  kind: K,
  params: SearchParams,
  url: string,
): SearchResult<Kinds[K]> {
  checkLimit(params.limit)
  const { join, clauses } = parseQuery(params.query)
  const tests = clauses.map((clause) => testOf(kind, clause))
  const matching = (account.store.all(kind) as AnyObject[]).filter(
    (object) =>
      !('deleted' in object) &&
      (join === 'or' ? tests.some((test) => test(object)) : tests.every((test) => test(object))),
  )
  const after = params.page === undefined ? undefined : lastShown(params.page, matching)
  const page = pageOf(matching, {
    ...(params.limit !== undefined && { limit: params.limit }),
    ...(after !== undefined && { starting_after: after }),
  })
  return {
    object: 'search_result',
    data: page.data.map((object) => render(account, object)) as Kinds[K][],
    has_more: page.has_more,
    next_page: page.has_more ? pageAfter(page.data.at(-1)) : null,
    url,
    [totalCount]: matching.length,
  } as SearchResult<Kinds[K]>
}

/** Unlike a list, search refuses a limit out of bounds. */
function checkLimit(limit: number | undefined): void {
  if (limit === undefined || (limit >= 1 && limit <= 100)) return
  throw invalidRequest(
    limit < 1
      ? 'This value must be greater than or equal to 1.'
      : `This value must be less than or equal to 100 (it currently is '${limit}').`,
    'limit',
    'parameter_invalid_integer',
  )
}

const pageAfter = (object: AnyObject | undefined): string => Buffer.from(object?.id ?? '').toString('base64url')

function lastShown(page: string, matching: readonly AnyObject[]): string {
  const id = Buffer.from(page, 'base64url').toString()
  if (matching.some((object) => object.id === id)) return id
  throw invalidRequest(`Invalid page: ${page}. Pass the next_page of an earlier result of the same query.`, 'page')
}

type Test = (object: AnyObject) => boolean

function testOf(kind: SearchableKind, clause: Clause): Test {
  const fields: Record<string, FieldType> = searchable[kind]
  const type = clause.field === 'metadata' ? 'token' : fields[clause.field]
  if (!type || !Object.hasOwn({ metadata: true, ...fields }, clause.field)) throw unsupportedField(kind, clause.field)
  const read = readerOf(kind, clause)
  const matches = matcherOf(type, clause)
  return (object) => matches(read(object)) !== clause.negated
}

function unsupportedField(kind: SearchableKind, field: string): ApiError {
  const resource = `${kind}s`
  return new ApiError(
    400,
    `Field \`${field}\` is an unsupported search field for resource \`${resource}\`. See http://stripe.com/docs/search#query-fields-for-${resource.replaceAll('_', '-')} for a list of supported fields.`,
  )
}

function readerOf(kind: SearchableKind, { field, key }: Clause): (object: AnyObject) => unknown {
  const path = key === null ? (paths[`${kind} ${field}`] ?? field).split('.') : ['metadata', key]
  return (object) => {
    let value: unknown = object
    for (const name of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null
      value = (value as Record<string, unknown>)[name]
    }
    return value ?? null
  }
}

/** Text is compared without regard to case; nothing but `null` matches an empty field. */
function matcherOf(type: FieldType, { field, operator, value: wanted }: Clause): (value: unknown) => boolean {
  const notFor = () =>
    invalidRequest(`The operator \`${operator}\` is not supported for the field \`${field}\`.`, 'query')
  if (wanted === null) {
    if (operator !== ':') throw notFor()
    return (value) => value === null
  }
  if (operator === ':') {
    const text = String(wanted).toLowerCase()
    return (value) => value !== null && String(value).toLowerCase() === text
  }
  if (operator === '~') {
    if (type !== 'string') throw notFor()
    const part = String(wanted).toLowerCase()
    if (part.length < 3) throw invalidRequest('Substring searches need at least 3 characters.', 'query')
    return (value) => value !== null && String(value).toLowerCase().includes(part)
  }
  const bound = Number(wanted)
  if (type !== 'numeric' || wanted === '' || Number.isNaN(bound)) throw notFor()
  const compare = {
    '>': (n: number) => n > bound,
    '>=': (n: number) => n >= bound,
    '<': (n: number) => n < bound,
    '<=': (n: number) => n <= bound,
  }[operator]
  return (value) => typeof value === 'number' && compare(value)
}
