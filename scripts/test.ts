/**
 * `npm test`: runs Vitest, with the arguments given, and ends with the one line `N passed, N failed`. Whatever makes the
 * run fail counts: a test, a suite that could not be loaded, an error outside any test, a test that was skipped without
 * saying why, no test at all.
 */
import { writeSync } from 'node:fs'
import { parseCLI, startVitest, type TestCase, type Vitest } from 'vitest/node'

const mainEndsWithin = 15_000

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)])
let vitest: Vitest | undefined

// At exit, and synchronously: a run that is cut short says so on its last line too.
process.once('exit', (code) => {
  const { passed, failed } = vitest ? count(vitest) : { passed: 0, failed: 0 }
  const unexplained = failed === 0 && (code !== 0 || passed === 0) ? 1 : 0
  if (failed + unexplained > 0) process.exitCode = code || 1
  writeSync(1, `${passed} passed, ${failed + unexplained} failed\n`)
})

vitest = await startVitest(filter, { ...options, watch: false })
setTimeout(() => {
  writeSync(2, `The test run does not end; still open: ${process.getActiveResourcesInfo().join(', ')}\n`)
  process.exit(1)
}, mainEndsWithin).unref()

function count({ state }: Vitest): { passed: number; failed: number } {
  let passed = 0
  let failed = state.getUnhandledErrors().length
  for (const module of state.getTestModules()) {
    const suites = [module, ...module.children.allSuites()]
    const broken = suites.filter((suite) => suite.errors().length > 0).length
    failed += broken
    for (const test of module.children.allTests()) {
      const { state: outcome } = test.result()
      if (outcome === 'passed') passed += 1
      else if (outcome === 'failed' || (broken === 0 && isSilentlySkipped(test))) failed += 1
    }
  }
  return { passed, failed }
}

function isSilentlySkipped(test: TestCase): boolean {
  // A name pattern on the command line leaves out the others on purpose.
  if (options.testNamePattern) return false
  const result = test.result()
  if (result.state === 'skipped' && result.note) return false
  writeSync(2, `Not run, and no reason given: ${test.module.relativeModuleId} > ${test.fullName}\n`)
  return true
}
