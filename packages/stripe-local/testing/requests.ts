import fc from 'fast-check'
import { kindOfPrefix } from '../src/protocol/expand.ts'
import { type ObjectSchema, type Schema, schemaOf } from '../src/protocol/schema.ts'
import { handlers, type Operation } from '../src/resource.ts'
import type { World } from './world.ts'

/** One request: an operation that is carried out, and parameters that are of its schema, and hostile within it. */
export type Request = { operation: Operation; path: Record<string, string>; params: Record<string, unknown> }

const hostile = [
  '',
  '0',
  '-1',
  'xxx',
  '__proto__',
  'constructor',
  '9'.repeat(40),
  'a'.repeat(300),
  '\u0000',
  '%zz',
  '😀',
  'now',
]
const integers = [
  0,
  1,
  -1,
  2,
  31,
  100,
  101,
  5000,
  999_999_999_999,
  2 ** 31,
  Number.MAX_SAFE_INTEGER,
  -Number.MAX_SAFE_INTEGER,
]
const day = 86_400

/** What can be made of a schema: a value of it, an object with some of its fields, and the ids of an operation's path. */
export type Values = {
  anyOf: (schema: Schema, name: string, depth: number) => fc.Arbitrary<unknown>
  objectOf: (schema: ObjectSchema, depth: number) => fc.Arbitrary<Record<string, unknown>>
  pathOf: (operation: Operation) => fc.Arbitrary<Record<string, string>>
}

/** Requests of every operation, of what a world has: half of the ids that they name are of the kind that is meant. */
export function requestsIn(world: World): fc.Arbitrary<Request> {
  const { objectOf, pathOf } = valuesIn(world)
  return fc.constantFrom(...([...handlers.keys()] as Operation[])).chain((operation) => {
    const schema = schemaOf(operation)
    const params = schema?.kind === 'object' ? objectOf(schema, 0) : fc.constant({})
    return fc.record({ operation: fc.constant(operation), path: pathOf(operation), params })
  })
}

/** Values for requests, of what a world has. @param options.gentle only what an honest caller would send: nothing that is meant to break */
export function valuesIn(world: World, { gentle = false } = {}): Values {
  const ids = idsOf(world)
  const { now } = world.account
  const id = fc.constantFrom(...ids, 'pm_card_visa', 'tok_visa', ...(gentle ? [] : hostile))
  const time = fc.integer({ min: -400, max: 800 }).map((days) => now + days * day)

  function idOf(name: string): fc.Arbitrary<string> {
    const kind = name.replace(/s$/, '')
    const fitting = ids.filter((one) => kindOfPrefix[one.slice(0, one.indexOf('_'))]?.split('.').pop()?.endsWith(kind))
    if (fitting.length === 0) return id
    return gentle ? fc.constantFrom(...fitting) : fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...fitting) }, id)
  }

  function textOf(name: string): fc.Arbitrary<unknown> {
    if (gentle && /currency$/.test(name)) return fc.constant('usd')
    if (gentle && /url$/.test(name)) return fc.constant('https://example.com')
    if (gentle) return fc.oneof({ weight: 9, arbitrary: idOf(name) }, fc.constantFrom('text', 'ada@example.org'))
    if (/currency$/.test(name)) return fc.constantFrom('usd', 'usd', 'usd', 'USD', 'eur', 'jpy', 'kwd', 'xxx', '')
    if (/url$/.test(name)) return fc.constantFrom('https://example.com/?a={CHECKOUT_SESSION_ID}', 'javascript:1', '')
    return fc.oneof(
      { weight: 9, arbitrary: idOf(name) },
      { weight: 2, arbitrary: fc.constant('text') },
      id,
      fc.string(),
    )
  }

  function anyOf(schema: Schema, name: string, depth: number): fc.Arbitrary<unknown> {
    switch (schema.kind) {
      case 'string':
        return textOf(name)
      case 'integer':
        return fc.oneof(
          { weight: 6, arbitrary: fc.nat({ max: 5000 }) },
          { weight: 3, arbitrary: time },
          fc.constantFrom(...integers),
        )
      case 'number':
        return fc.constantFrom(10, 0.5, 33.3333, 100, 0, -1, 101, 1e21)
      case 'decimal':
        return fc.constantFrom('0', '-1', '1.5', '0.000000000001', '99999999999999999999', '1e5', '.5')
      case 'boolean':
        return fc.boolean()
      case 'enum':
        return fc.constantFrom(...schema.values)
      case 'metadata':
        return fc.dictionary(fc.constantFrom('a', '__proto__', 'b'.repeat(41)), fc.string(), { maxKeys: 2 })
      case 'any':
        return fc.constantFrom({}, { a: '1' }, 'x')
      case 'array':
        return fc.array(anyOf(schema.of, name, depth + 1), { maxLength: 3 })
      case 'map':
        return fc.dictionary(fc.constantFrom('usd', 'eur', 'xxx', '__proto__'), anyOf(schema.of, name, depth + 1), {
          maxKeys: 2,
        })
      case 'clearable':
        return fc.oneof({ weight: 4, arbitrary: anyOf(schema.of, name, depth) }, fc.constant(''))
      case 'union':
        return fc.oneof(...schema.options.map((option) => anyOf(option, name, depth)))
      case 'object':
        return objectOf(schema, depth)
    }
  }

  function objectOf(schema: ObjectSchema, depth: number): fc.Arbitrary<Record<string, unknown>> {
    const { fields, required } = schema
    const optional = [...fields.keys()].filter((name) => name !== 'expand' && !required.includes(name))
    const most = depth === 0 ? 6 : depth < 4 ? 3 : 0
    return fc.subarray(optional, { maxLength: Math.min(most, optional.length) }).chain((chosen) =>
      fc.record(
        Object.fromEntries(
          [...required, ...chosen].map((name) => {
            const field = fields.get(name)
            return [name, field ? anyOf(field(), name, depth + 1) : fc.constant('')]
          }),
        ),
      ),
    )
  }

  function pathOf(operation: Operation): fc.Arbitrary<Record<string, string>> {
    const segments = operation.split('/')
    const names = [...operation.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
    return fc.record(
      Object.fromEntries(
        names.map((name) => [name, idOf(name === 'id' ? (segments[segments.indexOf('{id}') - 1] ?? '') : name)]),
      ),
    )
  }

  return { anyOf, objectOf, pathOf }
}

/** The ids of all that an account has, one of a kind and state often enough to be met. */
const idsOf = ({ account }: World): string[] =>
  (Object.values(kindOfPrefix).concat('coupon', 'subscription_schedule') as Parameters<typeof account.store.all>[0][])
    .flatMap((kind) => account.store.all(kind).slice(0, 6))
    .map(({ id }) => id)
