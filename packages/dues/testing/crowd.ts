/**
 * Fills every table of Dues that grows with its members, as if so many had been there for a while: each with a customer, a live subscription, an ended
 * one, an invoice, an event and a transition. Nothing is analysed by itself: a database that has just been filled has no statistics.
 */
export async function fillWithMembers(query: (sql: string) => Promise<unknown>, members: number): Promise<void> {
  const n = `generate_series(1, ${members}) n`
  const order = '1, 1700000000, 1700000000, false'
  const items = `jsonb_build_array(jsonb_build_object('id', 'si_' || n, 'price', 'price_crowd', 'product', 'prod_crowd', 'quantity', 1,
    'currency', 'usd', 'current_period_start', 1700000000, 'current_period_end', 1900000000))`
  const subscription = (id: string, status: string) =>
    `insert into dues.subscription (id, customer, status, items, created, start_date, cancel_at_period_end, pause_collection,
       collection_method, latest_invoice, metadata, ticket, as_of_lo, as_of_hi, fetched)
     select '${id}_crowd_' || n, 'cus_crowd_' || n, ${status}, ${items}, 1600000000 + n, 1600000000 + n, false, false,
       'charge_automatically', 'in_crowd_' || n, '{}', ${order} from ${n}`
  const live = "(array['active', 'active', 'active', 'active', 'trialing', 'past_due'])[1 + n % 6]"
  const statements = [
    `insert into dues.owner (id, email, customer_key) select 'crowd_' || n, n || '@example.com', n from ${n}`,
    `insert into dues.owner_customer (customer, owner) select 'cus_crowd_' || n, 'crowd_' || n from ${n}`,
    `insert into dues.customer (id, deleted, metadata, created, ticket, as_of_lo, as_of_hi, fetched)
     select 'cus_crowd_' || n, false, '{}', 1600000000 + n, ${order} from ${n}`,
    subscription('sub', live),
    subscription('old', "'canceled'"),
    `insert into dues.invoice (id, customer, subscription, deleted, status, currency, total, amount_due, amount_paid, amount_remaining,
       attempt_count, created, ticket, as_of_lo, as_of_hi, fetched)
     select 'in_crowd_' || n, 'cus_crowd_' || n, 'sub_crowd_' || n, false, case when n % 6 = 5 then 'open' else 'paid' end, 'usd', 1900, 1900,
       1900, 0, 1, 1600000000 + n, ${order} from ${n}`,
    `insert into dues.inbox (id, type, created, kind, object, state, payload)
     select 'evt_crowd_' || n, 'customer.subscription.updated', 1600000000 + n, 'subscription', 'sub_crowd_' || n,
       case when n % 1000 = 0 then 'dead' else 'applied' end, '{}' from ${n}`,
    `insert into dues.transition (key, type, customer, subscription, at, detail, hooked)
     select 'sub_crowd_' || n || ':started', 'started', 'cus_crowd_' || n, 'sub_crowd_' || n, 1600000000 + n, '{}', n % 2 = 0 from ${n}`,
    `insert into dues.checkout (owner, key, intent, request, requested_at, session)
     select 'crowd_' || n, n, 'x', '{}', 1600000000, 'cs_crowd_' || n from ${n}`,
    `insert into dues.granted (owner, plan, reason, granted_at) select 'crowd_' || n, 'pro', 'x', 1600000000 from ${n}`,
    `insert into dues.usage (owner, feature, period, used) select 'crowd_' || n, 'projects', 1600000000, 1 from ${n}`,
    `insert into dues.usage_entry (owner, feature, period, amount, given_back, key, at)
     select 'crowd_' || n, 'projects', 1600000000, 1, false, n, 1600000000 from ${n}`,
    `insert into dues.trial (subscription, owner, refused, key) select 'sub_crowd_' || n, 'crowd_' || n, true, n from ${n}`,
    `insert into dues.trial_card (fingerprint, owner, subscription, started)
     select 'card_' || n, 'crowd_' || n, 'sub_crowd_' || n, 1600000000 from ${n}`,
    `insert into dues.duplicate (subscription, owner, kept, since, money, key)
     select 'old_crowd_' || n, 'crowd_' || n, 'sub_crowd_' || n, 1600000000, 'refund', n from ${n}`,
    `insert into dues.end_refund (subscription, owner, wish, parts, at)
     select 'sub_crowd_' || n, 'crowd_' || n, 'x', '[]', 1600000000 from ${n}`,
  ]
  const tables = statements.map((statement) => /into (dues\.\w+)/.exec(statement)?.[1] ?? '')
  for (const table of new Set(tables)) await query(`alter table ${table} set (autovacuum_enabled = off)`)
  // Without triggers: they would notice and tell of everybody.
  await query(`set session_replication_role = replica; ${statements.join('; ')}`)
}
