import * as fs from 'node:fs'
import { dirname } from 'node:path'
import type { Account } from './account.ts'
import type { AnyObject, Kind } from './kinds.ts'
import { ApiError } from './protocol/errors.ts'
import type { AnswerUnderKey } from './protocol/idempotency.ts'

/** An object as it is now; null for one that is gone. */
type Put = [Kind, string, AnyObject | null]

/** One line of the journal: what one unit of work changed in one account, and the answer that the request got which it was for. */
type Entry = {
  key: string
  put?: Put[]
  answer?: AnswerUnderKey
  offset?: number
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
 * An append-only file of everything that changed. What a request did, its events and the answer under its idempotency key are **one line**, handed to
 * the operating system before the request is answered: a killed process comes back with all it had acknowledged, and with nothing that is half done.
 * A last line that was cut off is dropped, for nobody was told of it.
 *
 * The history goes with each start and each restored snapshot, when the file is written anew with what is there (`rewrite`).
 */
export function openJournal(path: string) {
  fs.mkdirSync(dirname(path), { recursive: true })
  const followed = new Map<string, Account>()
  let file: number | undefined
  let size = 0

  /** A whole line or none: half a line that a full disk took is taken back, or nobody could read what comes after it. */
  function write(entry: Entry): void {
    if (file === undefined) throw new Error('The journal is closed.')
    try {
      const line = Buffer.from(`${JSON.stringify(entry)}\n`)
      let written = 0
      while (written < line.length) written += fs.writeSync(file, line, written, line.length - written, size + written)
      size += line.length
    } catch (error) {
      fs.ftruncateSync(file, size)
      throw new JournalError(path, error)
    }
  }

  /** Beside the old file, and then in its place: whoever dies on the way leaves one of the two, whole. */
  function rewrite(accounts: Iterable<[string, Account]>): void {
    const before = { file, size }
    const beside = `${path}.new`
    file = fs.openSync(beside, 'w')
    size = 0
    try {
      for (const [key, account] of accounts) for (const entry of entriesOf(key, account)) write(entry)
      fs.fsyncSync(file)
      fs.renameSync(beside, path)
    } catch (error) {
      fs.closeSync(file)
      ;({ file, size } = before)
      throw error
    }
    if (before.file !== undefined) fs.closeSync(before.file)
  }

  return {
    /** Puts back what the file holds, then writes it anew without its history. */
    restore(accountOf: (key: string) => Account): Account[] {
      const accounts = new Map<string, Account>()
      for (const entry of readEntries(path)) {
        const account = accounts.get(entry.key) ?? accountOf(entry.key)
        accounts.set(entry.key, account)
        apply(account, entry)
      }
      rewrite(accounts)
      return [...accounts.values()]
    },

    /** Writes down, from now on, whatever this account does. */
    follow(key: string, account: Account): void {
      followed.set(key, account)
      account.store.onCommit((changes, answer) => {
        const put = changes.map(({ kind, id, after }): Put => [kind, id, after ?? null])
        write({ key, put, ...(answer && { answer }) })
      })
    },

    /** Writes down the clock and the settings, which are no objects. */
    noteAccount: (key: string, account: Account): void =>
      write({ key, offset: account.clock.offset, settings: account.settings }),

    /** Writes down all that the accounts are, one of which has become another, in place of their history. */
    startOver: (): void => rewrite(followed),

    close(): void {
      if (file !== undefined) fs.closeSync(file)
      file = undefined
    },
  }
}

export type Journal = ReturnType<typeof openJournal>

const chunk = 1 << 20

/**
 * The lines of a journal, one after the other: the file may be longer than any string can be.
 *
 * @param chunkSize how many bytes are read at once
 */
export function* readEntries(path: string, chunkSize = chunk): Generator<Entry> {
  if (!fs.existsSync(path)) return
  const file = fs.openSync(path, 'r')
  try {
    let number = 0
    for (const { text, isWhole } of linesOf(file, chunkSize)) {
      number++
      if (text === '') continue
      const entry = parse(text)
      if (entry instanceof Error && !isWhole) {
        console.warn(`${path}: the last line was cut off and is left out. Nobody was told of what it says.`)
        return
      }
      if (entry instanceof Error)
        throw new Error(
          `${path}: line ${number} of the journal cannot be read. Move the file away to start with an empty Stripe.`,
          { cause: entry },
        )
      yield entry
    }
  } finally {
    fs.closeSync(file)
  }
}

/** Lines end with a line feed, and no byte of another character looks like one: so they are found before they are decoded. */
function* linesOf(file: number, chunkSize: number): Generator<{ text: string; isWhole: boolean }> {
  const buffer = Buffer.allocUnsafe(chunkSize)
  let begun: Buffer[] = []
  for (;;) {
    const read = buffer.subarray(0, fs.readSync(file, buffer, 0, chunkSize, null))
    if (read.length === 0) break
    let from = 0
    for (let end = read.indexOf(10); end >= 0; end = read.indexOf(10, from)) {
      begun.push(read.subarray(from, end))
      yield { text: Buffer.concat(begun).toString(), isWhole: true }
      begun = []
      from = end + 1
    }
    if (from < read.length) begun.push(Buffer.from(read.subarray(from)))
  }
  if (begun.length > 0) yield { text: Buffer.concat(begun).toString(), isWhole: false }
}

function parse(line: string): Entry | Error {
  try {
    return JSON.parse(line) as Entry
  } catch (error) {
    return error as Error
  }
}

function apply(account: Account, entry: Entry): void {
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
