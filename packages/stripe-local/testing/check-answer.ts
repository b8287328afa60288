import { schemaOf } from '../src/protocol/schema.ts'
import generated from './answers.generated.json' with { type: 'json' }

const { nodes } = generated
const objects: Readonly<Record<string, readonly string[]>> = generated.objects

type Json = { [name: string]: unknown }

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * What in an answer is not as the SDK declares it: a field that is missing, one that there is not, one of another type, a value that
 * an enum does not have. Empty when the answer is as it should be.
 */
export function faultsIn(answer: unknown): string[] {
  if (!isObject(answer)) return []
  if (Array.isArray(answer.data))
    return answer.data.flatMap((item, index) => prefixed(`data[${index}]`, faultsIn(item)))
  if (typeof answer.object !== 'string') return []
  if (answer.object === 'event') return [...faultsInEnvelope(answer), ...prefixed('data.object', faultsInEvent(answer))]
  return objects[answer.object] ? faultsOf(`@${answer.object}`, answer) : []
}

/** What is around the object of an event: the SDK declares it once for each type, so it is said here. */
const envelope =
  'id!:string,object!:string,api_version!:string?,created!:integer,data!:any,livemode!:boolean,pending_webhooks!:integer,request!:any,type!:string'

function faultsInEnvelope(event: Json): string[] {
  const faults = faultsOfFields(envelope.split(','), event)
  return eventTypes.has(String(event.type)) ? faults : [...faults, `type${wrong('a type of event', event.type)}`]
}

const eventTypes = ((): ReadonlySet<string> => {
  const schema = schemaOf('POST /v1/webhook_endpoints')
  const types = schema?.kind === 'object' ? schema.fields.get('enabled_events')?.() : undefined
  return types?.kind === 'array' && types.of.kind === 'enum' ? types.of.values : new Set()
})()

/** The invoice of `invoice.upcoming` has no id although its type has: so the SDK says beside the type of that event. */
function faultsInEvent({ type, data }: Json): string[] {
  const faults = isObject(data) ? faultsIn(data.object) : []
  return type === 'invoice.upcoming' ? faults.filter((fault) => fault !== 'id is missing') : faults
}

const prefixed = (path: string, faults: string[]): string[] =>
  faults.map((fault) => (fault.startsWith('[') || fault.startsWith(' ') ? `${path}${fault}` : `${path}.${fault}`))

function faultsOf(reference: string, value: unknown): string[] {
  if (reference.endsWith('?')) return value === null ? [] : faultsOf(reference.slice(0, -1), value)
  if (reference.endsWith('[]')) {
    if (!Array.isArray(value)) return [wrong('an array', value)]
    return value.flatMap((item, index) => prefixed(`[${index}]`, faultsOf(reference.slice(0, -2), item)))
  }
  if (reference.endsWith('{}')) {
    if (!isObject(value)) return [wrong('an object', value)]
    return Object.entries(value).flatMap(([name, item]) => prefixed(name, faultsOf(reference.slice(0, -2), item)))
  }
  if (reference.startsWith('@')) return best((objects[reference.slice(1)] ?? []).map((one) => faultsOf(one, value)))
  const node = nodes[Number(reference)]
  return node === undefined ? faultsOfScalar(reference, value) : faultsOfNode(node, value)
}

function faultsOfScalar(type: string, value: unknown): string[] {
  if (type === 'any') return []
  if (type === 'metadata') {
    return isObject(value) && Object.values(value).every((item) => typeof item === 'string')
      ? []
      : [wrong('metadata', value)]
  }
  const wanted = type === 'decimal' ? 'string' : type === 'integer' ? 'number' : type
  return typeof value === wanted ? [] : [wrong(wanted, value)]
}

function faultsOfNode(node: string, value: unknown): string[] {
  const [kind, rest] = [node.slice(0, node.indexOf(' ')), node.slice(node.indexOf(' ') + 1)]
  if (kind === 'enum') return rest.split('|').includes(String(value)) ? [] : [wrong(`one of ${rest}`, value)]
  if (kind === 'union') return faultsOfUnion(rest.split('|'), value)
  if (!isObject(value)) return [wrong('an object', value)]
  return faultsOfFields(rest === '' ? [] : rest.split(','), value)
}

/** An object says itself which of several it is. */
function faultsOfUnion(references: string[], value: unknown): string[] {
  const own = isObject(value) && references.find((one) => one === `@${value.object}`)
  return own ? faultsOf(own, value) : best(references.map((one) => faultsOf(one, value)))
}

function faultsOfFields(fields: string[], value: Json): string[] {
  const known = new Set<string>()
  const faults = fields.flatMap((field) => {
    const [declared = '', reference = ''] = field.split(':')
    const name = declared.replace('!', '')
    known.add(name)
    if (!Object.hasOwn(value, name)) return declared.endsWith('!') ? [`${name} is missing`] : []
    return prefixed(name, faultsOf(reference, value[name]))
  })
  const unknown = Object.keys(value).filter((name) => !known.has(name))
  return [...faults, ...unknown.map((name) => `${name} is not in the SDK's type`)]
}

/** Of several types the one that fits best says what is wrong. */
const best = (candidates: string[][]): string[] =>
  candidates.reduce((least, faults) => (faults.length < least.length ? faults : least), candidates[0] ?? [])

const wrong = (wanted: string, value: unknown): string =>
  ` is not ${wanted.length > 120 ? `${wanted.slice(0, 120)}…` : wanted} but ${JSON.stringify(value)?.slice(0, 120)}`
