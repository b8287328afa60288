import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allOperations, matchOperation, unrecognizedUrl } from './routes.ts'

describe('the operation of a request', () => {
  it('is found by verb and path', () => {
    expect(matchOperation('POST', '/v1/customers')).toEqual({ operation: 'POST /v1/customers', path: {} })
    expect(matchOperation('GET', '/v1/customers/cus_1')).toEqual({
      operation: 'GET /v1/customers/{id}',
      path: { id: 'cus_1' },
    })
    expect(matchOperation('GET', '/v1/products/prod_1/features/feat_1')).toEqual({
      operation: 'GET /v1/products/{id}/features/{feature}',
      path: { id: 'prod_1', feature: 'feat_1' },
    })
  })

  it('prefers a fixed segment to a placeholder', () => {
    expect(matchOperation('GET', '/v1/customers/search')?.operation).toBe('GET /v1/customers/search')
    expect(matchOperation('POST', '/v1/invoices/create_preview')?.operation).toBe('POST /v1/invoices/create_preview')
  })

  it('falls back to the placeholder where the fixed segment has no such verb', () => {
    expect(matchOperation('POST', '/v1/customers/search')).toEqual({
      operation: 'POST /v1/customers/{id}',
      path: { id: 'search' },
    })
  })

  it('decodes ids', () => {
    expect(matchOperation('GET', '/v1/coupons/25%25%20off')?.path).toEqual({ id: '25% off' })
  })

  it.each([
    ['a path that Stripe does not have', 'GET', '/v1/foo'],
    ['a trailing slash', 'GET', '/v1/customers/'],
    ['an empty id in the middle', 'POST', '/v1/customers//tax_ids'],
    ['an id that does not decode', 'GET', '/v1/customers/%ff'],
    ['a verb that the path does not know', 'PUT', '/v1/customers'],
    ['the root', 'GET', '/'],
  ])('is none for %s', (_, method, path) => {
    expect(matchOperation(method, path)).toBeNull()
  })

  it('finds each operation of the SDK from its own path', () => {
    for (const operation of allOperations) {
      const [method = '', path = ''] = operation.split(' ')
      const filled = path.replace(/\{(\w+)\}/g, 'id_$1')
      expect(matchOperation(method, filled)?.operation).toBe(operation)
    }
  })

  it('never fails, whatever the path is', () => {
    fc.assert(
      fc.property(fc.constantFrom('GET', 'POST', 'DELETE', '__proto__'), fc.webPath(), (method, path) => {
        expect(() => matchOperation(method, path)).not.toThrow()
      }),
    )
  })

  it('is refused in the words of Stripe when there is none', () => {
    const error = unrecognizedUrl('GET', '/v1/foo')
    expect(error.status).toBe(404)
    expect(error.details).toEqual({ type: 'invalid_request_error' })
    expect(error.message).toMatch(
      /^Unrecognized request URL \(GET: \/v1\/foo\)\. If you are trying to list objects, remove/,
    )
  })
})
