import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const home = join(import.meta.dirname, '..', 'peers')

/** Fetches what bench/peers/package.json names, unless it is there at those versions; answers the folder in which it is. */
export function fetchPeers(): string {
  const modules = join(home, 'node_modules')
  if (Object.entries(versionsOfPeers()).some(([name, version]) => installed(name) !== version)) {
    console.log('fetching the peers …')
    execFileSync('npm', ['ci', '--ignore-scripts', '--workspaces=false', '--no-audit', '--no-fund'], {
      cwd: home,
      stdio: 'inherit',
    })
  }
  return modules
}

/** What bench/peers/package.json names, with its versions. */
export function versionsOfPeers(): Record<string, string> {
  const { dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  return dependencies
}

function installed(name: string): string | null {
  const file = join(home, 'node_modules', name, 'package.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : null
}
