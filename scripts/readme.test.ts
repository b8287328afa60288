import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { read, root } from './sources.ts'

/** What the README leaves to the reader's app. */
const hostApp = `
  declare const user: { id: string }
  declare function sessionOwner(request: Request): { id: string } | null
  declare function welcome(owner: string, key?: string): void
`

/** A block without a path is the reader's code; one with a path is a quote, which docs.test.ts checks. */
function blocksOf(page: string): string {
  return [...read(page).matchAll(/^```ts\n(.*?)^```/gms)].map(([, block]) => block).join('\n')
}

test.each(['README.md', 'packages/dues/README.md'])(
  'what %s shows compiles as it stands',
  (page) => {
    const source = hostApp + blocksOf(page)
    const path = join(root, 'readme.ts')
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root)
    const host = ts.createCompilerHost(options)
    const { getSourceFile } = host
    host.getSourceFile = (name, ...rest) =>
      name === path ? ts.createSourceFile(name, source, ts.ScriptTarget.Latest) : getSourceFile(name, ...rest)
    const program = ts.createProgram([path], { ...options, noUnusedLocals: false }, host)
    const problems = ts.getPreEmitDiagnostics(program, program.getSourceFile(path))
    expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([])
  },
  120_000,
)
