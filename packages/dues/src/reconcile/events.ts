import { type Logger, silentLogger } from '../logger.ts'
import { beginCursor, readCursor, writeCursor } from '../store/cursor.ts'
import type { Database } from '../store/database.ts'
import { isGone, type StripeReader } from '../stripe/reader.ts'
import type { Inbox } from '../webhooks/inbox.ts'
import { meaningOf } from '../webhooks/registry.ts'
import { type Received, readEvent } from '../webhooks/verify.ts'

/** Where the reading of Stripe's events has got to. `pass` is there while one is under way. */
type EventCursor = {
  /** When Dues began; what is older is taken over silently. */
  began: number
  /** Everything up to this second has been read, give or take the overlap. */
  since: number
  pass: { top: number; after: string } | null
}

/** Stripe may show an event some seconds after its `created`, and many share a second: the last minutes are read again. */
const overlapSeconds = 300
const pageSize = 100
const cursorName = 'events'

/**
 * Makes the reading of Stripe's list of events, which finds what no delivery brought: Stripe stops retrying after three
 * days and lists for thirty. What it finds goes through the same inbox, which knows what it has had.
 *
 * @see https://docs.stripe.com/api/events/list
 */
export function createEventReader({
  database,
  stripe,
  inbox,
  now,
  logger = silentLogger,
}: {
  database: Database
  stripe: StripeReader
  inbox: Inbox
  now: () => number
  logger?: Logger
}) {
  /** Says when Dues began, once for all processes. */
  const begin = async (): Promise<EventCursor> => {
    const cursor: EventCursor = { began: now(), since: now(), pass: null }
    await beginCursor(database, cursorName, cursor)
    return (await readCursor<EventCursor>(database, cursorName)) ?? cursor
  }

  /** Takes a page. Only types that mean something: an account's list holds much that its endpoint never asked for. */
  const take = async (page: readonly object[]): Promise<number> => {
    const events = page
      .map((event) => readEvent(event, JSON.stringify(event)))
      .filter((event): event is Received => event !== null && meaningOf(event.type) !== null)
    const receipts = await Promise.all(events.map((event) => inbox.receive(event)))
    return receipts.filter(({ outcome }) => outcome !== 'duplicate').length
  }

  const readOn = async (): Promise<{ found: number }> => {
    let cursor = await begin()
    let found = 0
    for (;;) {
      const { since, pass } = cursor
      const from = { since: since - overlapSeconds, after: pass?.after ?? null, limit: pageSize }
      const answer = await stripe.events(from).catch((error: unknown) => {
        if (pass !== null && isGone(error)) return null
        throw error
      })
      if (answer === null) {
        // The event that a stopped pass went on after is older than thirty days by now: begin the pass anew.
        cursor = { ...cursor, pass: null }
        continue
      }
      const { value: page, hasMore } = answer
      found += await take(page)
      // The newest come first. The next pass begins where this one's top was, so what comes meanwhile is not skipped.
      const top = pass?.top ?? page[0]?.created ?? since
      const last = page.at(-1)
      const over = !hasMore || last === undefined
      cursor = {
        ...cursor,
        ...(over ? { since: Math.max(since, top), pass: null } : { pass: { top, after: last.id } }),
      }
      await writeCursor(database, cursorName, cursor)
      if (over) break
    }
    if (found > 0) logger.warn({ found }, "events that no delivery brought were found in Stripe's list")
    return { found }
  }

  // One after the other: two passes at once would do the same work twice.
  let last: Promise<unknown> = Promise.resolve()
  return {
    begin,
    readEvents(): Promise<{ found: number }> {
      const reading = last.then(readOn)
      last = reading.catch(() => undefined)
      return reading
    },
  }
}
