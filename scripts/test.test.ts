import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { root } from './sources.ts'

// Each test waits for whole runs of Vitest.
vi.setConfig({ testTimeout: 120_000 })

/** What `npm test` says at its end, of a project with just these test files. */
function lastLineOf(files: Record<string, string>): { line: string; status: number | null } {
  // Below the repository's own node_modules, so that the files find Vitest.
  const cache = join(root, 'node_modules/.cache/dues')
  mkdirSync(cache, { recursive: true })
  const project = mkdtempSync(join(cache, 'run-'))
  onTestFinished(() => rmSync(project, { recursive: true }))
  writeFileSync(
    join(project, 'vitest.config.js'),
    "export default { test: { include: ['*.check.js'], exclude: [] } }\n",
  )
  for (const [name, source] of Object.entries(files)) writeFileSync(join(project, name), source)
  const env = { ...process.env, VITEST: undefined, VITEST_WORKER_ID: undefined }
  const { stdout, status } = spawnSync(process.execPath, ['scripts/test.ts', '--root', project], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  return { line: stdout.trimEnd().split('\n').at(-1) ?? '', status }
}

const passing = "import { test } from 'vitest'\ntest('adds', () => {})\n"

test('a good run is counted', () => {
  expect(lastLineOf({ 'a.check.js': passing, 'b.check.js': passing })).toEqual({
    line: '2 passed, 0 failed',
    status: 0,
  })
})

test('a failing test, a file that cannot be loaded, and an error outside any test each count as failed', () => {
  const files = {
    'a.check.js': `${passing}test('fails', () => { throw new Error('no') })`,
    'b.check.js': "import './nowhere.js'",
    'c.check.js': `${passing}test('leaves', async () => { Promise.reject(new Error('late')); await new Promise(setImmediate) })`,
  }
  expect(lastLineOf(files)).toEqual({ line: '3 passed, 3 failed', status: 1 })
})

test('a run without a test has failed', () => {
  expect(lastLineOf({})).toEqual({ line: '0 passed, 1 failed', status: 1 })
})

test('a global setup that throws fails the run', () => {
  const config = "export default { test: { include: ['*.check.js'], exclude: [], globalSetup: './setup.js' } }"
  const setup = "export default () => { throw new Error('no database') }"
  const files = { 'vitest.config.js': config, 'setup.js': setup, 'a.check.js': passing }
  expect(lastLineOf(files)).toEqual({ line: '0 passed, 1 failed', status: 1 })
})

test('a test is skipped with a reason or not at all', () => {
  expect(lastLineOf({ 'a.check.js': `${passing}test('later', (context) => context.skip('no printer'))` }).line).toBe(
    '1 passed, 0 failed',
  )
  expect(lastLineOf({ 'a.check.js': `${passing}test.skip('later', () => {})` })).toEqual({
    line: '1 passed, 1 failed',
    status: 1,
  })
})
