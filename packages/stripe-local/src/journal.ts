import * as fs from 'node:fs'
import { dirname } from 'node:path'
import type { Account } from './account.ts'
import type { AnyObject, Kind } from './kinds.ts'
import { ApiError } from './protocol/errors.ts'
import type { KeptAnswer } from './protocol/idempotency.ts'

/** One line of the journal: what changed in one account. */
type Entry = {
  key: string
  /** Objects as they are now; null for one that is gone. */
  put?: [Kind, string, AnyObject | null][]
  answer?: [string, KeptAnswer]
  offset?: number
  /** Everything before this line is no more: a snapshot was restored. */
  reset?: true
  settings?: Account['settings']
}

/** 500: what was to be done could not be written down, so it was not done. It may be tried again, under the same idempotency key. */
export class JournalError extends ApiError {
  constructor(path: string, cause: unknown) {
    super(
      500,
      `Stripe Local could not write its journal ${path} (${cause instanceof Error ? cause.message : cause}), so nothing was done. Make room there, then try again.`,
      { type: 'api_error' },
    )
    this.cause = cause
  }
}

/**
 * An append-only file of everything that changed. A line is handed to the operating system before the request that made it is
 * answered, so a killed process comes back with all it had acknowledged. A last line that was cut off is dropped: nobody was told of it.
 */
export function openJournal(path: string) {
  fs.mkdirSync(dirname(path), { recursive: true })
  let file: number | undefined
  let size = 0

  /** A whole line or none: half a line that a full disk took is taken back, or nobody could read what comes after it. */
  const write = (entry: Entry): void => {
    if (file === undefined) throw new Error('The journal is closed.')
    const line = Buffer.from(`${JSON.stringify(entry)}\n`)
    try {
      let written = 0
      while (written < line.length) written += fs.writeSync(file, line, written, line.length - written, size + written)
    } catch (error) {
      fs.ftruncateSync(file, size)
      throw new JournalError(path, error)
    }
    size += line.length
  }

  return {
    /** Puts back what the file holds, then writes the file anew without its history. */
    restore(accountOf: (key: string) => Account): Account[] {
      const accounts = new Map<string, Account>()
      const keyed = (key: string): Account => {
        const account = accounts.get(key) ?? accountOf(key)
        accounts.set(key, account)
        return account
      }
      for (const entry of readEntries(path)) apply(keyed(entry.key), entry)
      const compacted = `${path}.new`
      file = fs.openSync(compacted, 'w')
      for (const [key, account] of accounts) for (const entry of entriesOf(key, account)) write(entry)
      fs.fsyncSync(file)
      fs.renameSync(compacted, path)
      return [...accounts.values()]
    },

    /** Writes down, from now on, whatever this account does. */
    follow(key: string, account: Account): void {
      account.store.onCommit((changes) => {
        write({ key, put: changes.map(({ kind, id, after }) => [kind, id, after ?? null]) })
      })
      account.idempotency.onFinish((idempotencyKey, answer) => write({ key, answer: [idempotencyKey, answer] }))
    },

    /** Writes down the clock and the settings, which are no objects. */
    noteAccount: (key: string, account: Account): void =>
      write({ key, offset: account.clock.offset, settings: account.settings }),

    /** Writes down all that an account is, in place of its history. */
    startOver(key: string, account: Account): void {
      write({ key, reset: true })
      for (const entry of entriesOf(key, account)) write(entry)
    },

    close(): void {
      if (file !== undefined) fs.closeSync(file)
      file = undefined
    },
  }
}

export type Journal = ReturnType<typeof openJournal>

function* readEntries(path: string): Generator<Entry> {
  if (!fs.existsSync(path)) return
  const lines = fs.readFileSync(path, 'utf8').split('\n')
  for (const [number, line] of lines.entries()) {
    if (line === '') continue
    try {
      yield JSON.parse(line) as Entry
    } catch (cause) {
      if (number === lines.length - 1) return
      throw new Error(
        `${path}: line ${number + 1} of the journal cannot be read. Move the file away to start with an empty Stripe.`,
        { cause },
      )
    }
  }
}

function apply(account: Account, entry: Entry): void {
  if (entry.reset) {
    account.store.restore([])
    account.idempotency.restore([])
  }
  for (const [kind, id, object] of entry.put ?? []) account.store.replay(kind, id, object ?? undefined)
  if (entry.answer) account.idempotency.replay(...entry.answer)
  if (entry.offset !== undefined) account.clock.offset = entry.offset
  if (entry.settings) account.settings = entry.settings
}

function* entriesOf(key: string, account: Account): Generator<Entry> {
  yield { key, offset: account.clock.offset, settings: account.settings }
  for (const [kind, objects] of account.store.snapshot()) {
    for (const object of objects) yield { key, put: [[kind, object.id, object]] }
  }
  for (const answer of account.idempotency.snapshot()) yield { key, answer }
}
