import generated from '../generated/parameters.generated.json' with { type: 'json' }

/** What a parameter may be. Made from the SDK's declarations; see `scripts/schemas.ts` for how it is written down. */
export type Schema =
  | { kind: 'string' | 'integer' | 'number' | 'boolean' | 'decimal' | 'metadata' | 'any' }
  | { kind: 'enum'; values: Set<string> }
  | { kind: 'array' | 'map' | 'clearable'; of: Schema }
  | { kind: 'union'; options: Schema[] }
  | ObjectSchema

/** A field's schema is read when it is asked for: a tree can be large (payment_method_data), and most requests touch a corner of it. */
export type ObjectSchema = { kind: 'object'; fields: Map<string, () => Schema>; required: string[] }

const nodes: readonly string[] = generated.nodes
const operations: Readonly<Record<string, string>> = generated.operations

/** Read on first use and kept: a server that is asked about customers never reads the schemas of Issuing. */
const known = new Map<string, Schema>()

/** The parameters of an operation; null where the SDK does not say which it takes. */
export function schemaOf(operation: string): Schema | null {
  const reference = operations[operation]
  return reference ? resolve(reference) : null
}

function resolve(reference: string): Schema {
  let schema = known.get(reference)
  if (!schema) {
    schema = read(reference)
    known.set(reference, schema)
  }
  return schema
}

function read(reference: string): Schema {
  if (reference.endsWith('[]')) return { kind: 'array', of: resolve(reference.slice(0, -2)) }
  if (reference.endsWith('{}')) return { kind: 'map', of: resolve(reference.slice(0, -2)) }
  if (reference.endsWith('?')) return { kind: 'clearable', of: resolve(reference.slice(0, -1)) }
  const node = nodes[Number(reference)]
  return node === undefined ? { kind: reference as 'string' } : readNode(node)
}

function readNode(node: string): Schema {
  const space = node.indexOf(' ')
  const rest = node.slice(space + 1)
  switch (node.slice(0, space)) {
    case 'enum':
      return { kind: 'enum', values: new Set(rest.split('|')) }
    case 'union':
      return { kind: 'union', options: rest.split('|').map(resolve) }
    default:
      return readObject(rest === '' ? [] : rest.split(','))
  }
}

function readObject(described: string[]): ObjectSchema {
  const fields: ObjectSchema['fields'] = new Map()
  const required: string[] = []
  for (const field of described) {
    const colon = field.indexOf(':')
    const isRequired = field[colon - 1] === '!'
    const name = field.slice(0, isRequired ? colon - 1 : colon)
    const reference = field.slice(colon + 1)
    if (isRequired) required.push(name)
    fields.set(name, () => resolve(reference))
  }
  return { kind: 'object', fields, required }
}
