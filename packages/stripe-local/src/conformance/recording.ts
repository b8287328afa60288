import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { matchOperation } from '../protocol/routes.ts'
import { schemaOf } from '../protocol/schema.ts'

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** One request that somebody sent to the real Stripe, and what it answered. */
export type Exchange = {
  request: { method: string; path: string; query: string; body: string; stripe_version: string }
  response: { status: number; headers?: Record<string, string>; body: Json }
}

/** One recorded conversation, in order. */
export type Conversation = { name: string; exchanges: Exchange[] }

/** What the recorders put in place of what looked like a secret, and what had stood there. */
const redactions: [string, string][] = [['<PADDLE_API_KEY>', 'secret']]

/** The conversations of a folder, by the names of their files. */
export function readConversations(folder: string): Conversation[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({ name: name.slice(0, -'.json'.length), exchanges: readExchanges(join(folder, name)) }))
}

function readExchanges(path: string): Exchange[] {
  const text = redactions.reduce((text, [mark, word]) => text.replaceAll(mark, word), readFileSync(path, 'utf8'))
  const exchanges: unknown = JSON.parse(text)
  if (!Array.isArray(exchanges))
    throw new Error(`${path} holds no conversation: it must be a list of {request, response}.`)
  return exchanges as Exchange[]
}

/**
 * The body of a recorded request, encoded again. The recordings hold it decoded, so that `&` and `=` of a value cannot be told from
 * those between values: what is no parameter of the operation belongs to the value before it.
 */
export function encodedBody({ method, path, body }: Exchange['request']): string {
  const match = matchOperation(method, path)
  const schema = match && schemaOf(match.operation)
  const known = schema?.kind === 'object' ? schema.fields : null
  const pairs: [string, string][] = []
  for (const piece of body === '' ? [] : body.split('&')) {
    const equals = piece.indexOf('=')
    const name = equals < 0 ? piece : piece.slice(0, equals)
    const root = /^\w+(?=(\[\w*\])*$)/.exec(name)?.[0]
    const last = pairs.at(-1)
    const isParameter = root !== undefined && (known === null || known.has(root) || !last?.[1].includes('?'))
    if (isParameter || !last) pairs.push([name, equals < 0 ? '' : piece.slice(equals + 1)])
    else last[1] += `&${piece}`
  }
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
}

/** `GET /v1/customers/{id}`: what is looked up in the table of known differences. */
export const operationOf = ({ method, path }: Exchange['request']): string =>
  matchOperation(method, path)?.operation ?? `${method} ${path}`

export const isObject = (value: unknown): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every object inside an answer, and the answer itself. */
export function* objectsIn(value: Json): Generator<{ [name: string]: Json }> {
  if (Array.isArray(value)) for (const item of value) yield* objectsIn(item)
  else if (isObject(value)) {
    yield value
    for (const inner of Object.values(value)) yield* objectsIn(inner)
  }
}
