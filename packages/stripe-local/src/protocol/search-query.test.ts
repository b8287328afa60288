import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ApiError } from './errors.ts'
import { parseQuery } from './search-query.ts'

const clause = { negated: false, key: null, operator: ':' }

describe('a search query', () => {
  it('is clauses, beside each other or joined', () => {
    const both = [
      { ...clause, field: 'email', value: 'amy@rocketrides.io' },
      { ...clause, field: 'metadata', key: 'key', value: 'value' },
    ]
    const text = ['email:"amy@rocketrides.io"', 'metadata["key"]:"value"']
    expect(parseQuery(text.join(' '))).toEqual({ join: 'and', clauses: both })
    expect(parseQuery(text.join(' AND '))).toEqual({ join: 'and', clauses: both })
    expect(parseQuery(text.join(' or '))).toEqual({ join: 'or', clauses: both })
  })

  it('may be negated, numeric, for a part of the text, or for nothing at all', () => {
    expect(parseQuery('-currency:"jpy"').clauses).toEqual([
      { ...clause, negated: true, field: 'currency', value: 'jpy' },
    ])
    expect(parseQuery('total>=1000').clauses).toEqual([{ ...clause, field: 'total', operator: '>=', value: 1000 }])
    expect(parseQuery("name~'amy'").clauses).toEqual([{ ...clause, field: 'name', operator: '~', value: 'amy' }])
    expect(parseQuery('url:null').clauses).toEqual([{ ...clause, field: 'url', value: null }])
  })

  it('may have quotes in its quotes', () => {
    expect(parseQuery(String.raw`name:"the \"best\""`).clauses[0]?.value).toBe('the "best"')
    expect(parseQuery(`name:'the "best"'`).clauses[0]?.value).toBe('the "best"')
  })

  it.each([
    ['nothing', ''],
    ['words alone', 'asdf'],
    ['text without quotes', 'currency:usd'],
    ['a quote that does not end', 'name:"x'],
    ['AND and OR together', 'a:"1" AND b:"2" OR c:"3"'],
    ['metadata without a key', 'metadata:"x"'],
    ['a key of what has none', 'name["x"]:"y"'],
    ['a join at the end', 'a:"1" AND'],
  ])('cannot be %s', (_, query) => {
    expect(() => parseQuery(query)).toThrow(
      /^We were unable to parse your search query\. Try using the format `metadata/,
    )
  })

  it('has at most ten clauses', () => {
    expect(() => parseQuery(Array(11).fill('a:"1"').join(' '))).toThrow(ApiError)
  })

  it('is parsed or refused, whatever it is, and at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '"', "'", '\\', ':', '~', '-', '[', ']', ' AND ', ' ', '1', 'metadata')),
        (parts) => {
          try {
            parseQuery(parts.join(''))
          } catch (error) {
            expect(error).toBeInstanceOf(ApiError)
          }
        },
      ),
    )
    const began = performance.now()
    expect(() => parseQuery(`a:"${'\\'.repeat(200_001)}`)).toThrow(ApiError)
    expect(() => parseQuery('a'.repeat(200_000))).toThrow(ApiError)
    expect(performance.now() - began).toBeLessThan(1000)
  })
})
