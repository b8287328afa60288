import type { Telling } from '../mirror/tellings.ts'
import type { MirroredKind } from '../mirror/types.ts'
import type { Executor } from './database.ts'
import { type AnyRow, columns, orderColumns, type RowOf } from './rows.ts'

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

const kinds = ['customer', 'subscription', 'invoice'] as const satisfies readonly MirroredKind[]

/** Takes a ticket. A fetch takes it before it asks Stripe: see "Order" in ARCHITECTURE.md. */
export async function takeTicket(executor: Executor): Promise<number> {
  const rows = await executor.query<{ ticket: number }>("select nextval('dues.ticket')::float8 as ticket")
  return rows[0]?.ticket ?? 0
}

const loadStatement = `select
  (select coalesce(jsonb_agg(id), '[]') from dues.inbox where id = any($1::text[]) and state <> 'dead') as known,
  (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from dues.customer r where id = any($2::text[])) as customer,
  (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from dues.subscription r where id = any($3::text[])) as subscription,
  (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from dues.invoice r where id = any($4::text[])) as invoice,
  (select coalesce(jsonb_agg(jsonb_build_object('customer', customer, 'owner', owner)), '[]')
     from dues.owner_customer where customer = any($5::text[])) as owners,
  (select (value ->> 'began')::float8 from dues.cursor where name = 'events') as began`

/** Reads in one round trip everything that a batch is decided on. */
export async function load(
  executor: Executor,
  wanted: { events?: readonly string[]; owners?: readonly string[] } & { [Kind in MirroredKind]?: readonly string[] },
): Promise<Loaded> {
  const rows = await executor.query<Loaded>(loadStatement, [
    wanted.events ?? [],
    wanted.customer ?? [],
    wanted.subscription ?? [],
    wanted.invoice ?? [],
    wanted.owners ?? [],
  ])
  return rows[0] ?? { known: [], customer: [], subscription: [], invoice: [], owners: [], began: null }
}

/**
 * Events that wait for an object and were received before a ticket. Those that come later, or are only now being
 * committed, may know of something that the fetch with this ticket has not seen.
 */
export async function waitingFor(
  executor: Executor,
  { kind, object, before }: { kind: string; object: string; before: number },
): Promise<{ id: string; type: string; tells: Telling | null }[]> {
  return executor.query(
    "select id, type, tells from dues.inbox where state = 'waiting' and kind = $1 and object = $2 and ticket < $3",
    [kind, object, before],
  )
}

/**
 * Writes a batch in one statement, so that it needs no round trips for a transaction of its own.
 * Throws a stale error (see `isStale`) when a row or an event is no longer what the batch was decided on:
 * load again, decide again.
 *
 * @returns the keys of the transitions that were not recorded before
 */
export async function write(executor: Executor, batch: Write): Promise<string[]> {
  const parts: string[] = []
  const guards: string[] = []
  const params: unknown[] = []
  let expected = 0
  const bind = (value: unknown) => `$${params.push(JSON.stringify(value))}::jsonb`
  const guard = (name: string, count: number) => {
    guards.push(`(select count(*) from ${name})`)
    expected += count
  }

  const { events = [], transitions = [], links = [], settled = [] } = batch
  if (events.length > 0) {
    parts.push(`claimed as (
      insert into dues.inbox as i (id, type, account, created, kind, object, tells, state, error, payload)
      select id, type, account, created, kind, object, tells, state, error, payload
      from jsonb_populate_recordset(null::dues.inbox, ${bind(events)}) order by id
      on conflict (id) do update set state = excluded.state, error = excluded.error, kind = excluded.kind,
        object = excluded.object, tells = excluded.tells, attempts = i.attempts + 1, ticket = nextval('dues.ticket')
      where i.state = 'dead' returning id)`)
    guard('claimed', events.length)
  }
  for (const kind of kinds) {
    const changes: readonly Change<AnyRow>[] = batch[kind] ?? []
    const sorted = [...changes].sort((a, b) => (a.row.id < b.row.id ? -1 : 1))
    const news = sorted.filter(({ expected: ticket }) => ticket === null)
    const olds = sorted.filter(({ expected: ticket }) => ticket !== null)
    if (news.length > 0) {
      parts.push(`new_${kind} as (${insertStatement(kind, bind(news.map(({ row }) => row)))})`)
      guard(`new_${kind}`, news.length)
    }
    if (olds.length > 0) {
      parts.push(`old_${kind} as (${updateStatement(kind, bind(olds))})`)
      guard(`old_${kind}`, olds.length)
    }
  }
  if (links.length > 0) {
    parts.push(`linked as (
      insert into dues.owner_customer (customer, owner, current)
      select customer, owner, not exists (select 1 from dues.owner_customer o where o.owner = l.owner and o.current)
      from jsonb_to_recordset(${bind(links)}) as l (customer text, owner text)
      on conflict do nothing)`)
  }
  if (settled.length > 0) {
    parts.push(`settled as (
      update dues.inbox set state = 'applied', error = null
      where state = 'waiting' and id in (select jsonb_array_elements_text(${bind(settled)})))`)
  }
  if (transitions.length > 0) {
    parts.push(`recorded as (
      insert into dues.transition (key, type, customer, subscription, at, before, after, detail, hooked)
      select key, type, customer, subscription, at, before, after, detail, hooked
      from jsonb_populate_recordset(null::dues.transition, ${bind(transitions)})
      on conflict (key) do nothing returning key)`)
  }
  if (parts.length === 0) return []
  const recorded = transitions.length > 0 ? "(select coalesce(jsonb_agg(key), '[]') from recorded)" : "'[]'::jsonb"
  const found = guards.length > 0 ? guards.join(' + ') : '0'
  const rows = await executor.query<{ recorded: string[] }>(
    `with ${parts.join(',\n')}\nselect ${recorded} as recorded, dues.expect(${expected}, ${found})`,
    params,
  )
  return rows[0]?.recorded ?? []
}

function insertStatement(kind: MirroredKind, rows: string): string {
  const names = ['id', 'account', 'created', ...columns[kind], 'as_of_lo', 'as_of_hi', 'fetched'].join(', ')
  return `insert into dues.${kind} (${names}, ticket)
    select ${names}, coalesce(ticket, nextval('dues.ticket'))
    from jsonb_populate_recordset(null::dues.${kind}, ${rows})
    on conflict (id) do nothing returning id`
}

function updateStatement(kind: MirroredKind, changes: string): string {
  const assigned = [...columns[kind], ...orderColumns].map((column) =>
    column === 'ticket' ? "ticket = coalesce(n.ticket, nextval('dues.ticket'))" : `${column} = n.${column}`,
  )
  return `update dues.${kind} o set ${assigned.join(', ')}
    from jsonb_array_elements(${changes}) c, jsonb_populate_record(null::dues.${kind}, c -> 'row') n
    where o.id = n.id and o.ticket = (c ->> 'expected')::bigint returning o.id`
}

/** Somebody else was quicker (or two batches stood in each other's way): nothing was written, decide again. */
export function isStale(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['DUE01', '40P01', '40001'].includes(String(error.code))
}
