import type { Migration } from '../migrate.ts'

/**
 * Reading and writing a batch, each one call. As functions, because a session keeps their plans (a statement of this
 * size takes longer to plan than to run) without prepared statements, which connection poolers do not like; and because
 * a function that finds that it must not write can answer with what is there instead, in the same round trip.
 */
export const write: Migration = {
  id: '0002_write',
  sql: `
-- An event is about three kilobytes. Kept in the row it costs half of what compressing it does.
alter table dues.inbox set (toast_tuple_target = 8160);
alter table dues.inbox alter column payload set storage external;

-- Everything that a batch is decided on.
create function dues.load(events text[], customers text[], subscriptions text[], invoices text[], owners text[])
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

create function dues.stale(what text) returns void language plpgsql as $$
begin
  raise exception 'somebody was quicker: %', what using errcode = 'DUE01';
end
$$;

create function dues.write_customers(changes json) returns json language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  n record;
  written bigint;
  tickets jsonb := '{}';
begin
  for n in select * from json_to_recordset(changes) as c (expected bigint, id text, account text, deleted boolean,
    email text, name text, default_payment_method text, metadata jsonb, created bigint, test_clock text,
    ticket bigint, as_of_lo bigint, as_of_hi bigint, fetched boolean) order by id
  loop
    n.ticket := coalesce(n.ticket, nextval('dues.ticket'));
    if n.expected is null then
      insert into dues.customer (id, account, deleted, email, name, default_payment_method, metadata, created,
        test_clock, ticket, as_of_lo, as_of_hi, fetched)
      values (n.id, n.account, n.deleted, n.email, n.name, n.default_payment_method, n.metadata, n.created,
        n.test_clock, n.ticket, n.as_of_lo, n.as_of_hi, n.fetched)
      on conflict (id) do nothing returning ticket into written;
    else
      update dues.customer set deleted = n.deleted, email = n.email, name = n.name,
        default_payment_method = n.default_payment_method, metadata = n.metadata, test_clock = n.test_clock,
        ticket = n.ticket, as_of_lo = n.as_of_lo, as_of_hi = n.as_of_hi, fetched = n.fetched
      where id = n.id and ticket = n.expected returning ticket into written;
    end if;
    if written is null then perform dues.stale(n.id); end if;
    tickets := tickets || jsonb_build_object(n.id, written);
  end loop;
  return tickets;
end
$$;

create function dues.write_subscriptions(changes json) returns json language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  n record;
  written bigint;
  tickets jsonb := '{}';
begin
  for n in select * from json_to_recordset(changes) as c (expected bigint, id text, account text, customer text,
    status text, items jsonb, created bigint, start_date bigint, cancel_at bigint, cancel_at_period_end boolean,
    canceled_at bigint, ended_at bigint, trial_start bigint, trial_end bigint, pause_collection boolean,
    collection_method text, latest_invoice text, schedule text, metadata jsonb, test_clock text,
    ticket bigint, as_of_lo bigint, as_of_hi bigint, fetched boolean) order by id
  loop
    n.ticket := coalesce(n.ticket, nextval('dues.ticket'));
    if n.expected is null then
      insert into dues.subscription (id, account, customer, status, items, created, start_date, cancel_at,
        cancel_at_period_end, canceled_at, ended_at, trial_start, trial_end, pause_collection, collection_method,
        latest_invoice, schedule, metadata, test_clock, ticket, as_of_lo, as_of_hi, fetched)
      values (n.id, n.account, n.customer, n.status, n.items, n.created, n.start_date, n.cancel_at,
        n.cancel_at_period_end, n.canceled_at, n.ended_at, n.trial_start, n.trial_end, n.pause_collection,
        n.collection_method, n.latest_invoice, n.schedule, n.metadata, n.test_clock, n.ticket, n.as_of_lo,
        n.as_of_hi, n.fetched)
      on conflict (id) do nothing returning ticket into written;
    else
      update dues.subscription set customer = n.customer, status = n.status, items = n.items,
        start_date = n.start_date, cancel_at = n.cancel_at, cancel_at_period_end = n.cancel_at_period_end,
        canceled_at = n.canceled_at, ended_at = n.ended_at, trial_start = n.trial_start, trial_end = n.trial_end,
        pause_collection = n.pause_collection, collection_method = n.collection_method,
        latest_invoice = n.latest_invoice, schedule = n.schedule, metadata = n.metadata, test_clock = n.test_clock,
        ticket = n.ticket, as_of_lo = n.as_of_lo, as_of_hi = n.as_of_hi, fetched = n.fetched
      where id = n.id and ticket = n.expected returning ticket into written;
    end if;
    if written is null then perform dues.stale(n.id); end if;
    tickets := tickets || jsonb_build_object(n.id, written);
  end loop;
  return tickets;
end
$$;

create function dues.write_invoices(changes json) returns json language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  n record;
  written bigint;
  tickets jsonb := '{}';
begin
  for n in select * from json_to_recordset(changes) as c (expected bigint, id text, account text, customer text,
    subscription text, deleted boolean, status text, number text, currency text, total bigint, amount_due bigint,
    amount_paid bigint, amount_remaining bigint, attempt_count integer, next_payment_attempt bigint,
    billing_reason text, hosted_invoice_url text, created bigint, test_clock text,
    ticket bigint, as_of_lo bigint, as_of_hi bigint, fetched boolean) order by id
  loop
    n.ticket := coalesce(n.ticket, nextval('dues.ticket'));
    if n.expected is null then
      insert into dues.invoice (id, account, customer, subscription, deleted, status, number, currency, total,
        amount_due, amount_paid, amount_remaining, attempt_count, next_payment_attempt, billing_reason,
        hosted_invoice_url, created, test_clock, ticket, as_of_lo, as_of_hi, fetched)
      values (n.id, n.account, n.customer, n.subscription, n.deleted, n.status, n.number, n.currency, n.total,
        n.amount_due, n.amount_paid, n.amount_remaining, n.attempt_count, n.next_payment_attempt, n.billing_reason,
        n.hosted_invoice_url, n.created, n.test_clock, n.ticket, n.as_of_lo, n.as_of_hi, n.fetched)
      on conflict (id) do nothing returning ticket into written;
    else
      update dues.invoice set customer = n.customer, subscription = n.subscription, deleted = n.deleted,
        status = n.status, number = n.number, currency = n.currency, total = n.total, amount_due = n.amount_due,
        amount_paid = n.amount_paid, amount_remaining = n.amount_remaining, attempt_count = n.attempt_count,
        next_payment_attempt = n.next_payment_attempt, billing_reason = n.billing_reason,
        hosted_invoice_url = n.hosted_invoice_url, test_clock = n.test_clock,
        ticket = n.ticket, as_of_lo = n.as_of_lo, as_of_hi = n.as_of_hi, fetched = n.fetched
      where id = n.id and ticket = n.expected returning ticket into written;
    end if;
    if written is null then perform dues.stale(n.id); end if;
    tickets := tickets || jsonb_build_object(n.id, written);
  end loop;
  return tickets;
end
$$;

-- Writes a batch, whole or not at all. Payloads are one string of bytes, each event saying where its own begins and how
-- long it is: as a part of the JSON they would be escaped and read twice.
create function dues.write(
  events json, payloads bytea, customers json, subscriptions json, invoices json, transitions json, links json,
  settled text[]
) returns json language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  claimed integer;
  recorded json := '[]';
  customer_tickets json;
  subscription_tickets json;
  invoice_tickets json;
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
  if customers is not null then customer_tickets := dues.write_customers(customers); end if;
  if subscriptions is not null then subscription_tickets := dues.write_subscriptions(subscriptions); end if;
  if invoices is not null then invoice_tickets := dues.write_invoices(invoices); end if;
  if links is not null then
    -- Of several customers of one owner the first is current. Two processes that both think so meet at the unique index:
    -- one of them gets its error and decides again.
    insert into dues.owner_customer (customer, owner, current)
      select customer, owner, row_number() over (partition by owner order by customer) = 1
        and not exists (select from dues.owner_customer o where o.owner = l.owner and o.current)
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
  return json_build_object('recorded', recorded, 'customer', customer_tickets, 'subscription', subscription_tickets,
    'invoice', invoice_tickets);
end
$$;

-- The same for a batch that was decided on what a process remembered. If that is not so any more, nothing is written
-- and what is there comes back: a wrong guess costs no round trip more than not guessing.
create function dues.try_write(
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
`,
}
