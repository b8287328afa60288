import type { Telling } from '../mirror/tellings.ts'
import type { MirroredKind } from '../mirror/types.ts'
import type { Executor } from './database.ts'
import type { RowOf } from './rows.ts'

/** An event as it was received. `kind` and `object` say what it is about, where that is something of the mirror's. */
export type InboxRow = {
  id: string
  type: string
  account: string | null
  created: number
  kind: string | null
  object: string | null
  /** What a thin event tells that no row shows; its transition is made when the object has been fetched. */
  tells: Telling | null
  /** `waiting`: the object has to be fetched before the mirror shows what the event tells. */
  state: 'applied' | 'waiting' | 'dead'
  error: string | null
  payload: string
}

/** A row to write, and the ticket of the row that it was decided on: null where there was none. */
export type Change<Row> = { row: Omit<Row, 'ticket'> & { ticket: number | null }; expected: number | null }

export type TransitionRow = {
  key: string
  type: string
  customer: string
  subscription: string | null
  at: number
  before: object | null
  after: object | null
  detail: Record<string, string | number | boolean | null>
  /** Whether a job was made to run its hook. */
  hooked: boolean
}

/** All that one write does. It happens as a whole or not at all. */
export type Write = {
  events?: readonly InboxRow[]
  customer?: readonly Change<RowOf['customer']>[]
  subscription?: readonly Change<RowOf['subscription']>[]
  invoice?: readonly Change<RowOf['invoice']>[]
  transitions?: readonly TransitionRow[]
  /** Who owns a customer, as learned from metadata. A link that exists stays. */
  links?: readonly { customer: string; owner: string }[]
  /** Ids of events that waited for an object which has now been fetched. */
  settled?: readonly string[]
}

/** What is there now of what a batch is about. */
export type Loaded = {
  /** Ids of events that the inbox has already. A dead one is not known: another delivery is another try. */
  known: string[]
  customer: RowOf['customer'][]
  subscription: RowOf['subscription'][]
  invoice: RowOf['invoice'][]
  owners: { customer: string; owner: string }[]
  /** When Dues began, in Unix seconds; null before it has started for the first time. */
  began: number | null
}

/** Takes a ticket. A fetch takes it before it asks Stripe: see "Order" in ARCHITECTURE.md. */
export async function takeTicket(executor: Executor): Promise<number> {
  const rows = await executor.query<{ ticket: number }>("select nextval('dues.ticket')::float8 as ticket")
  return rows[0]?.ticket ?? 0
}

/** The ids of everything that a batch is decided on. */
export type Needs = { events?: readonly string[]; owners?: readonly string[] } & {
  [Kind in MirroredKind]?: readonly string[]
}

/** Reads in one round trip everything that a batch is decided on. */
export async function load(executor: Executor, needs: Needs): Promise<Loaded> {
  const { events = [], customer = [], subscription = [], invoice = [], owners = [] } = needs
  const rows = await executor.query<{ loaded: Loaded }>(
    'select dues.load($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) as loaded',
    [events, customer, subscription, invoice, owners],
  )
  return rows[0]?.loaded ?? { known: [], customer: [], subscription: [], invoice: [], owners: [], began: null }
}

/**
 * Events that wait for an object and were received before a ticket. Those that come later, or are only now being
 * committed, may know of something that the fetch with this ticket has not seen.
 */
export async function waitingFor(
  executor: Executor,
  { kind, object, before }: { kind: string; object: string; before: number },
): Promise<{ id: string; type: string; created: number; tells: Telling | null }[]> {
  return executor.query(
    "select id, type, created::float8 as created, tells from dues.inbox where state = 'waiting' and kind = $1 and object = $2 and ticket < $3",
    [kind, object, before],
  )
}

/** What a write has done: which transitions were new, whose membership it changed, and the tickets that its rows have got, by id. */
export type Written = { recorded: string[]; owners: string[] } & {
  [Kind in MirroredKind]: { [id: string]: number } | null
}

/**
 * Writes a batch in one statement, whole or not at all, so that it needs no round trips for a transaction of its own.
 * Throws a stale error (see `isStale`) when a row or an event is no longer what the batch was decided on: load again,
 * decide again.
 */
export async function write(executor: Executor, batch: Write): Promise<Written> {
  const answers = await executor.query<{ answer: Written }>(
    'select dues.write($1::json, $2::bytea, $3::json, $4::json, $5::json, $6::json, $7::json, $8::text[]) as answer',
    paramsOf(batch),
  )
  return withLinked(answerOf(answers), batch)
}

/** As `write`, for a batch that was decided on what this process remembered. If that is out of date, what is there comes back. */
export async function tryWrite(executor: Executor, batch: Write, needs: Needs): Promise<Written | { loaded: Loaded }> {
  const answers = await executor.query<{ answer: Written | { loaded: Loaded } }>(
    `select dues.try_write($9::json, $1::json, $2::bytea, $3::json, $4::json, $5::json, $6::json, $7::json, $8::text[])
     as answer`,
    [...paramsOf(batch), JSON.stringify(needs)],
  )
  const answer = answerOf(answers)
  return 'loaded' in answer ? answer : withLinked(answer, batch)
}

/** `dues.write` answers the owners of the rows; those of the links are known here. */
function withLinked(written: Written, { links = [] }: Write): Written {
  return { ...written, owners: [...written.owners, ...links.map(({ owner }) => owner)] }
}

function paramsOf({ events = [], settled = [], ...batch }: Write): unknown[] {
  const [rows, payloads] = packed(events)
  return [
    jsonList(rows),
    payloads,
    jsonList(batch.customer?.map(changed)),
    jsonList(batch.subscription?.map(changed)),
    jsonList(batch.invoice?.map(changed)),
    jsonList(batch.transitions),
    jsonList(batch.links),
    settled.length === 0 ? null : settled,
  ]
}

function answerOf<Answer>(answers: readonly { answer: Answer }[]): Answer {
  const answer = answers[0]?.answer
  if (answer === undefined) throw new Error('dues.write answered nothing')
  return answer
}

/** The bodies of the events as one string of bytes, and where each begins, counted from 1 as SQL does. */
function packed(events: readonly InboxRow[]): [rows: object[], payloads: Uint8Array | null] {
  let at = 1
  const bodies: Buffer[] = []
  const rows = events.map(({ payload, ...row }) => {
    const body = Buffer.from(payload)
    bodies.push(body)
    const placed = { ...row, at, length: body.length }
    at += body.length
    return placed
  })
  return [rows, bodies.length === 0 ? null : Buffer.concat(bodies)]
}

function changed<Row>({ row, expected }: Change<Row>): object {
  return { ...row, expected }
}

function jsonList(list: readonly object[] | undefined): string | null {
  return list === undefined || list.length === 0 ? null : JSON.stringify(list)
}

/** Somebody else was quicker (or two batches stood in each other's way): nothing was written, decide again. */
export function isStale(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['DUE01', '40P01', '40001', '23505'].includes(String(error.code))
}
