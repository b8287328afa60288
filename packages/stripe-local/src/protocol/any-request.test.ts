import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newBusiness } from '../../testing/any-business.ts'
import { type Request, requestsIn } from '../../testing/requests.ts'
import type { World } from '../../testing/world.ts'
import { handlers } from '../resource.ts'
import { apiVersion } from '../version.ts'
import { ApiError } from './errors.ts'
import { shapeOf } from './older-answers.ts'
import { checkParameters } from './parameters.ts'
import { render } from './render.ts'

const nobody = { id: null, idempotency_key: null }

const versions = fc.constantFrom(apiVersion, '2025-08-27.basil', '2024-06-20', '2020-08-27')

function answer({ account }: World, { operation, path, params }: Request, version: string): string {
  const checked = checkParameters(operation, params) as Record<string, unknown>
  const handler = handlers.get(operation)
  if (!handler) throw new Error(`Nothing handles ${operation}.`)
  const call = { account, operation, path, params: checked, url: '/v1' }
  const shape = shapeOf(version, account)
  return JSON.stringify(account.work(nobody, () => shape(render(account, handler(call as never) as never))))
}

describe('a request that is of its schema', () => {
  it('is carried out or refused in Stripe’s words, whatever stands in it and whichever version asks', () => {
    for (let business = 0; business < 40; business++) {
      // What a request deletes is gone for those after it, so every hundred begin anew.
      const world = newBusiness()
      fc.assert(
        fc.property(requestsIn(world), versions, (request, version) => {
          try {
            expect(answer(world, request, version)).toBeTruthy()
          } catch (error) {
            if (!(error instanceof ApiError)) throw error
            expect([400, 402, 403, 404, 409, 501]).toContain(error.status)
            expect(error.message).toBeTruthy()
          }
        }),
      )
    }
  })
})
