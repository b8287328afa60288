import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ApiError } from './errors.ts'
import { decodeForm } from './form.ts'
import { checkParameters } from './parameters.ts'
import { allOperations, type Operation } from './routes.ts'

const check = (operation: Operation, body: string): unknown => checkParameters(operation, decodeForm(body))

/** What the envelope would say: message, param, code. */
function refusal(operation: Operation, body: string) {
  try {
    check(operation, body)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const { type, ...rest } = error.details
    expect({ status: error.status, type }).toEqual({ status: 400, type: 'invalid_request_error' })
    return { message: error.message, ...rest }
  }
  throw new Error(`${operation} took ${body}`)
}

describe('parameters that fit', () => {
  it('get the types that the SDK declares', () => {
    const body =
      'customer=cus_1&items[0][price]=price_1&items[0][quantity]=2&off_session=true&metadata[order]=7&expand[]=latest_invoice'
    expect(check('POST /v1/subscriptions', body)).toEqual({
      customer: 'cus_1',
      items: [{ price: 'price_1', quantity: 2 }],
      off_session: true,
      metadata: { order: '7' },
      expand: ['latest_invoice'],
    })
  })

  it('keep decimals as text and read percentages as numbers', () => {
    expect(check('POST /v1/prices', 'currency=usd&unit_amount_decimal=0.125')).toMatchObject({
      unit_amount_decimal: '0.125',
    })
    expect(check('POST /v1/coupons', 'percent_off=33.3')).toEqual({ percent_off: 33.3 })
  })

  it('may be one of several things', () => {
    expect(check('GET /v1/customers', 'created=5')).toEqual({ created: 5 })
    expect(check('GET /v1/customers', 'created[gte]=5&created[lt]=9')).toEqual({ created: { gte: 5, lt: 9 } })
    expect(check('POST /v1/subscriptions/{id}', 'trial_end=now')).toEqual({ trial_end: 'now' })
    expect(check('POST /v1/subscriptions/{id}', 'trial_end=1900000000')).toEqual({ trial_end: 1900000000 })
  })

  it('have maps by any name', () => {
    const params = check('POST /v1/prices', 'currency=usd&unit_amount=1&currency_options[eur][unit_amount]=2')
    expect(params).toEqual({ currency: 'usd', unit_amount: 1, currency_options: { eur: { unit_amount: 2 } } })
  })

  it('sort array elements by their index, whatever order they come in', () => {
    expect(check('GET /v1/prices', 'lookup_keys[10]=c&lookup_keys[2]=b&lookup_keys[0]=a')).toEqual({
      lookup_keys: ['a', 'b', 'c'],
    })
  })

  it('stay empty where an empty value clears something', () => {
    expect(check('POST /v1/products/{id}', 'description=&metadata=')).toEqual({ description: '', metadata: '' })
    expect(check('POST /v1/products/{id}', 'metadata[a]=')).toEqual({ metadata: { a: '' } })
  })

  it('may clear what Stripe clears although the SDK does not say so', () => {
    expect(check('POST /v1/customers', 'name=&address[line2]=')).toEqual({ name: '', address: { line2: '' } })
    expect(check('POST /v1/subscriptions/{id}', 'default_payment_method=')).toEqual({ default_payment_method: '' })
  })

  it('keep metadata keys that are names of Object.prototype', () => {
    const { metadata } = check('POST /v1/customers', 'metadata[__proto__]=a&metadata[constructor]=b') as {
      metadata: object
    }
    expect(Object.entries(metadata)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype)
  })

  it('of v2 come typed, as JSON', () => {
    const given = { event_name: 'requests', payload: { stripe_customer_id: 'cus_1', value: '3' } }
    expect(checkParameters('POST /v2/billing/meter_events', given)).toEqual(given)
  })
})

describe('parameters that do not fit', () => {
  it('are unknown', () => {
    expect(refusal('POST /v1/subscriptions/{id}', 'cancel_url=x')).toEqual({
      message: 'Received unknown parameter: cancel_url',
      code: 'parameter_unknown',
      param: 'cancel_url',
    })
    expect(refusal('POST /v1/customers', 'foo=1&shipping[bar]=2').message).toBe(
      'Received unknown parameters: foo, shipping[bar]',
    )
    expect(refusal('POST /v1/customers', '__proto__=1').message).toBe('Received unknown parameter: __proto__')
  })

  it('are unknown, and close to a known one', () => {
    expect(refusal('POST /v1/customers', 'emial=a').message).toBe(
      'Received unknown parameter: emial. Did you mean email?',
    )
    expect(refusal('POST /v1/subscriptions', 'items[0][prise]=a').message).toBe(
      'Received unknown parameter: items[0][prise]. Did you mean items[0][price]?',
    )
  })

  it('are told of as unknown before any value is looked at', () => {
    expect(refusal('POST /v1/customers', 'balance=x&foo=1').code).toBe('parameter_unknown')
  })

  it('are missing', () => {
    expect(refusal('POST /v1/prices', 'unit_amount=1')).toEqual({
      message: 'Missing required param: currency.',
      code: 'parameter_missing',
      param: 'currency',
    })
    expect(refusal('POST /v1/prices', 'currency=usd&recurring[interval_count]=2').param).toBe('recurring[interval]')
  })

  it.each<[string, Operation, string, string, string | undefined]>([
    [
      'an integer',
      'POST /v1/prices',
      'currency=usd&unit_amount=1.5',
      'Invalid integer: 1.5',
      'parameter_invalid_integer',
    ],
    [
      'an integer past 2^53',
      'POST /v1/customers',
      'balance=99999999999999999999',
      'Invalid integer: 99999999999999999999',
      'parameter_invalid_integer',
    ],
    [
      'a group for an integer',
      'POST /v1/customers',
      'balance[a]=1',
      'Invalid integer: {"a"=>"1"}',
      'parameter_invalid_integer',
    ],
    ['a boolean', 'POST /v1/subscriptions/{id}', 'cancel_at_period_end=1', 'Invalid boolean: 1', undefined],
    ['a decimal', 'POST /v1/coupons', 'percent_off=many', 'Invalid decimal: many', undefined],
    [
      'a long decimal',
      'POST /v1/prices',
      'currency=usd&unit_amount_decimal=0.1234567890123',
      'Invalid decimal: 0.1234567890123; must contain at most 12 decimal places.',
      undefined,
    ],
    ['an array', 'POST /v1/subscriptions', 'items=price_1', 'Invalid array', undefined],
    ['a group for an array', 'POST /v1/subscriptions', 'items[price]=price_1', 'Invalid array', undefined],
    ['an object', 'POST /v1/subscriptions', 'items[0]=price_1', 'Invalid object', undefined],
    ['a string', 'POST /v1/subscriptions', 'customer[id]=cus_1', 'Invalid string: {"id"=>"cus_1"}', undefined],
    [
      'one of three',
      'POST /v1/refunds',
      'reason=bored',
      'Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer',
      undefined,
    ],
    [
      'one of two',
      'POST /v1/subscriptions',
      'collection_method=x',
      'Invalid collection_method: must be one of charge_automatically or send_invoice',
      undefined,
    ],
    [
      'one of four, deeper',
      'POST /v1/prices',
      'currency=usd&recurring[interval]=x',
      'Invalid recurring[interval]: must be one of day, month, week, or year',
      undefined,
    ],
  ])('are not %s', (_, operation, body, message, code) => {
    expect(refusal(operation, body)).toMatchObject({ message, ...(code && { code }) })
    if (!code) expect(refusal(operation, body)).not.toHaveProperty('code')
  })

  it('are empty where nothing can be cleared', () => {
    expect(refusal('POST /v1/products', 'name=a&description=')).toEqual({
      message:
        "You passed an empty string for 'description'. We assume empty values are an attempt to unset a parameter; however 'description' cannot be unset. You should remove 'description' from your request or supply a non-empty value.",
      code: 'parameter_invalid_empty',
      param: 'description',
    })
    expect(refusal('POST /v1/subscriptions', 'items[0][price]=').param).toBe('items[0][price]')
  })

  it('are metadata past its limits', () => {
    const many = Array.from({ length: 51 }, (_, i) => `metadata[k${i}]=v`).join('&')
    expect(refusal('POST /v1/customers', many).message).toMatch(/^Metadata can have up to 50 keys, but you've set 51\./)
    expect(refusal('POST /v1/customers', `metadata[${'k'.repeat(41)}]=v`).message).toMatch(
      /^Metadata keys can have up to 40 characters, but you passed in a key that is 41 characters\. Invalid key: k/,
    )
    expect(refusal('POST /v1/customers', `metadata[k]=${'v'.repeat(501)}`).message).toMatch(
      /^Metadata values can have up to 500 characters, but you passed in a value that is 501 characters\. Invalid value: v/,
    )
  })
})

describe('any request at all', () => {
  const leaf = fc.oneof(fc.string(), fc.constantFrom('', '0', '-1', '1e9', 'true', 'now', '__proto__', '9'.repeat(400)))
  const name = fc.constantFrom(
    'customer',
    'items',
    'price',
    'metadata',
    'created',
    '0',
    '1',
    '__proto__',
    'expand',
    'recurring',
    'tiers',
  )
  const given = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      leaf,
      fc.integer(),
      fc.constant(null),
      fc.dictionary(name, tie('value')),
      fc.array(tie('value')),
    ),
  })).value

  it('is taken or refused with an ApiError', () => {
    fc.assert(
      fc.property(fc.constantFrom(...allOperations), fc.dictionary(name, given), (operation, request) => {
        try {
          checkParameters(operation, request)
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('is looked at in a bounded time', () => {
    const began = performance.now()
    const unknown = Array.from({ length: 9000 }, (_, i) => `unknown_${i}=${'x'.repeat(50)}`).join('&')
    expect(() => check('POST /v1/payment_intents', unknown)).toThrow(ApiError)
    expect(() => check('POST /v1/customers', `${'n'.repeat(500_000)}=1`)).toThrow(ApiError)
    expect(performance.now() - began).toBeLessThan(2000)
  })
})
