import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AppDues } from './commands.ts'
import { CliError } from './error.ts'

/** Where an app is looked for that does not say where it is. */
const usual = ['dues.config', 'src/dues', 'dues', 'lib/dues', 'app/dues'].flatMap((path) =>
  ['.ts', '.js', '.mjs'].map((ending) => path + ending),
)

/** Loads the app's own `createDues(…)`: the module must export it as `dues` or as its default. */
export async function loadDues(given: string | undefined, folder: string): Promise<AppDues> {
  const file = given ?? usual.find((path) => existsSync(resolve(folder, path)))
  if (!file)
    throw new CliError(
      `Found no file that exports your dues. Looked for ${usual.slice(0, 6).join(', ')} and so on. Say where it is: --config path/to/file.ts`,
    )
  const path = resolve(folder, file)
  if (!existsSync(path)) throw new CliError(`There is no file ${file}.`)
  const module = await importModule(path, file)
  const dues = module.dues ?? module.default
  if (!isDues(dues)) throw new CliError(`${file} exports no dues. Add: export const dues = createDues({ … })`)
  return dues
}

async function importModule(path: string, shown: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION')
      throw new CliError(
        `This Node (${process.version}) cannot read TypeScript. Use Node 24, or run: npx tsx node_modules/dues/bin/dues.js … --config ${shown}`,
      )
    throw error
  }
}

/** By its shape and not by its class: the app may have a copy of the package of its own. */
const isDues = (value: unknown): value is AppDues =>
  typeof value === 'object' && value !== null && 'catalogue' in value && 'start' in value && 'stop' in value
