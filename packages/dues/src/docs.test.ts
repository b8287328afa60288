import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { pages } from '../scripts/write-docs.ts'

test.each(pages().map((page) => [basename(page.file), page] as const))(
  'docs/%s is what the code says (npm --workspace dues run docs)',
  (_, { file, text }) => {
    expect(readFileSync(file, 'utf8')).toBe(text)
  },
)
