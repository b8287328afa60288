import type { MirroredKind } from '../mirror/types.ts'

/**
 * Reading and writing a batch, each one call. As functions, because a session keeps their plans (a statement of this size takes longer to
 * plan than to run) without prepared statements, which connection poolers do not like; and because a function that finds that it must not
 * write can answer with what is there instead, in the same round trip.
 *
 * They hold no data: `migrate` replaces them whenever this text has changed. While an app is deployed the processes of the last version
 * call them too, so parameters stay and answers only grow; what has to be otherwise gets another name.
 */

/** The columns of the mirror's tables as a change brings them. A new one is a migration and a line here. */
const columns: Readonly<Record<MirroredKind, Readonly<Record<string, string>>>> = {
  customer: {
    id: 'text',
    account: 'text',
    deleted: 'boolean',
    email: 'text',
    name: 'text',
    default_payment_method: 'text',
    metadata: 'jsonb',
    created: 'bigint',
    test_clock: 'text',
  },
  subscription: {
    id: 'text',
    account: 'text',
    customer: 'text',
    status: 'text',
    items: 'jsonb',
    created: 'bigint',
    start_date: 'bigint',
    cancel_at: 'bigint',
    cancel_at_period_end: 'boolean',
    canceled_at: 'bigint',
    ended_at: 'bigint',
    trial_start: 'bigint',
    trial_end: 'bigint',
    pause_collection: 'boolean',
    collection_method: 'text',
    latest_invoice: 'text',
    schedule: 'text',
    scheduled: 'jsonb',
    metadata: 'jsonb',
    test_clock: 'text',
  },
  invoice: {
    id: 'text',
    account: 'text',
    customer: 'text',
    subscription: 'text',
    deleted: 'boolean',
    status: 'text',
    number: 'text',
    currency: 'text',
    total: 'bigint',
    amount_due: 'bigint',
    amount_paid: 'bigint',
    amount_remaining: 'bigint',
    attempt_count: 'integer',
    next_payment_attempt: 'bigint',
    billing_reason: 'text',
    hosted_invoice_url: 'text',
    created: 'bigint',
    test_clock: 'text',
  },
}

/** What an object is from its beginning: written once. */
const fixed = ['id', 'account', 'created']

const orderColumns = { ticket: 'bigint', as_of_lo: 'bigint', as_of_hi: 'bigint', fetched: 'boolean' }

/** In one statement where all rows are there already, as nearly always; in two where some are new. */
function writer([kind, ofKind]: [string, Readonly<Record<string, string>>]): string {
  const all = { ...ofKind, ...orderColumns }
  const names = Object.keys(all)
  const typed = Object.entries(all).map(([name, type]) => `${name} ${type}`)
  const value = (name: string) => (name === 'ticket' ? "coalesce(n.ticket, nextval('dues.ticket'))" : `n.${name}`)
  const changed = names.filter((name) => !fixed.includes(name)).map((name) => `${name} = ${value(name)}`)
  const customer = kind === 'customer' ? 'id' : 'customer'
  const rows = `json_to_recordset(changes) as c (expected bigint, ${typed.join(', ')})`
  return `create or replace function dues.put_${kind}s(changes json, out tickets jsonb, out customers text[]) language plpgsql as $$
declare
  added jsonb;
  their_customers text[];
begin
  with written as (
    update dues.${kind} r set ${changed.join(', ')}
    from (select * from ${rows} where expected is not null order by id) n
    where r.id = n.id and r.ticket = n.expected returning r.*)
  select coalesce(jsonb_object_agg(id, ticket), '{}'), array_agg(${customer}) into tickets, customers from written;
  if json_array_length(changes) = cardinality(customers) then return; end if;
  with written as (
    insert into dues.${kind} as r (${names.join(', ')})
    select ${names.map(value).join(', ')}
    from (select * from ${rows} where expected is null order by id) n
    on conflict (id) do nothing returning r.*)
  select coalesce(jsonb_object_agg(id, ticket), '{}'), array_agg(${customer}) into added, their_customers from written;
  tickets := tickets || added;
  customers := customers || their_customers;
  if json_array_length(changes) is distinct from cardinality(customers) then perform dues.stale('a ${kind}'); end if;
end
$$;`
}

export const functions = `
-- Everything that a batch is decided on.
create or replace function dues.load(events text[], customers text[], subscriptions text[], invoices text[], owners text[])
returns json language plpgsql stable
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return json_build_object(
    'known', (select coalesce(json_agg(id), '[]') from dues.inbox where id = any(events) and state <> 'dead'),
    'customer', (select coalesce(json_agg(r), '[]') from dues.customer r where id = any(customers)),
    'subscription', (select coalesce(json_agg(r), '[]') from dues.subscription r where id = any(subscriptions)),
    'invoice', (select coalesce(json_agg(r), '[]') from dues.invoice r where id = any(invoices)),
    'owners', (select coalesce(json_agg(json_build_object('customer', customer, 'owner', owner)), '[]')
               from dues.owner_customer where customer = any(owners)),
    'began', (select value -> 'began' from dues.cursor where name = 'events'));
end
$$;

create or replace function dues.stale(what text) returns void language plpgsql as $$
begin
  raise exception 'somebody was quicker: %', what using errcode = 'DUE01';
end
$$;

-- Each of the next three, in the settings of the one that calls it, puts the rows in place that are still what they were decided on, in
-- the order of their ids, so that of two batches one waits for the other and never both; a row that is not any more makes the whole batch
-- stale.
${Object.entries(columns).map(writer).join('\n')}

-- Has an owner looked at who may pay for two memberships, or have a trial that nobody has decided on. First what is the owner's, and then
-- of that what is live: on a new database, which has no statistics, the planner would begin with all that is live of everybody.
create or replace function dues.suspect_owner(who text) returns void language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  suspicious boolean;
begin
  -- Of two transactions that bring one subscription each, neither would see the other's: the second waits here, and then does.
  perform pg_advisory_xact_lock(hashtext('dues.owner'), hashtext(who));
  with theirs as materialized (
    select id, account, status from dues.subscription
    where customer = any(array(select customer from dues.owner_customer where owner = who)))
  select count(*) > 1 or coalesce(bool_or(status = 'trialing'
      and not exists (select from dues.trial t where t.subscription = theirs.id)), false)
    into suspicious from theirs
    where account is null and status in ('active', 'trialing', 'past_due', 'unpaid', 'paused');
  if suspicious then
    insert into dues.suspect (owner) values (who) on conflict (owner) do update set noticed = excluded.noticed;
  end if;
end
$$;

-- Many owners are several messages: one has room for 8,000 bytes. Where no process remembers anything nobody is told: of transactions that
-- notify one commits at a time, which costs eight writers a fifth of what they write.
create or replace function dues.tell_owners(owners text[]) returns void language plpgsql as $$
declare
  told text;
begin
  if not exists (select from dues.listener where until > now()) then return; end if;
  for n in 1..cardinality(owners) by 50 loop
    told := to_json(owners[n : n + 49]);
    perform pg_notify('dues_membership', case when octet_length(told) < 8000 then told else '*' end);
  end loop;
end
$$;

-- Writes a batch, whole or not at all, and tells every process whose membership it changes: once for each batch and not for each row, for
-- deliveries come by the thousand. Payloads are one string of bytes, each event saying where its own begins and how long it is: as a part
-- of the JSON they would be escaped and read twice.
create or replace function dues.write(
  events json, payloads bytea, customers json, subscriptions json, invoices json, transitions json, links json,
  settled text[]
) returns json language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  claimed integer;
  recorded json := '[]';
  put record;
  customer_tickets jsonb;
  subscription_tickets jsonb;
  invoice_tickets jsonb;
  changed text[];
  owners text[];
begin
  if events is not null then
    insert into dues.inbox as i (id, type, account, created, kind, object, tells, state, error, payload)
      select e.id, e.type, e.account, e.created, e.kind, e.object, e.tells, e.state, e.error,
        convert_from(substr(payloads, e.at, e.length), 'UTF8')
      from json_to_recordset(events) as e (id text, type text, account text, created bigint, kind text, object text,
        tells text, state text, error text, at integer, length integer)
      order by e.id
      on conflict (id) do update set state = excluded.state, error = excluded.error, kind = excluded.kind,
        object = excluded.object, tells = excluded.tells, attempts = i.attempts + 1, ticket = nextval('dues.ticket')
      where i.state = 'dead';
    get diagnostics claimed = row_count;
    if claimed <> json_array_length(events) then perform dues.stale('an event'); end if;
  end if;
  -- Assigned, not selected from: PostgreSQL then calls the function itself, without a query around it.
  if customers is not null then
    put := dues.put_customers(customers);
    customer_tickets := put.tickets;
  end if;
  if subscriptions is not null then
    put := dues.put_subscriptions(subscriptions);
    subscription_tickets := put.tickets;
    changed := put.customers;
  end if;
  if invoices is not null then
    put := dues.put_invoices(invoices);
    invoice_tickets := put.tickets;
    -- An invoice counts only while its subscription is past due: that is when access hangs on it.
    changed := changed || array(
      select s.customer from dues.subscription s where s.customer = any(put.customers) and s.status = 'past_due');
  end if;
  if links is not null then
    -- Of several customers of one owner the first is current. Two processes that both think so meet at the unique index:
    -- one of them gets its error and decides again. The owner's is looked up and not asked for with "exists": of that the planner may
    -- make a table of all that are current.
    insert into dues.owner_customer (customer, owner, current)
      select customer, owner, row_number() over (partition by owner order by customer) = 1
        and (select o.current from dues.owner_customer o where o.owner = l.owner and o.current) is null
      from json_to_recordset(links) as l (customer text, owner text) on conflict (customer) do nothing;
  end if;
  if settled is not null then
    update dues.inbox set state = 'applied', error = null where id = any(settled) and state = 'waiting';
  end if;
  if transitions is not null then
    with made as (
      insert into dues.transition (key, type, customer, subscription, at, before, after, detail, hooked)
      select key, type, customer, subscription, at, before, after, detail, hooked
      from json_populate_recordset(null::dues.transition, transitions)
      on conflict (key) do nothing returning key)
    select coalesce(json_agg(key), '[]') into recorded from made;
  end if;
  if cardinality(changed) > 0 then
    owners := array(select distinct o.owner from dues.owner_customer o where o.customer = any(changed));
    if cardinality(owners) > 0 then perform dues.tell_owners(owners); end if;
  end if;
  return json_build_object('recorded', recorded, 'customer', customer_tickets, 'subscription', subscription_tickets,
    'invoice', invoice_tickets, 'owners', coalesce(owners, '{}'));
end
$$;

-- The same for a batch that was decided on what a process remembered. If that is not so any more, nothing is written
-- and what is there comes back: a wrong guess costs no round trip more than not guessing.
create or replace function dues.try_write(
  needs json, events json, payloads bytea, customers json, subscriptions json, invoices json, transitions json,
  links json, settled text[]
) returns json language plpgsql as $$
begin
  return dues.write(events, payloads, customers, subscriptions, invoices, transitions, links, settled);
exception when sqlstate 'DUE01' then
  return json_build_object('loaded', dues.load(
    array(select json_array_elements_text(needs -> 'events')),
    array(select json_array_elements_text(needs -> 'customer')),
    array(select json_array_elements_text(needs -> 'subscription')),
    array(select json_array_elements_text(needs -> 'invoice')),
    array(select json_array_elements_text(needs -> 'owners'))));
end
$$;
`
