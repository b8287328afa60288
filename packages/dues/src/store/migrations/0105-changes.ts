import type { Migration } from '../migrate.ts'

/**
 * Tells every process whose membership has changed, in the very transaction that changes it: PostgreSQL sends a notification when it
 * commits, and never when it does not. The payload is a list of owners as JSON, or `*` for everybody.
 */
export const changes: Migration = {
  id: '0105_changes',
  sql: `
-- Many owners are several messages: one has room for 8,000 bytes.
create function dues.tell_owners(owners text[]) returns void language plpgsql as $$
declare
  told text;
begin
  for told in
    select json_agg(owner)::text from unnest(owners) with ordinality as o (owner, n) group by (n - 1) / 50
  loop
    perform pg_notify('dues_membership', case when octet_length(told) < 8000 then told else '*' end);
  end loop;
end
$$;

-- Whose membership a batch has changed. An invoice counts only while its subscription is past due: that is when access hangs on it.
create function dues.owners_of(subscriptions json, invoices json) returns text[] language plpgsql stable
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  changed text[];
begin
  if subscriptions is not null then
    select array_agg(s ->> 'customer') into changed from json_array_elements(subscriptions) s;
  end if;
  if invoices is not null then
    changed := changed || array(select i ->> 'customer' from json_array_elements(invoices) i
      where exists (select from dues.subscription s where s.customer = i ->> 'customer' and s.status = 'past_due'));
  end if;
  return case when changed is null then null
    else array(select distinct owner from dues.owner_customer where customer = any(changed)) end;
end
$$;

-- The writer goes on under another name, and what is called by its name tells of it as well. Deliveries come by the thousand,
-- so this is once for each batch and not once for each row.
alter function dues.write(json, bytea, json, json, json, json, json, text[]) rename to write_batch;

create function dues.write(
  events json, payloads bytea, customers json, subscriptions json, invoices json, transitions json, links json,
  settled text[]
) returns json language plpgsql as $$
declare
  written json;
  owners text[];
begin
  written := dues.write_batch(events, payloads, customers, subscriptions, invoices, transitions, links, settled);
  if subscriptions is not null or invoices is not null then
    owners := dues.owners_of(subscriptions, invoices);
    if cardinality(owners) > 0 then perform dues.tell_owners(owners); end if;
  end if;
  return json_build_object('written', written, 'owners', coalesce(owners, '{}'));
end
$$;

-- What is written seldom is noticed row by row, whoever writes it.
create function dues.tell_row() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then perform dues.tell_owners(array[old.owner]); end if;
  if tg_op <> 'DELETE' then perform dues.tell_owners(array[new.owner]); end if;
  return null;
end
$$;

create function dues.tell_removed() returns trigger language plpgsql as $$
begin
  perform dues.tell_owners(array(select owner from dues.owner_customer where customer = old.customer));
  return null;
end
$$;

create trigger tell_link after insert or update or delete on dues.owner_customer for each row execute function dues.tell_row();
create trigger tell_grant after insert or update or delete on dues.granted for each row execute function dues.tell_row();
create trigger tell_removed after delete on dues.subscription for each row execute function dues.tell_removed();
`,
}
