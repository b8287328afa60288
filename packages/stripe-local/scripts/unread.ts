import fc from 'fast-check'
import { ApiError } from '../src/protocol/errors.ts'
import { checkParameters } from '../src/protocol/parameters.ts'
import { render } from '../src/protocol/render.ts'
import { type ObjectSchema, schemaOf } from '../src/protocol/schema.ts'
import { handlers, type Operation } from '../src/resource.ts'
import { examplesIn } from '../testing/any-examples.ts'
import { type Request, valuesIn } from '../testing/requests.ts'
import type { World } from '../testing/world.ts'

const nobody = { id: null, idempotency_key: null }
const triesForBasis = 80
const triesForField = 10

/**
 * Parameters of an operation that are accepted and that nobody reads, as paths: `payment_settings.default_mandate`. The answer to such a request is
 * not what was asked for, and nothing says so.
 *
 * Each is added alone to requests that succeed, and whoever reads it is watched; the world is after each request as it was before. A parameter that
 * is never accepted, or whose reading depends on another, cannot be judged so, and one that is copied with its neighbours counts as read.
 *
 * @param deep whether the fields within a parameter are looked at, too
 */
export function unreadParameters(world: World, operation: Operation, { seed = 1, deep = false } = {}): string[] {
  const schema = schemaOf(operation)
  if (schema?.kind !== 'object') return []
  const { anyOf } = valuesIn(world, { gentle: true })
  const bases = basesOf(world, operation, schema, seed)
  const fields = optionalOf(schema)
  const required = unreadOf(
    bases.map((basis) => watch(world, basis)),
    deep,
  ).filter((path) => schema.required.includes(path.split('.')[0] ?? ''))
  const optional = fields.flatMap(([name, field]) => {
    const values = fc.sample(anyOf(field(), name, 1), { numRuns: triesForField * 2, seed })
    const seen = values.flatMap((value, i): Watched[] => {
      const basis = bases[i % bases.length]
      return basis ? [watch(world, { ...basis, params: { ...basis.params, [name]: value } })] : []
    })
    return unreadOf(seen, deep)
  })
  return [...required, ...optional]
}

const optionalOf = (schema: ObjectSchema) =>
  [...schema.fields].filter(([name]) => name !== 'expand' && !schema.required.includes(name))

/** Whether no request of an operation succeeds, so that what is added to it cannot be judged: it wants an example. */
export function lacksExample(world: World, operation: Operation): boolean {
  const schema = schemaOf(operation)
  if (schema?.kind !== 'object') return false
  const hasParameters = optionalOf(schema).length > 0 || schema.required.length > 0
  return hasParameters && basesOf(world, operation, schema, 1).length === 0
}

/** Requests that succeed: the examples, and what chance finds with nothing but the parameters that are required. */
function basesOf(world: World, operation: Operation, schema: ObjectSchema, seed: number): Request[] {
  const { objectOf, pathOf } = valuesIn(world, { gentle: true })
  const bare: ObjectSchema = {
    ...schema,
    fields: new Map([...schema.fields].filter(([n]) => schema.required.includes(n))),
  }
  const examples = (examplesIn(world).get(operation) ?? []).map((asked): Request => ({ operation, ...asked }))
  const chance = fc
    .sample(fc.record({ path: pathOf(operation), params: objectOf(bare, 0) }), { numRuns: triesForBasis, seed })
    .map((asked): Request => ({ operation, ...asked }))
  return [...examples, ...chance].filter((request) => isAccepted(watch(world, request))).slice(0, triesForField)
}

type Watched = { accepted: boolean; given: Set<string>; read: Set<string> }

const isAccepted = ({ accepted }: Watched): boolean => accepted

/** What was accepted somewhere and read nowhere; of a parameter that was not read, not its fields as well. */
function unreadOf(seen: readonly Watched[], deep: boolean): string[] {
  const read = new Set(seen.flatMap((one) => [...one.read]))
  const given = new Set(seen.filter(isAccepted).flatMap((one) => [...one.given]))
  const unread = [...given].filter((path) => !read.has(path) && (deep || !path.includes('.')))
  return unread.filter((path) => !unread.some((other) => path.startsWith(`${other}.`)))
}

/** Carries a request out, watching which of its parameters are read, and undoes it. */
function watch(world: World, { operation, path, params: asked }: Request): Watched {
  const { account } = world
  const watched: Watched = { accepted: false, given: new Set(), read: new Set() }
  const handler = handlers.get(operation)
  if (!handler) throw new Error(`Nothing handles ${operation}.`)
  try {
    const checked = checkParameters(operation, asked) as Record<string, unknown>
    collect(checked, '', watched.given)
    const params = watching(checked, '', watched.read)
    // An attempt within the unit of work: what a declined payment leaves behind is undone, too.
    account.work(nobody, () =>
      account.attempt(() => {
        // What is kept as it was given is read by whoever asks for it: here, by the answer.
        JSON.stringify(render(account, handler({ account, operation, path, params, url: '/v1' } as never) as never))
        watched.accepted = true
        throw new Undo()
      }),
    )
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof Undo)) throw error
  }
  return watched
}

class Undo extends Error {}

/** The paths of all fields of a value. Those of a list's entries stand under the list's own: `items.price`. */
function collect(value: unknown, path: string, into: Set<string>): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const entry of value) collect(entry, path, into)
    return
  }
  for (const [name, field] of Object.entries(value)) {
    const own = path === '' ? name : `${path}.${name}`
    if (own.startsWith('metadata.')) continue
    into.add(own)
    collect(field, own, into)
  }
}

/** The value, noting each of its fields that somebody reads. */
function watching<T>(value: T, path: string, read: Set<string>): T {
  if (typeof value !== 'object' || value === null) return value
  return new Proxy(value, {
    get(target, name) {
      const field: unknown = Reflect.get(target, name)
      if (typeof name === 'symbol' || (Array.isArray(target) && !/^\d+$/.test(name))) return field
      const own = Array.isArray(target) ? path : path === '' ? name : `${path}.${name}`
      read.add(own)
      return watching(field, own, read)
    },
  })
}
