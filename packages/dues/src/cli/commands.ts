import type { Dues } from '../dues.ts'
import { backfill } from './backfill.ts'
import { inbox } from './inbox.ts'
import { pull } from './pull.ts'
import { push } from './push.ts'
import { reconcile } from './reconcile.ts'
import { replay } from './replay.ts'

/** What of an app's dues the commands use: nothing that depends on what its plans are called. */
export type AppDues = Pick<
  Dues,
  'catalogue' | 'webhooks' | 'jobs' | 'reconcile' | 'backfill' | 'health' | 'start' | 'stop'
>

/** Where a command reads and writes; a test gives its own. */
export type Terminal = {
  out: (line: string) => void
  err: (line: string) => void
  /** Asks a question that is answered yes or no. Null where nobody is there to answer. */
  ask: ((question: string) => Promise<boolean>) | null
  /** Shows how far something has come, in place of what it showed before. */
  progress: (line: string) => void
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
}

export type CommandArguments = {
  readonly positionals: readonly string[]
  readonly flags: ReadonlySet<string>
  readonly values: ReadonlyMap<string, string>
}

export type Command = {
  /** One line, for the list. */
  readonly summary: string
  /** What comes behind `dues name`. */
  readonly usage: string
  readonly details: string
  readonly flags: Readonly<Record<string, string>>
  /** Options that take a value: `--rate 20`. */
  readonly values?: Readonly<Record<string, string>>
  /** Answers with the exit code. */
  readonly run: (dues: AppDues, given: CommandArguments, terminal: Terminal) => Promise<number>
}

/** Every command, in the order of the help. */
export const commands: Readonly<Record<string, Command>> = { push, pull, reconcile, backfill, inbox, replay }
