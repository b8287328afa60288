import { describe, expect, it } from 'vitest'
import { schemaOf } from '../src/protocol/schema.ts'
import { handlers, type Operation } from '../src/resource.ts'
import { newRichBusiness } from '../testing/any-business.ts'
import { lacksExample, unreadParameters } from './unread.ts'
import { partOfAnother, withoutEffect } from './without-effect.ts'

const world = newRichBusiness()

/** The ways to pay whose details a request may hold: those of one type are nothing to a payment method of another. */
const waysToPay = ((): readonly string[] => {
  const schema = schemaOf('POST /v1/payment_methods')
  const type = schema?.kind === 'object' ? schema.fields.get('type')?.() : undefined
  return type?.kind === 'enum' ? [...type.values] : []
})()

function unreadOf(operation: Operation): string[] {
  const others = [
    ...(partOfAnother[operation] ?? []),
    ...(operation === 'POST /v1/payment_methods' ? [...waysToPay, 'interac_present'] : []),
  ]
  return unreadParameters(world, operation)
    .filter((name) => !others.includes(name))
    .map((name) => `${operation} ${name}`)
}

const operations = [...handlers.keys()] as Operation[]

describe('every parameter that is accepted', () => {
  it('is looked at: each operation that takes any has a request that succeeds', () => {
    expect(operations.filter((operation) => lacksExample(world, operation))).toEqual([])
  })

  it('is read by somebody, but for those that are named with a reason', () => {
    expect(operations.flatMap(unreadOf).sort()).toEqual([...withoutEffect.keys()].sort())
  })
})
