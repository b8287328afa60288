import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pageFile, supportPage } from './write-support-page.ts'

test('the page of what Stripe Local does says what the code does; if not, run npm run support-page', () => {
  expect(readFileSync(pageFile, 'utf8')).toBe(supportPage())
})
