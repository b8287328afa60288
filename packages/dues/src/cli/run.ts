import { type ParseArgsConfig, parseArgs } from 'node:util'
import { type AppDues, type Command, commands, type Terminal } from './commands.ts'
import { CliError, isRefusal } from './error.ts'

export type Surroundings = Terminal & {
  load: (config: string | undefined) => Promise<AppDues>
  version: string
}

/**
 * Runs one command line. Answers with the exit code: 0 done, 1 not done, 2 not understood.
 *
 * @example
 * process.exitCode = await run(process.argv.slice(2), surroundings)
 */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { out, err, version } = surroundings
  const [name, ...rest] = args
  if (name === '--version' || name === '-v') return said(out, version)
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return said(out, help(rest[0]))
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    err(`There is no command "${name}".\n\n${help()}`)
    return 2
  }
  try {
    return await runCommand(name, command, rest, surroundings)
  } catch (error) {
    if (!(error instanceof CliError || isRefusal(error))) throw error
    err(error.message)
    return error instanceof CliError ? 2 : 1
  }
}

async function runCommand(name: string, command: Command, args: string[], surroundings: Surroundings): Promise<number> {
  const { values, positionals } = parse(name, command, args)
  if (values.help) return said(surroundings.out, help(name))
  const dues = await surroundings.load(typeof values.config === 'string' ? values.config : undefined)
  const flags = new Set(Object.keys(values))
  const given = new Map(
    Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
  try {
    return await command.run(dues, { positionals, flags, values: given }, surroundings)
  } finally {
    await dues.stop()
  }
}

function parse(name: string, command: Command, args: string[]) {
  const flags = Object.keys(command.flags).map((flag) => [flag, { type: 'boolean' }] as const)
  const valued = Object.keys(command.values ?? {}).map((name) => [name, { type: 'string' }] as const)
  const options: NonNullable<ParseArgsConfig['options']> = {
    ...Object.fromEntries([...flags, ...valued]),
    help: { type: 'boolean', short: 'h' },
    config: { type: 'string', short: 'c' },
  }
  try {
    return parseArgs({ args, allowPositionals: true, options })
  } catch (error) {
    const [problem] = (error instanceof Error ? error.message : String(error)).split('. ')
    // Node goes on with how to give a file such a name: here no file has one.
    throw new CliError(`${problem?.replace(/\.$/, '')}.\n\n${help(name)}`)
  }
}

function said(out: (line: string) => void, text: string): number {
  out(text)
  return 0
}

/** The help for one command, or for all. */
export function help(name?: string): string {
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined
  return command && name ? helpFor(name, command) : overview()
}

function overview(): string {
  const list = Object.entries(commands).map(([name, { summary }]) => [name, summary] as const)
  return `Memberships for TypeScript apps, on Stripe.

Usage: dues <command> [options]

${columns(list)}

${columns(everywhere)}

Run \`dues help <command>\` for more about one.`
}

const helpFor = (name: string, { summary, usage, details, flags, values = {} }: Command): string => `${summary}.

Usage: dues ${name} ${usage}

${details}

${columns([
  ...Object.entries(values).map(([name, text]) => [`--${name} <${name}>`, text] as const),
  ...Object.entries(flags).map(([flag, text]) => [`--${flag}`, text] as const),
  ...everywhere,
])}`

const everywhere = [
  ['--config, -c <file>', 'the module that exports your dues (dues.config.ts, src/dues.ts … unless told)'],
  ['--help, -h', 'this'],
] as const

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')
}
