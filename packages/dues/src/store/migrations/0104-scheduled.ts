import type { Migration } from '../migrate.ts'

/** What the schedule of a subscription will change next, and the writer that keeps it. */
export const scheduled: Migration = {
  id: '0104_scheduled',
  sql: `
alter table dues.subscription add column scheduled jsonb;

create or replace function dues.write_subscriptions(changes json) returns json language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  n record;
  written bigint;
  tickets jsonb := '{}';
begin
  for n in select * from json_to_recordset(changes) as c (expected bigint, id text, account text, customer text,
    status text, items jsonb, created bigint, start_date bigint, cancel_at bigint, cancel_at_period_end boolean,
    canceled_at bigint, ended_at bigint, trial_start bigint, trial_end bigint, pause_collection boolean,
    collection_method text, latest_invoice text, schedule text, scheduled jsonb, metadata jsonb, test_clock text,
    ticket bigint, as_of_lo bigint, as_of_hi bigint, fetched boolean) order by id
  loop
    n.ticket := coalesce(n.ticket, nextval('dues.ticket'));
    if n.expected is null then
      insert into dues.subscription (id, account, customer, status, items, created, start_date, cancel_at,
        cancel_at_period_end, canceled_at, ended_at, trial_start, trial_end, pause_collection, collection_method,
        latest_invoice, schedule, scheduled, metadata, test_clock, ticket, as_of_lo, as_of_hi, fetched)
      values (n.id, n.account, n.customer, n.status, n.items, n.created, n.start_date, n.cancel_at,
        n.cancel_at_period_end, n.canceled_at, n.ended_at, n.trial_start, n.trial_end, n.pause_collection,
        n.collection_method, n.latest_invoice, n.schedule, n.scheduled, n.metadata, n.test_clock, n.ticket, n.as_of_lo,
        n.as_of_hi, n.fetched)
      on conflict (id) do nothing returning ticket into written;
    else
      update dues.subscription set customer = n.customer, status = n.status, items = n.items,
        start_date = n.start_date, cancel_at = n.cancel_at, cancel_at_period_end = n.cancel_at_period_end,
        canceled_at = n.canceled_at, ended_at = n.ended_at, trial_start = n.trial_start, trial_end = n.trial_end,
        pause_collection = n.pause_collection, collection_method = n.collection_method,
        latest_invoice = n.latest_invoice, schedule = n.schedule, scheduled = n.scheduled,
        metadata = n.metadata, test_clock = n.test_clock, ticket = n.ticket, as_of_lo = n.as_of_lo, as_of_hi = n.as_of_hi, fetched = n.fetched
      where id = n.id and ticket = n.expected returning ticket into written;
    end if;
    if written is null then perform dues.stale(n.id); end if;
    tickets := tickets || jsonb_build_object(n.id, written);
  end loop;
  return tickets;
end
$$;
`,
}
