import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { loadDues } from './config.ts'
import { run } from './run.ts'

// Settings come from the environment, or from a .env beside the app, as the app itself would read it.
if (existsSync('.env')) process.loadEnvFile('.env')

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

async function ask(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
  } finally {
    lines.close()
  }
}

// The first Ctrl-C lets a long command end in good order, the second ends it.
const stopping = new AbortController()
process.once('SIGINT', () => stopping.abort())

process.exitCode = await run(process.argv.slice(2), {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  ask: process.stdin.isTTY ? ask : null,
  // Where nobody looks, a line that is written over itself is only noise.
  progress: (line) => process.stderr.isTTY && process.stderr.write(`\r${line}\x1b[K`),
  signal: stopping.signal,
  load: (config) => loadDues(config, process.cwd()),
  version,
})
