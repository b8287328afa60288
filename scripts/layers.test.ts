import { expect, test } from 'vitest'
import { codeOf, type Import, importsOf, repositoryFiles } from './sources.ts'

const isTest = (path: string) => /\.test\.tsx?$/.test(path) || /\/(test|testing|chaos)\//.test(path)
const sources = repositoryFiles('{packages,apps}/**/*.{ts,tsx}')
const inDues = sources.filter((path) => path.startsWith('packages/dues/src/') && !isTest(path))
const show = ({ from, to }: Import) => `${from} imports ${to}`

/** The floors of packages/dues/src, the lowest first. Files beside them (errors, money, options …) belong to every floor. */
const floors = [
  ['store', 'stripe'],
  ['mirror', 'catalogue'],
  [
    ...['backfill', 'checkout', 'customers', 'duplicates', 'entitlements', 'invoices', 'jobs', 'members', 'metrics'],
    ...['payment-methods', 'reconcile', 'subscriptions', 'usage', 'webhooks'],
  ],
  ['http', 'cli'],
]
const folderOf = (path: string) => /^packages\/dues\/src\/([^/]+)\//.exec(path)?.[1]
const floorOf = (path: string) => floors.findIndex((folders) => folders.includes(folderOf(path) ?? ''))

test('every folder of Dues has its floor', () => {
  const folders = new Set(inDues.map(folderOf).filter((folder) => folder !== undefined))
  expect([...folders].filter((folder) => !floors.flat().includes(folder))).toEqual([])
})

test('an import in Dues goes down, never up', () => {
  // Types are free to be named anywhere: they are gone when the code runs.
  const running = inDues.flatMap(importsOf).filter(({ isRelative, isType }) => isRelative && !isType)
  const up = running.filter(({ from, to }) => floorOf(from) !== -1 && floorOf(to) > floorOf(from))
  expect(up.map(show)).toEqual([])
})

test('nothing but the store of Dues writes SQL', () => {
  const sql =
    /[`'"]\s*(select\s|insert into\s|update\s+\S+\s+set\s|delete from\s|create (table|index)\s|with\s+\S+\s+as\s*\()/i
  expect(inDues.filter((path) => folderOf(path) !== 'store' && sql.test(codeOf(path)))).toEqual([])
})

test('nothing below the HTTP floor of Dues knows a Request', () => {
  const request = /\bnew (Request|Response)\(|[:<|]\s*(Request|Response)\b(?!['.])/
  const below = inDues.filter((path) => floorOf(path) !== -1 && folderOf(path) !== 'http')
  expect(below.filter((path) => request.test(codeOf(path)))).toEqual([])
})

test('nothing below the concerns of Dues, and nothing above, changes something at Stripe', () => {
  const change =
    /\bstripe\.(\w+\.)+(create|update|cancel|resume|expire|del|pay|migrate|finalizeInvoice|voidInvoice)\w*\(/
  const others = inDues.filter((path) => ['store', 'stripe', 'mirror', 'http'].includes(folderOf(path) ?? ''))
  expect(others.filter((path) => change.test(codeOf(path)))).toEqual([])
})

test('Stripe Local knows nothing of Dues', () => {
  const imports = sources.filter((path) => path.startsWith('packages/stripe-local/')).flatMap(importsOf)
  expect(imports.filter(({ to }) => to === 'dues' || to.startsWith('dues/')).map(show)).toEqual([])
})

test('Dues uses Stripe Local in its tests alone', () => {
  const imports = inDues.flatMap(importsOf)
  expect(imports.filter(({ to }) => to.startsWith('stripe-local')).map(show)).toEqual([])
})

test('a package is reached by its public entry, never through its folder', () => {
  const workspaceOf = (path: string) => path.split('/').slice(0, 2).join('/')
  const imports = sources.flatMap(importsOf).filter(({ isRelative }) => isRelative)
  const across = imports.filter(({ from, to }) => workspaceOf(from) !== workspaceOf(to))
  // What all tests share lies outside the packages on purpose.
  const strange = across.filter(({ from, to }) => !(isTest(from) && to.startsWith('testing/')))
  expect(strange.map(show)).toEqual([])
})

test('no file of Dues imports itself by a detour', () => {
  // Stripe Local's engine may: a payment can end a subscription, and an ended subscription can void a payment.
  const edges = new Map(
    inDues.map((path) => [
      path,
      importsOf(path).flatMap(({ to, isRelative, isType }) => (isRelative && !isType ? [to] : [])),
    ]),
  )
  expect(cycles(edges)).toEqual([])
})

/** The cycles of a graph, each as the path that comes back to its start. */
function cycles(edges: Map<string, string[]>): string[] {
  const finished = new Set<string>()
  const found: string[] = []
  const walk = (path: string, trail: string[]) => {
    const start = trail.indexOf(path)
    if (start !== -1) found.push([...trail.slice(start), path].join(' → '))
    if (start !== -1 || finished.has(path)) return
    for (const next of edges.get(path) ?? []) walk(next, [...trail, path])
    finished.add(path)
  }
  for (const path of edges.keys()) walk(path, [])
  return found
}
