import fc from 'fast-check'
import { expect, test } from 'vitest'
import { returnPath } from './return-path.ts'

test('goes back to a page of the club, with its query', () => {
  expect(returnPath('/members/pro')).toBe('/members/pro')
  expect(returnPath('/switch?plan=ent&interval=yearly#top')).toBe('/switch?plan=ent&interval=yearly#top')
})

test.each([
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/.//evil.example',
  '/x/..//evil.example',
  'javascript:alert(1)',
  'evil.example',
  '',
])('does not follow %j', (asked) => {
  expect(returnPath(asked)).toBe('/members')
})

test('whatever is asked, a browser stays on the club', () => {
  const nasty = fc.string({
    unit: fc.constantFrom('/', '\\', '.', '\t', '\n', ':', '@', '?', '#', 'a', 'http', '%2f', 'evil.example'),
  })
  fc.assert(
    fc.property(nasty, (asked) => {
      const here = 'https://club.example'
      expect(new URL(returnPath(asked), `${here}/sign-in`).origin).toBe(here)
    }),
    { numRuns: 2000 },
  )
})
