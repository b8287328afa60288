import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Wanted } from './campaign.ts'
import { mutations } from './mutations.ts'

/** Tries every mutation, each in a process of its own. @returns whether each was found */
export async function findMutations({ runs, seed, atOnce, limits }: Wanted): Promise<boolean> {
  let all = true
  for (const { name } of mutations) {
    const options = ['--runs', runs, '--seed', seed, '--at-once', atOnce, '--longest', limits.longest ?? 24]
    const main = fileURLToPath(new URL('./main.ts', import.meta.url))
    const child = spawn(process.execPath, [...process.execArgv, main, '--mutation', name, ...options.map(String)])
    const [said, complained, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((resolve) => child.on('exit', resolve)),
    ])
    const found = /in run (\d+), on \w+:\n(.*)/.exec(complained)
    if (code === 0 || found === null) all = false
    console.log(
      `${name.padEnd(30)} ${found ? `run ${found[1]}: ${found[2]?.slice(0, 140)}` : `NOT FOUND ${said.slice(0, 200)}${complained.slice(0, 500)}`}`,
    )
  }
  return all
}
