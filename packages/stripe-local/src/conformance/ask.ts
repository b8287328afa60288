import { apiVersion } from '../version.ts'
import type { Correspondence, Difference } from './correspondence.ts'
import { type Exchange, encodedBody, isObject, type Json } from './recording.ts'

/** Where a conversation is replayed. */
export type Target = {
  url: string
  key: string
  /** Sets the account's clock, in Unix seconds, where that can be done. */
  setTime?: (time: number) => void
}

export type Answer = { status: number; body: Json }

/** One request to the target, by a version of the API. The body is form-encoded. */
export async function ask(
  target: Target,
  method: string,
  path: string,
  body?: string,
  version: string = apiVersion,
): Promise<Answer> {
  const response = await reach(target.url + path, {
    method,
    headers: {
      authorization: `Bearer ${target.key}`,
      'stripe-version': version,
      ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(body !== undefined && { body }),
  })
  return { status: response.status, body: (await response.json()) as Json }
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (cause) {
    throw new Error(`${new URL(url).host} cannot be reached from here: nothing can be compared with it.`, { cause })
  }
}

export const messageOf = (body: Json): string =>
  isObject(body) && isObject(body.error) ? String(body.error.message) : JSON.stringify(body).slice(0, 200)

/**
 * Sends a recorded request with our ids in it. What an older version of the API took and ours does not know is left out and told as
 * a difference, so that the rest can be compared.
 */
export async function send(
  target: Target,
  { request, response }: Exchange,
  ids: Correspondence,
): Promise<{ answer: Answer; leftOut: Difference[] }> {
  // The recordings filter keys; an answer of 401 was made with one that Stripe did not know.
  const key = response.status === 401 ? '<STRIPE_PRIVATE_KEY>' : target.key
  const leftOut: Difference[] = []
  let pairs = pairsOf(request, ids)
  for (;;) {
    const form = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
    const isBody = request.method === 'POST'
    const path = ids.translate(request.path) + (isBody || form === '' ? '' : `?${form}`)
    const answer = await ask(
      { ...target, key },
      request.method,
      path,
      isBody ? form : undefined,
      request.stripe_version,
    )
    const unknown = response.status < 300 ? pairs.filter((pair) => isUnknown(answer, pair)) : []
    if (unknown.length === 0) return { answer, leftOut }
    leftOut.push(...unknown.map(([name, value]) => ({ path: `parameter ${name}`, recorded: value, local: 'unknown' })))
    pairs = pairs.filter((pair) => !unknown.includes(pair))
  }
}

type Pair = readonly [name: string, value: string]

function pairsOf(request: Exchange['request'], ids: Correspondence): Pair[] {
  const encoded = request.method === 'POST' ? encodedBody(request) : request.query
  return [...new URLSearchParams(encoded)].map(([name, value]) => [name, ids.translate(value)])
}

/** Whether the target refused the request for this parameter, or for this path of `expand`. */
function isUnknown({ status, body }: Answer, [name, value]: Pair): boolean {
  if (status !== 400 || !isObject(body) || !isObject(body.error)) return false
  const { code, message } = body.error
  if (code === 'parameter_unknown') {
    const named = /parameters?: (.+?)(\. Did you mean .+)?$/.exec(String(message))?.[1]?.split(', ') ?? []
    return named.some((unknown) => name === unknown || name.startsWith(`${unknown}[`))
  }
  const property = /cannot be expanded (?:\((\w+)\)|because it doesn't exist: (\w+))/.exec(String(message))
  const named = property?.[1] ?? property?.[2]
  return name.startsWith('expand[') && named !== undefined && value.split('.').includes(named)
}

/** Nested parameters, form-encoded. */
export function formOf(value: Json, translate: (text: string) => string = (text) => text, name = ''): string {
  if (value === null) return ''
  if (typeof value !== 'object') return `${encodeURIComponent(name)}=${encodeURIComponent(translate(String(value)))}`
  const within = (key: string): string => (name === '' ? key : `${name}[${key}]`)
  return Object.entries(value)
    .map(([key, inner]) => formOf(inner, translate, within(key)))
    .filter((part) => part !== '')
    .join('&')
}
