import { ask, formOf, messageOf, type Target } from './ask.ts'
import { type Catalogue, setUpOf } from './catalogue.ts'
import type { Correspondence } from './correspondence.ts'
import { type Conversation, type Exchange, isObject, type Json, objectsIn } from './recording.ts'

const idInRequest = /\b(?!pm_card_|tok_)(?:[a-z]+_)+(?:test_)?[A-Za-z0-9]{14,}\b/g

/**
 * Makes what the request names and no earlier answer told of: the catalogue, customers, their cards. Names what cannot be made.
 */
export async function presume(
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

function learnId(id: string, { body }: { body: Json }, ids: Correspondence): void {
  if (isObject(body) && typeof body.id === 'string') ids.presume(id, body.id)
}

/** A card is as good as another: what it is shows only in answers that the recording does not have. */
async function presumeCard(id: string, text: string, ids: Correspondence, target: Target): Promise<void> {
  const customer = /cus_[A-Za-z0-9]+/.exec(text)?.[0]
  const path = '/v1/payment_methods/pm_card_visa/attach'
  const answer = await ask(target, 'POST', path, formOf({ customer: ids.translate(customer ?? '') }))
  learnId(id, answer, ids)
}
