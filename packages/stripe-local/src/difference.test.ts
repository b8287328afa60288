import { describe, expect, it } from 'vitest'
import { equalJson, previousAttributes } from './difference.ts'

describe('previous attributes', () => {
  it('name what changed with the value it had', () => {
    expect(previousAttributes({ name: 'Ada', email: 'a@b.c' }, { name: 'Grace', email: 'a@b.c' })).toEqual({
      name: 'Ada',
    })
  })
  it('go into objects and name only their changed keys', () => {
    const before = { invoice_settings: { default_payment_method: null, footer: 'x' } }
    const after = { invoice_settings: { default_payment_method: 'pm_1', footer: 'x' } }
    expect(previousAttributes(before, after)).toEqual({ invoice_settings: { default_payment_method: null } })
  })
  it('show a new metadata key as null and a removed one with its value', () => {
    expect(previousAttributes({ metadata: { a: '1' } }, { metadata: { b: '2' } })).toEqual({
      metadata: { a: '1', b: null },
    })
  })
  it('give lists and API objects whole', () => {
    const before = { items: { object: 'list', data: [1] }, discounts: ['di_1'] }
    const after = { items: { object: 'list', data: [1, 2] }, discounts: [] }
    expect(previousAttributes(before, after)).toEqual(before)
  })
})

describe('equal JSON', () => {
  it('does not care for the order of keys and does care for the order of items', () => {
    expect(equalJson({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true)
    expect(equalJson([1, 2], [2, 1])).toBe(false)
    expect(equalJson({ a: undefined }, { b: undefined })).toBe(false)
    expect(equalJson(null, {})).toBe(false)
  })
})
