import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import type { TestProject } from 'vitest/node'
import { importsOf, root } from '../scripts/sources.ts'
import { ensureChromium } from './chromium.ts'
import { startPostgres } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The connection string of the run's PostgreSQL server; empty where no test of the run could ask for it. */
    postgres: string
  }
}

/**
 * What all test processes of a run share: one PostgreSQL server and an installed Chromium, each only where a test file of
 * the run imports its helper, so that a run of pure arithmetic waits for neither.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // What was asked for on the command line is not in Vitest's types. Without it all test files count.
  const { filenamePattern } = project.vitest as { filenamePattern?: string[] }
  const { testFiles } = await project.globTestFiles(filenamePattern)
  const used = reachable(testFiles.map((file) => relative(root, file)))
  // Installing a browser takes longer than a test may.
  if (used.has('testing/chromium.ts')) await ensureChromium()
  const postgres = used.has('testing/databases.ts') ? await startPostgres() : undefined
  project.provide('postgres', postgres?.url ?? '')
  return async () => postgres?.stop()
}

/** The files, and all that they import, directly or not. */
function reachable(files: string[]): Set<string> {
  const reached = new Set<string>()
  const rest = [...files]
  for (let file = rest.pop(); file !== undefined; file = rest.pop()) {
    if (reached.has(file) || !existsSync(`${root}/${file}`)) continue
    reached.add(file)
    rest.push(...importsOf(file).flatMap(({ to, isRelative }) => (isRelative ? [to] : [])))
  }
  return reached
}
