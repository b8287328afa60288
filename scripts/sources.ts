import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** One import of a source file. `to` is a path from the root for a relative import, else the module's name. */
export type Import = { from: string; to: string; isRelative: boolean; isType: boolean }

/** The files of the repository that match the patterns, as paths from its root; nothing installed, built or stored by a run. */
export function repositoryFiles(...patterns: string[]): string[] {
  const notOurs = new Set(['node_modules', 'dist', '.data', '.git'])
  return globSync(patterns, { cwd: root, exclude: (path) => notOurs.has(basename(path)) }).sort()
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The file without its comments: what they show as an example is not what the code does. */
export function codeOf(path: string): string {
  return read(path)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
}

/** What the file imports or exports from, types included. */
export function importsOf(path: string): Import[] {
  const source = read(path)
  const statements = source.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?'([^']+)'/gm)
  const dynamic = source.matchAll(/\bimport\(()'([^']+)'\)/g)
  return [...statements, ...dynamic].flatMap(([, type, name]) => {
    if (!name) return []
    const isRelative = name.startsWith('.')
    const to = isRelative ? normalize(join(dirname(path), name)) : name
    return [{ from: path, to, isRelative, isType: Boolean(type) }]
  })
}
