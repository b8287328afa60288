/** `npm run check`: format and lint, then types. Each says how it went in one line; what it found stands above that line. */
import { spawnSync } from 'node:child_process'
import { writeSync } from 'node:fs'

const steps: [name: string, command: string, ...args: string[]][] = [
  ['format and lint', 'biome', 'check', '--error-on-warnings', '.'],
  ['types', 'tsc', '--noEmit'],
]

const lines: string[] = []
for (const [name, command, ...args] of steps) {
  const started = performance.now()
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const outcome = status === 0 ? 'good' : `FAILED${error ? ` (${error.message})` : ''}`
  if (status !== 0) process.exitCode = 1
  lines.push(`${name}: ${outcome}, ${seconds} s`)
}
writeSync(1, `${lines.join('\n')}\n`)
