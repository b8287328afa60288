import type { Operations } from '../generated/operations.generated.ts'
import generated from '../generated/parameters.generated.json' with { type: 'json' }
import { ApiError } from './errors.ts'

/** An operation of Stripe's API by verb and path: `POST /v1/customers/{id}`. */
export type Operation = keyof Operations

/** The values that an operation's path carries: `{ id: string; feature: string }` for `…/{id}/features/{feature}`. */
export type PathParameters<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { [Key in Name]: string } & PathParameters<Rest>
  : unknown

/** Which operation a request means, and the values in its path. */
export type Match = { operation: Operation; path: Record<string, string> }

type Branch = { fixed: Map<string, Branch>; open: Branch | null; operation: Operation | null; names: string[] }

/** Every operation that the SDK knows, sorted. */
export const allOperations = Object.keys(generated.operations) as Operation[]

const newBranch = (): Branch => ({ fixed: new Map(), open: null, operation: null, names: [] })

/** One tree for each verb; a step is a path segment. Fixed segments win over placeholders: `/customers/search` is no customer. */
const trees = new Map<string, Branch>()

for (const operation of allOperations) {
  const [method = '', path = ''] = operation.split(' ')
  let branch = trees.get(method) ?? newBranch()
  trees.set(method, branch)
  const names: string[] = []
  for (const segment of path.split('/').slice(1)) {
    if (segment.startsWith('{')) {
      names.push(segment.slice(1, -1))
      branch.open ??= newBranch()
      branch = branch.open
      continue
    }
    const next = branch.fixed.get(segment) ?? newBranch()
    branch.fixed.set(segment, next)
    branch = next
  }
  branch.operation = operation
  branch.names = names
}

/**
 * Finds the operation of a request, or null where Stripe has none. `path` is the URL's path without the query, still encoded.
 *
 *     matchOperation('GET', '/v1/customers/cus_1') // { operation: 'GET /v1/customers/{id}', path: { id: 'cus_1' } }
 */
export function matchOperation(method: string, path: string): Match | null {
  const tree = trees.get(method)
  if (!tree || !path.startsWith('/')) return null
  return find(tree, path.split('/'), 1, [])
}

function find(branch: Branch, segments: string[], at: number, values: string[]): Match | null {
  const segment = segments[at]
  if (segment === undefined) {
    if (!branch.operation) return null
    return {
      operation: branch.operation,
      path: Object.fromEntries(branch.names.map((name, i) => [name, values[i] ?? ''])),
    }
  }
  if (segment === '') return null
  const fixed = branch.fixed.get(segment)
  const found = fixed && find(fixed, segments, at + 1, values)
  if (found) return found
  const value = branch.open && decodeSegment(segment)
  return branch.open && value ? find(branch.open, segments, at + 1, [...values, value]) : null
}

/** An id may hold anything that was encoded; one that does not decode names nothing. */
function decodeSegment(segment: string): string | null {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch (error) {
    if (error instanceof URIError) return null
    throw error
  }
}

/** 404 for a URL that Stripe does not have, in Stripe's words. */
export const unrecognizedUrl = (method: string, path: string): ApiError =>
  new ApiError(
    404,
    `Unrecognized request URL (${method}: ${path}). If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code. Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
  )
