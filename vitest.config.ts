import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Our own packages run from their sources, here as under `node --conditions=dues-source`. */
const conditions = ['dues-source', 'module', 'node', 'development|production']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'hono/jsx' } },
  test: {
    include: ['**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: 'testing/global-setup.ts',
    setupFiles: 'testing/leaks.ts',
    // A process for each file: a crash, a changed environment or a signal stays its own affair.
    pool: 'forks',
    // All of a small machine; not all of a large one, since a process with a PGlite in it takes half a gigabyte.
    maxWorkers: Math.min(availableParallelism(), 4),
    execArgv: ['--conditions=dues-source'],
    slowTestThreshold: 5_000,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    allowOnly: false,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
})
