import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ApiError } from './errors.ts'
import { decodeForm } from './form.ts'

const plain = (body: string): unknown => JSON.parse(JSON.stringify(decodeForm(body)))

describe('a form body', () => {
  it('nests by brackets', () => {
    expect(plain('a=1&b[c]=2&b[d][e]=3')).toEqual({ a: '1', b: { c: '2', d: { e: '3' } } })
  })

  it('has arrays by index and by empty brackets', () => {
    expect(plain('expand[0]=a&expand[1]=b')).toEqual({ expand: { 0: 'a', 1: 'b' } })
    expect(plain('expand[]=a&expand[]=b')).toEqual({ expand: { 0: 'a', 1: 'b' } })
  })

  it('begins a new element of an array when a name comes again', () => {
    const items = plain('items[][price]=a&items[][quantity]=1&items[][price]=b')
    expect(items).toEqual({ items: { 0: { price: 'a', quantity: '1' }, 1: { price: 'b' } } })
  })

  it('decodes plus signs, percents and Unicode in names and values', () => {
    expect(plain('na%5Bme%5D=J%C3%BCrgen+%2B1&metadata[%F0%9F%8D%8B]=%E2%82%AC')).toEqual({
      na: { me: 'Jürgen +1' },
      metadata: { '🍋': '€' },
    })
  })

  it('keeps the last of two values of one name', () => {
    expect(plain('a=1&a=2')).toEqual({ a: '2' })
  })

  it('takes an empty body, an empty value and a name alone', () => {
    expect(plain('')).toEqual({})
    expect(plain('a=&b&&c=1')).toEqual({ a: '', b: '', c: '1' })
  })

  it('knows no prototype', () => {
    const form = decodeForm('__proto__[polluted]=1&constructor[prototype][polluted]=1')
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
    expect(Object.keys(form)).toEqual(['__proto__', 'constructor'])
  })

  it.each([
    ['bad percent-encoding', 'a=%'],
    ['bytes that are not UTF-8', 'a=%ff%fe'],
    ['a bracket that does not close', 'a[b=1'],
    ['text between brackets', 'a[b]c[d]=1'],
    ['a name that begins with a bracket', '[a]=1'],
    ['a value and a group of one name', 'a=1&a[b]=2'],
    ['a group and a value of one name', 'a[b]=2&a=1'],
    ['deep nesting', `a${'[b]'.repeat(5000)}=1`],
    ['very many parameters', 'a=1&'.repeat(20_000)],
  ])('answers %s with a 400', (_, body) => {
    expect(() => decodeForm(body)).toThrow(expect.objectContaining({ name: 'ApiError', status: 400 }))
  })

  it('answers raw bytes that are not UTF-8 with a 400', () => {
    expect(() => decodeForm(new Uint8Array([97, 61, 0xff]))).toThrow(ApiError)
  })

  it('is read in linear time', () => {
    const began = performance.now()
    decodeForm(Array.from({ length: 9000 }, (_, i) => `items[][k${i % 7}]=${i}`).join('&'))
    decodeForm('expand[]=a&'.repeat(9000))
    decodeForm(`a=${'%41'.repeat(300_000)}`)
    expect(performance.now() - began).toBeLessThan(2000)
  })

  it('never fails otherwise than with an ApiError', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('[', ']', '[]', '=', '&', '%', '%5B', '+', '__proto__', 'constructor', '0', 'items', '%ff'),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          decodeForm(pieces.join(''))
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError)
        }
      }),
    )
  })

  it('gives back whatever an encoder of nested values was given', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !/[[\]]/.test(text))
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.dictionary(name, tie('value'), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
      ),
    })).value
    const encode = (given: unknown, path: string): string[] =>
      typeof given === 'string'
        ? [`${path}=${encodeURIComponent(given)}`]
        : Object.entries(given as object).flatMap(([key, inner]) =>
            encode(inner, path === '' ? encodeURIComponent(key) : `${path}[${encodeURIComponent(key)}]`),
          )
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 5, noNullPrototype: true }), (form) => {
        expect(plain(encode(form, '').join('&'))).toEqual(JSON.parse(JSON.stringify(form)))
      }),
    )
  })
})
