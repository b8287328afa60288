import type { Account } from './account.ts'
import type { Operations } from './generated/operations.generated.ts'
import type { Kind, Kinds } from './kinds.ts'
import { includes, views } from './protocol/render.ts'

/** An operation of the API, as the SDK calls it: `POST /v1/customers/{id}`. */
export type Operation = keyof Operations

/** The names in the braces of an operation's path. */
type Placeholders<O extends string> = O extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never

/** One request, checked: its parameters have the SDK's types. */
export type Call<O extends Operation = Operation> = {
  account: Account
  operation: O
  /** The values of the path's placeholders. */
  path: Record<Placeholders<O>, string>
  params: NonNullable<Operations[O]>
  /** The path as it was asked, which lists repeat as `url`. */
  url: string
}

export type Handler<O extends Operation> = (call: Call<O>) => unknown

/** One resource of the API: what it can do, how it is shown and what `expand` adds to it. */
export type Resource<K extends Kind> = {
  /** What stands in the field `object`. */
  kind: K
  operations: { [O in Operation]?: Handler<O> }
  /** How it is shown, where that is more than what is kept. */
  view?: (object: Kinds[K], account: Account) => object
  /** Fields that are there only when `expand` asks for them; `fixed_amount.currency_options` is within another. */
  includes?: Record<string, (object: Kinds[K], account: Account) => unknown>
}

/** The handlers of all resources, by operation. What has none here is answered with a 501. */
export const handlers = new Map<string, Handler<Operation>>()

/**
 * Adds a resource to the API. Each file in resources/ does this once.
 *
 * @example
 * defineResource({
 *   kind: 'customer',
 *   operations: { 'GET /v1/customers/{id}': ({ account, path }) => account.get('customer', path.id) },
 * })
 */
export function defineResource<K extends Kind>(resource: Resource<K>): void {
  for (const [operation, handler] of Object.entries(resource.operations)) {
    if (handlers.has(operation)) throw new Error(`Two resources handle ${operation}.`)
    handlers.set(operation, handler as Handler<Operation>)
  }
  if (resource.view) views.set(resource.kind, resource.view as never)
  if (resource.includes) includes.set(resource.kind, new Map(Object.entries(resource.includes)) as never)
}
