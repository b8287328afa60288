import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { TestProject } from 'vitest/node'
import { ensureChromium } from './chromium.ts'
import { type PostgresServer, startPostgres } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test process asks for the connection string of the run's PostgreSQL server. */
    postgres: string
  }
}

/**
 * What all test processes of a run share: one PostgreSQL server and an installed Chromium. The server starts when the first
 * test asks for it, so that a run of pure arithmetic does not wait for a database.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (await usesChromium(project)) await ensureChromium()
  let postgres: Promise<PostgresServer> | undefined
  const server = createServer(async (_request, response) => {
    try {
      postgres ??= startPostgres()
      response.end((await postgres).url)
    } catch (error) {
      response.writeHead(500).end(error instanceof Error ? error.message : String(error))
    }
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.on('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address && typeof address === 'object') resolve(address.port)
    })
  })
  project.provide('postgres', `http://127.0.0.1:${port}`)
  return async () => {
    server.close()
    server.closeAllConnections()
    await (await postgres?.catch(() => undefined))?.stop()
  }
}

/** Installing a browser takes longer than a test may: it is done before the run, where a file of the run names the helper. */
async function usesChromium(project: TestProject): Promise<boolean> {
  // What was asked for on the command line is not in Vitest's types. Without it all test files are looked at.
  const { filenamePattern } = project.vitest as { filenamePattern?: string[] }
  const { testFiles } = await project.globTestFiles(filenamePattern)
  const sources = await Promise.all(testFiles.map((file) => readFile(file, 'utf8')))
  return sources.some((source) => source.includes('testing/chromium'))
}
