import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { read, repositoryFiles, root } from './sources.ts'

const pages = repositoryFiles('**/*.md')
const prose = (path: string) => read(path).replace(/^```.*?^```/gms, '')
const exists = (path: string) => existsSync(join(root, path))

test.each(pages)('every link in %s leads somewhere', (page) => {
  const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '')
  const dead = links.filter((link) => {
    if (/^(https?|mailto):/.test(link)) return false
    const [file = '', anchor] = link.split('#')
    const target = file === '' ? page : normalize(join(dirname(page), file))
    if (!exists(target)) return true
    return anchor !== undefined && !anchorsOf(target).includes(anchor)
  })
  expect(dead).toEqual([])
})

test.each(pages)('every file that %s names is there', (page) => {
  const named = [
    ...prose(page).matchAll(/`((?:packages|apps|testing|scripts|bench|examples|docs)\/[\w./-]*(?:\.\w+|\/))`/g),
  ]
  expect(named.map(([, path]) => path ?? '').filter((path) => !exists(path))).toEqual([])
})

test.each(pages)('every npm script that %s names is in package.json', (page) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = [...read(page).matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name]) => name ?? '')
  expect(named.filter((name) => !(name in scripts))).toEqual([])
})

/** A block that begins with a path, as in ```` ```ts packages/dues/src/money.ts ````, is quoted from there; a line `…` leaves something out. */
test.each(pages)('the code that %s quotes is the code that runs', (page) => {
  const quotes = [...read(page).matchAll(/^```\w+ (\S+\/\S+)\n(.*?)^```/gms)]
  const squeeze = (text: string) => text.replace(/\s+/g, ' ').trim()
  const changed = quotes.flatMap(([, path = '', quote = '']) => {
    const source = exists(path) ? squeeze(read(path)) : ''
    const parts = quote.split(/^\s*…\s*$/m).map(squeeze)
    return parts.filter((part) => !source.includes(part)).map((part) => `${path} has not: ${part}`)
  })
  expect(changed).toEqual([])
})

test('package.json starts nothing that is not there', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const missing = Object.values(scripts).flatMap((script) => {
    const folder = /^cd (\S+) &&/.exec(script)?.[1] ?? '.'
    const files = script.match(/\S+\.(ts|tsx|js|mjs)\b/g) ?? []
    return files.filter((file) => !exists(join(folder, file)))
  })
  expect(missing).toEqual([])
})

test('every dependency has its reason, at the version that is installed', () => {
  const page = read('docs/dependencies.md')
  const without = repositoryFiles('package.json', '{packages,apps}/*/package.json').flatMap((path) => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read(path)) as Manifest
    return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
      ([name, version]) => version !== ours && !rowOf(page, name)?.includes(version),
    )
  })
  expect(without).toEqual([])
})

type Manifest = Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string> | undefined>

/** The version of our own packages, which need no reason. */
const ours = '0.1.0'

function rowOf(page: string, name: string): string | undefined {
  const family = `${name.split('/')[0]}/*`
  return page
    .split('\n')
    .find((line) => line.startsWith('|') && [name, family].some((one) => line.includes(`\`${one}\``)))
}

test('each thing that others can do has a test that shows ours, or a no', () => {
  const rows = read('docs/parity.md')
    .split('\n')
    .filter((line) => /^\| .* \|/.test(line) && !line.startsWith('| theirs |'))
  const isShown = (row: string) => /\]\([^)]+\.test\.ts\) (?:\[.*)?\|$/.test(row)
  expect(rows.length).toBeGreaterThan(80)
  expect(rows.filter((row) => !isShown(row) && !row.includes('**no**'))).toEqual([])
})

test('a page that the code points to is there', () => {
  const sources = repositoryFiles('{packages,apps,bench,testing}/**/*.{ts,tsx}')
  const named = sources.flatMap((path) =>
    [...read(path).matchAll(/\bdocs\/[\w-]+\.md\b/g)].map(([page]) => ({ path, page })),
  )
  expect(named.filter(({ page }) => !exists(page))).toEqual([])
})

test('a command that the code names is in package.json', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = repositoryFiles('{packages,apps,bench,testing,scripts}/**/*.{ts,tsx}').flatMap((path) =>
    [...read(path).matchAll(/`npm run ([\w:-]+)/g)].map(([, name]) => ({ path, name: name ?? '' })),
  )
  expect(named.filter(({ name }) => !(name in scripts))).toEqual([])
})

/** The anchors of a page's headings, made as the usual viewers make them. */
function anchorsOf(page: string): string[] {
  const headings = [...prose(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, text]) => text ?? '')
  return headings.map((text) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  )
}
