import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** An empty folder below the repository's node_modules, where packed packages find what they depend on. Whoever makes it removes it. */
export function consumerFolder(): string {
  const cache = join(root, 'node_modules/.cache/dues')
  mkdirSync(cache, { recursive: true })
  return mkdtempSync(join(cache, 'consumer-'))
}

type Packed = { filename: string; files: { path: string }[] }

/** Packs a package as it would be published and unpacks it as npm would install it. */
export function installPacked(name: string, consumer: string): { folder: string; files: string[] } {
  const flags = ['pack', '--json', '--silent', '--workspace', name, '--pack-destination', consumer]
  const printed = execFileSync('npm', flags, { cwd: root, encoding: 'utf8' })
  const [packed] = JSON.parse(printed.slice(printed.indexOf('['))) as Packed[]
  if (!packed) throw new Error(`npm pack said nothing about ${name}`)
  const folder = join(consumer, 'node_modules', name)
  mkdirSync(folder, { recursive: true })
  execFileSync('tar', ['-xzf', join(consumer, packed.filename), '-C', folder, '--strip-components', '1'])
  return { folder, files: packed.files.map((file) => file.path) }
}
