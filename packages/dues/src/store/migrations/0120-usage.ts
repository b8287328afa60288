import type { Migration } from '../migrate.ts'

/**
 * How much of its counted features an owner has used, by period, and the uses that have to be known one by one: those with a key,
 * so that asking twice counts once, and those that Stripe has to be told of.
 */
export const usage: Migration = {
  id: '0120_usage',
  sql: `
create table dues.usage (
  owner text not null,
  feature text not null,
  -- When the period began, in Unix seconds; 0 for what is never reset.
  period bigint not null,
  used bigint not null check (used >= 0),
  primary key (owner, feature, period)
);

create table dues.usage_entry (
  id bigint generated always as identity primary key,
  owner text not null,
  feature text not null,
  period bigint not null,
  -- Below 0 for what was given back.
  amount bigint not null,
  given_back boolean not null,
  key text,
  at bigint not null,
  -- The event name of a billing meter, and whom it charges; null where nobody has to be told.
  meter text,
  customer text,
  -- By this Stripe knows it again. Of no sequence: two apps on one account, or a database that was made anew, must not use one twice.
  identifier uuid not null default gen_random_uuid(),
  tried_at timestamptz,
  reported_at timestamptz,
  recorded_at timestamptz not null default now()
);
create unique index usage_entry_key on dues.usage_entry (owner, feature, given_back, key) where key is not null;
create index usage_entry_recorded on dues.usage_entry using brin (recorded_at);

-- Counts a use, or refuses it, in one call: the row of the counter is locked for as long as this runs and no longer. Whoever comes
-- at the same moment waits for that, and then meets the limit with what is left.
create function dues.use_feature(
  who text, what text, since bigint, n bigint, most bigint, once text, moment bigint, event text, payer text
) returns json language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
  entry bigint;
  earlier bigint;
  total bigint;
begin
  if once is not null or event is not null then
    insert into dues.usage_entry (owner, feature, period, amount, given_back, key, at, meter, customer)
      values (who, what, since, n, false, once, moment, event, payer)
      on conflict (owner, feature, given_back, key) where key is not null do nothing returning id into entry;
    if entry is null then
      select amount into earlier from dues.usage_entry
        where owner = who and feature = what and not given_back and key = once;
      return json_build_object('outcome', case when earlier = n then 'repeated' else 'another' end,
        'used', dues.used_of(who, what, since));
    end if;
  end if;
  insert into dues.usage as u (owner, feature, period, used) select who, what, since, n where most is null or n <= most
    on conflict (owner, feature, period) do update set used = u.used + excluded.used
      where most is null or u.used + excluded.used <= most
    returning u.used into total;
  if total is null then
    -- A use that was refused leaves nothing behind: under the same key it may be asked for again.
    delete from dues.usage_entry where id = entry;
    return json_build_object('outcome', 'refused', 'used', dues.used_of(who, what, since));
  end if;
  return json_build_object('outcome', 'counted', 'used', total, 'entry', entry);
end
$$;

-- Gives back, down to 0 and not below.
create function dues.release_feature(
  who text, what text, since bigint, n bigint, once text, moment bigint, event text, payer text
) returns json language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
  entry bigint;
  was bigint;
begin
  if once is not null then
    insert into dues.usage_entry (owner, feature, period, amount, given_back, key, at)
      values (who, what, since, -n, true, once, moment)
      on conflict (owner, feature, given_back, key) where key is not null do nothing returning id into entry;
    if entry is null then
      return json_build_object('outcome', 'repeated', 'used', dues.used_of(who, what, since));
    end if;
  end if;
  select used into was from dues.usage where owner = who and feature = what and period = since for update;
  was := coalesce(was, 0);
  update dues.usage set used = was - least(was, n) where owner = who and feature = what and period = since;
  if event is not null and was > 0 then
    if entry is null then
      insert into dues.usage_entry (owner, feature, period, amount, given_back, at, meter, customer)
        values (who, what, since, -least(was, n), true, moment, event, payer) returning id into entry;
    else
      update dues.usage_entry set amount = -least(was, n), meter = event, customer = payer where id = entry;
    end if;
  else
    entry := null;
  end if;
  return json_build_object('outcome', 'counted', 'used', was - least(was, n), 'entry', entry);
end
$$;

create function dues.used_of(who text, what text, since bigint) returns bigint language sql stable as $$
  select coalesce((select used from dues.usage where owner = who and feature = what and period = since), 0)
$$;
`,
}
