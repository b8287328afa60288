import { isObject, type Json } from './recording.ts'

/** Where two answers to one request differ. */
export type Difference = { path: string; recorded: Json | undefined; local: Json | undefined }

/** How many values were compared, and which recorded fields ours does not have. */
export type Seen = { compared: number; absent: string[] }

/** A word that stands for an object: `cus_TL2wOKapdYV2oF`, `pi_3S…_secret_…`, `cs_test_a1…`. */
const idPattern = /^([a-z]+(?:_[a-z]+)*)_[A-Za-z0-9]{8,}$/

/** What is made up anew in every world: only whether it is there is compared. */
const opaque =
  /(^|_)(secret|fingerprint|receipt_url|hosted_invoice_url|invoice_pdf|pdf|request_log_url|authorization_code|network_transaction_id|idempotency_key|reference|receipt_number)$/

/** How far apart two moments may be, in seconds: the recording took its time from one request to the next. */
const tolerance = 120

/** The same where the clock cannot be set: a month is up to three days longer than another, and a day may be an hour shorter. */
const looseTolerance = 4 * 24 * 3600

const isTime = (value: number): boolean => Number.isInteger(value) && value > 1_000_000_000 && value < 4_000_000_000

/**
 * Which id, prefix and secret of a recording is which of ours, learnt from answer to answer.
 *
 * @param options.setTime whether our clock shows what the clock of the recording showed; otherwise what counts is how much later
 *   a moment is than the first that was told
 */
export function createCorrespondence({ setTime = true }: { setTime?: boolean } = {}) {
  let shift = setTime ? 0 : undefined
  const localOf = new Map<string, string>()
  let seen: Seen = { compared: 0, absent: [] }
  /** Ids of objects that were there before the recording began: when they were made says nothing. */
  const presumed = new Set<string>()

  /** A text with every recorded id in it replaced by ours. */
  const translate = (text: string): string =>
    localOf.get(text) ?? text.replace(/[A-Za-z0-9_-]{4,}/g, (word) => localOf.get(word) ?? translateParts(word))

  /** `153779B1-0001` has the invoice prefix in front. */
  const translateParts = (word: string): string =>
    word.includes('-')
      ? word
          .split('-')
          .map((part) => localOf.get(part) ?? part)
          .join('-')
      : word

  function learn(recorded: string, local: string): void {
    localOf.set(recorded, local)
  }

  /** What differs between a recorded answer and ours, in fields that both have. */
  function* compare(
    recorded: Json,
    local: Json,
    path = '',
    within: { [name: string]: Json } = {},
  ): Generator<Difference> {
    if (Array.isArray(recorded) && Array.isArray(local)) {
      if (recorded.length !== local.length) {
        yield { path: `${path}.length`, recorded: recorded.length, local: local.length }
      }
      for (const [index, item] of recorded.entries()) {
        const ours = local[index]
        if (ours !== undefined) yield* compare(item, ours, `${path}[${index}]`, within)
      }
    } else if (isObject(recorded) && isObject(local)) {
      for (const [name, value] of Object.entries(recorded)) {
        const ours = local[name]
        const field = path === '' ? name : `${path}.${name}`
        if (ours === undefined) seen.absent.push(field)
        else yield* compare(value, ours, field, recorded)
      }
    } else {
      seen.compared++
      if (!isSame(recorded, local, path, within)) yield { path, recorded, local }
    }
  }

  function isSame(recorded: Json, local: Json, path: string, within: { [name: string]: Json }): boolean {
    if (recorded === local) return true
    if (typeof recorded === 'number' && typeof local === 'number') {
      if (!isTime(recorded) || !isTime(local)) return false
      if (presumed.has(String(within.id))) return true
      shift ??= local - recorded
      return Math.abs(local - recorded - shift) <= (setTime ? tolerance : looseTolerance)
    }
    if (typeof recorded !== 'string' || typeof local !== 'string') return false
    if (translate(recorded) === local) return true
    const name =
      path
        .split('.')
        .at(-1)
        ?.replace(/\[\d+\]$/, '') ?? ''
    if (name === 'invoice_prefix' || isNewId(recorded, local)) {
      learn(recorded, local)
      return true
    }
    return opaque.test(name) || (name === 'url' && recorded.startsWith('http') && local.startsWith('http'))
  }

  /** An id that was not met before stands for ours when both are of one kind. */
  function isNewId(recorded: string, local: string): boolean {
    const kind = idPattern.exec(recorded)?.[1]
    return kind !== undefined && !localOf.has(recorded) && idPattern.exec(local)?.[1] === kind
  }

  return {
    translate,
    learn,
    compare,
    /** What was compared since this was asked last. */
    takeSeen(): Seen {
      const before = seen
      seen = { compared: 0, absent: [] }
      return before
    },
    isKnown: (id: string): boolean => localOf.has(id),
    presume(recorded: string, local: string): void {
      learn(recorded, local)
      presumed.add(recorded)
    },
  }
}

export type Correspondence = ReturnType<typeof createCorrespondence>
