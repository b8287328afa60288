import { describe, expect, it } from 'vitest'
import { allOperations } from '../src/protocol/routes.ts'
import { handlers } from '../src/resource.ts'
import { isOfResources, notThere, resources } from './not-there.ts'
import '../src/resources/index.ts'

const operations = allOperations.filter(isOfResources)

describe('every method that the SDK has for the resources of memberships', () => {
  it('is answered, but for those that are named with a reason', () => {
    expect(operations.filter((operation) => !handlers.has(operation)).sort()).toEqual([...notThere.keys()].sort())
  })

  it.each(resources)('is looked at: %s', (resource) => {
    expect(operations.some((operation) => operation.includes(` ${resource}`))).toBe(true)
  })
})
