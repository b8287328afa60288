import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const home = join(import.meta.dirname, '..', 'peers')

/** Fetches what bench/peers/package.json names, the first time; answers the folder in which it is. */
export function fetchPeers(): string {
  const modules = join(home, 'node_modules')
  if (!existsSync(modules)) {
    console.log('fetching the peers …')
    execFileSync('npm', ['install', '--no-package-lock', '--ignore-scripts', '--workspaces=false'], {
      cwd: home,
      stdio: 'inherit',
    })
  }
  return modules
}
