import { ApiError, invalidRequest } from './errors.ts'

/** One condition of a search: `-metadata["key"]:"value"`. */
export type Clause = {
  negated: boolean
  field: string
  /** The key in `metadata["key"]`. */
  key: string | null
  operator: ':' | '~' | '>' | '>=' | '<' | '<='
  value: string | number | null
}

export type Query = { join: 'and' | 'or'; clauses: Clause[] }

const mostClauses = 10

const clausePattern =
  /(-?)([A-Za-z_][\w.]*)(?:\[(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\])?(>=|<=|:|~|>|<)(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(-?\d+(?:\.\d+)?|null|true|false)(?![\w.]))/y

const joinPattern = /\s+(AND|OR)\s+|\s+/iy

const unparsable = () =>
  new ApiError(
    400,
    'We were unable to parse your search query. Try using the format `metadata["key"]:"value"` to query for metadata or key:"value" to query for other fields.',
  )

/**
 * Parses Stripe's search query language: clauses beside each other or joined by AND, or joined by OR, never both, no parentheses.
 * Throws Stripe's 400 for anything else. https://docs.stripe.com/search#search-query-language
 *
 *     parseQuery('active:"true" AND -metadata["plan"]:null')
 */
export function parseQuery(text: string): Query {
  const query = text.trim()
  const clauses: Clause[] = []
  const joins = new Set<string>()
  for (let at = 0; ; ) {
    clausePattern.lastIndex = at
    const found = clausePattern.exec(query)
    if (!found) throw unparsable()
    clauses.push(clauseOf(found))
    at = clausePattern.lastIndex
    if (at === query.length) break
    joinPattern.lastIndex = at
    const join = joinPattern.exec(query)
    if (!join) throw unparsable()
    joins.add((join[1] ?? 'and').toLowerCase())
    at = joinPattern.lastIndex
  }
  if (joins.size > 1) throw unparsable()
  if (clauses.length > mostClauses) {
    throw invalidRequest(
      `Your search query has more than ${mostClauses} clauses, which is the most that a query can have.`,
      'query',
    )
  }
  return { join: joins.has('or') ? 'or' : 'and', clauses }
}

function clauseOf(found: RegExpExecArray): Clause {
  const [, minus, field = '', doubleKey, singleKey, operator, double, single, bare] = found
  const key = doubleKey ?? singleKey
  if ((field === 'metadata') !== (key !== undefined)) throw unparsable()
  const quoted = double ?? single
  return {
    negated: minus === '-',
    field,
    key: key === undefined ? null : withoutBackslashes(key),
    operator: operator as Clause['operator'],
    value: quoted === undefined ? bareValue(bare ?? '') : withoutBackslashes(quoted),
  }
}

function bareValue(text: string): Clause['value'] {
  if (text === 'null') return null
  return text === 'true' || text === 'false' ? text : Number(text)
}

const withoutBackslashes = (text: string): string => text.replace(/\\(.)/g, '$1')
