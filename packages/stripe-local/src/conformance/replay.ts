import { matchOperation } from '../protocol/routes.ts'
import { type Catalogue, setUpOf } from './catalogue.ts'
import { type Correspondence, createCorrespondence, type Difference } from './correspondence.ts'
import { type Conversation, type Exchange, encodedBody, isObject, type Json, objectsIn } from './recording.ts'

/** Where a conversation is replayed. */
export type Target = {
  url: string
  key: string
  /** Sets the account's clock, in Unix seconds, where that can be done. */
  setTime?: (time: number) => void
}

/** What became of one request of a conversation. */
export type StepResult = {
  /** `POST /v1/subscriptions` */
  request: string
  version: string
  /** Why it was not sent, or what the answer was for which there is nothing to compare. */
  skipped?: string
  differences: Difference[]
}

type Answer = { status: number; body: Json }

/** Asks the target what was asked of Stripe, step by step, and compares what both answered. */
export async function replay(conversation: Conversation, catalogue: Catalogue, target: Target): Promise<StepResult[]> {
  const ids = createCorrespondence({ setTime: target.setTime !== undefined })
  const results: StepResult[] = []
  let time = 0
  for (const exchange of conversation.exchanges) {
    const { request, response } = exchange
    time = timeOf(exchange, time)
    target.setTime?.(time)
    const missing = response.status < 300 ? await presume(exchange, conversation, ids, catalogue, target) : []
    const step = {
      request: operationOf(request),
      version: request.stripe_version,
      differences: [],
    }
    if (missing.length > 0) {
      results.push({ ...step, skipped: `${missing.join(', ')}: what made it was not recorded` })
      continue
    }
    const answer = await send(target, exchange, ids)
    if (answer.status === 501 && response.status !== 501) {
      results.push({ ...step, skipped: messageOf(answer.body) })
      continue
    }
    results.push({ ...step, differences: differencesOf(response, answer, ids) })
  }
  return results
}

function differencesOf(recorded: Exchange['response'], answer: Answer, ids: Correspondence): Difference[] {
  if (recorded.status !== answer.status) {
    const told = answer.status >= 400 ? ` (${messageOf(answer.body)})` : ''
    return [{ path: 'status', recorded: recorded.status, local: `${answer.status}${told}` }]
  }
  return [...ids.compare(recorded.body, answer.body)]
}

const messageOf = (body: Json): string =>
  isObject(body) && isObject(body.error) ? String(body.error.message) : JSON.stringify(body).slice(0, 200)

/** `GET /v1/customers/{id}`: what is looked up in the table of known differences. */
const operationOf = ({ method, path }: Exchange['request']): string =>
  matchOperation(method, path)?.operation ?? `${method} ${path}`

/** When the request was made, as far as the answer tells: nothing in it is older than the conversation has come. */
function timeOf({ request, response }: Exchange, before: number): number {
  if (request.method === 'GET' && before > 0) return before
  const told = [...objectsIn(response.body)].flatMap((object) =>
    ['created', 'canceled_at', 'ended_at', 'finalized_at', 'paid_at', 'updated'].map((name) => object[name]),
  )
  const later = told.filter((time): time is number => typeof time === 'number' && time > before && time < 4_000_000_000)
  if (later.length === 0) return before
  const own = isObject(response.body) && typeof response.body.created === 'number' ? response.body.created : 0
  return before === 0 || own > before ? own || Math.max(...later) : Math.min(...later)
}

const idInRequest = /\b(?!pm_card_|tok_)(?:[a-z]+_)+(?:test_)?[A-Za-z0-9]{14,}\b/g

/**
 * Makes what the request names and no earlier answer told of: the catalogue, customers, their cards. Names what cannot be made.
 */
async function presume(
  exchange: Exchange,
  conversation: Conversation,
  ids: Correspondence,
  catalogue: Catalogue,
  target: Target,
): Promise<string[]> {
  const { request } = exchange
  const text = `${request.path}?${decodeURIComponent(request.query)}&${request.method === 'GET' ? '' : request.body}`
  for (const id of catalogue.keys()) if (names(text, id)) await setUp(id, ids, catalogue, target)
  const missing: string[] = []
  for (const [id] of text.matchAll(idInRequest)) {
    if (ids.isKnown(id)) continue
    if (id.startsWith('cus_')) await presumeCustomer(id, conversation, ids, target)
    else if (id.startsWith('pm_')) await presumeCard(id, text, ids, target)
    if (!ids.isKnown(id) && !isMade(exchange, id)) missing.push(id)
  }
  return missing
}

/** Whether the request itself says what the new object's id is to be. */
const isMade = ({ request }: Exchange, id: string): boolean => request.body.split('&').includes(`id=${id}`)

const names = (text: string, id: string): boolean => text.split(/[=&/?,]/).includes(id)

async function setUp(id: string, ids: Correspondence, catalogue: Catalogue, target: Target): Promise<void> {
  const object = catalogue.get(id)
  const made = object && setUpOf(object)
  if (!made || ids.isKnown(id)) return
  for (const other of objectIds(made.params)) await setUp(other, ids, catalogue, target)
  const body = formOf(made.params, (text) => ids.translate(text))
  const answer = await ask(target, 'POST', made.path, body)
  if (!isObject(answer.body) || typeof answer.body.id !== 'string') {
    throw new Error(`${id} could not be set up: ${messageOf(answer.body)}`)
  }
  ids.presume(id, answer.body.id)
}

const objectIds = (value: Json): string[] =>
  typeof value === 'string' ? [value] : isObject(value) ? Object.values(value).flatMap(objectIds) : []

/** The customer is made as the first answer shows them that does, which may be a later one. */
async function presumeCustomer(
  id: string,
  { exchanges }: Conversation,
  ids: Correspondence,
  target: Target,
): Promise<void> {
  const objects = exchanges.flatMap(({ response }) => [...objectsIn(response.body)])
  const shown = objects.find((object) => object.id === id && object.object === 'customer')
  const params = Object.fromEntries(
    ['email', 'name', 'phone', 'description', 'metadata'].flatMap((name) =>
      shown?.[name] ? [[name, shown[name]]] : [],
    ),
  )
  const answer = await ask(target, 'POST', '/v1/customers', formOf(params as Json))
  learnId(id, answer, ids)
}

function learnId(id: string, { body }: Answer, ids: Correspondence): void {
  if (isObject(body) && typeof body.id === 'string') ids.presume(id, body.id)
}

/** A card is as good as another: what it is shows only in answers that the recording does not have. */
async function presumeCard(id: string, text: string, ids: Correspondence, target: Target): Promise<void> {
  const customer = /cus_[A-Za-z0-9]+/.exec(text)?.[0]
  const path = '/v1/payment_methods/pm_card_visa/attach'
  const answer = await ask(target, 'POST', path, formOf({ customer: ids.translate(customer ?? '') }))
  learnId(id, answer, ids)
}

function formOf(value: Json, translate: (text: string) => string = (text) => text, name = ''): string {
  if (value === null) return ''
  if (typeof value !== 'object') return `${encodeURIComponent(name)}=${encodeURIComponent(translate(String(value)))}`
  const within = (key: string): string => (name === '' ? key : `${name}[${key}]`)
  return Object.entries(value)
    .map(([key, inner]) => formOf(inner, translate, within(key)))
    .filter((part) => part !== '')
    .join('&')
}

const send = (target: Target, { request, response }: Exchange, ids: Correspondence): Promise<Answer> => {
  const path = ids.translate(request.path)
  const query = request.query === '' ? '' : `?${ids.translate(request.query)}`
  const body = request.method === 'POST' ? translateForm(encodedBody(request), ids) : undefined
  // The recordings filter keys; an answer of 401 was made with one that Stripe did not know.
  const key = response.status === 401 ? '<STRIPE_PRIVATE_KEY>' : target.key
  return ask({ ...target, key }, request.method, path + query, body)
}

const translateForm = (form: string, ids: Correspondence): string =>
  form
    .split('&')
    .map((pair) => {
      const [name = '', value = ''] = pair.split('=')
      return `${name}=${encodeURIComponent(ids.translate(decodeURIComponent(value)))}`
    })
    .join('&')

async function ask(target: Target, method: string, path: string, body?: string): Promise<Answer> {
  const response = await fetch(target.url + path, {
    method,
    headers: {
      authorization: `Bearer ${target.key}`,
      ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(body !== undefined && { body }),
  })
  return { status: response.status, body: (await response.json()) as Json }
}
