import type { Executor } from './database.ts'

/** An event as `dues inbox` lists it. */
export type InboxEvent = {
  id: string
  type: string
  account: string | null
  created: number
  state: 'applied' | 'waiting' | 'dead'
  kind: string | null
  object: string | null
  attempts: number
  error: string | null
  receivedAt: string
}

/** The inbox at a glance, for health and metrics. */
export type InboxHealth = {
  waiting: number
  dead: number
  /** Seconds that the oldest event has waited for its object; 0 when none waits. */
  oldestWaitingSeconds: number
  /** Which one that is. */
  oldestWaiting: { id: string; type: string; receivedAt: string } | null
}

const listed = `id, type, account, created::float8 as created, state, kind, object, attempts, error,
  to_char(received_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "receivedAt"`

/** Events of one state, or of all, the newest first. */
export async function listEvents(
  executor: Executor,
  { state = null, limit = 100 }: { state?: InboxEvent['state'] | null; limit?: number } = {},
): Promise<InboxEvent[]> {
  return executor.query(
    `select ${listed} from dues.inbox where $1::text is null or state = $1::text order by received_at desc, id limit $2`,
    [state, limit],
  )
}

/** Events by their ids, with what was received. */
export async function eventsById(
  executor: Executor,
  ids: readonly string[],
): Promise<(InboxEvent & { payload: string })[]> {
  return executor.query(`select ${listed}, payload from dues.inbox where id = any($1::text[])`, [ids])
}

/** Whether an event still waits for this object: if none does, a fetch that was wanted has been made. */
export async function isAwaited(executor: Executor, kind: string, object: string): Promise<boolean> {
  const rows = await executor.query(
    "select 1 from dues.inbox where state = 'waiting' and kind = $1 and object = $2 limit 1",
    [kind, object],
  )
  return rows.length > 0
}

export async function inboxHealth(executor: Executor): Promise<InboxHealth> {
  const rows = await executor.query<InboxHealth>(
    // By state alone, each with an index of its own: all of the inbox would be read for both together.
    `select (select count(*) from dues.inbox where state = 'waiting')::float8 as waiting,
       (select count(*) from dues.inbox where state = 'dead')::float8 as dead,
       coalesce(extract(epoch from now() - o.received_at), 0)::float8 as "oldestWaitingSeconds",
       case when o.id is not null then jsonb_build_object('id', o.id, 'type', o.type,
         'receivedAt', to_char(o.received_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) end as "oldestWaiting"
     from (select 1) one left join
       (select id, type, received_at from dues.inbox where state = 'waiting' order by received_at, id limit 1) o on true`,
  )
  return rows[0] ?? { waiting: 0, dead: 0, oldestWaitingSeconds: 0, oldestWaiting: null }
}

/**
 * Forgets applied events that are older than Stripe's list of events goes back, a thousand at a time so that nobody
 * waits for it long. Dead ones stay until somebody has looked.
 *
 * @returns how many went
 */
export async function pruneEvents(executor: Executor, { olderThanDays }: { olderThanDays: number }): Promise<number> {
  let total = 0
  for (;;) {
    const gone = await executor.query(
      `delete from dues.inbox where id in (
         select id from dues.inbox
         where state = 'applied' and received_at < now() - make_interval(days => $1::int) limit 1000)
       returning 1 as one`,
      [olderThanDays],
    )
    total += gone.length
    if (gone.length < 1000) return total
  }
}
