import type { Migration } from '../migrate.ts'

/**
 * Trials that were looked at, and the cards that have had one. Whoever has a trial that nobody has looked at is noticed as one with two
 * subscriptions is, in the statement that brought it.
 */
export const trials: Migration = {
  id: '0111_trials',
  sql: `
-- The first owner who had a trial with a card, by Stripe's fingerprint of its number.
create table dues.trial_card (
  fingerprint text primary key,
  owner text not null,
  subscription text not null,
  started bigint not null
);

-- A trial that was decided on. One that is refused is written down before Stripe is told, and settled when its owner is told.
create table dues.trial (
  subscription text primary key,
  owner text not null,
  refused boolean not null,
  key text not null,
  before jsonb,
  -- What was charged in its place, in minor units.
  amount bigint,
  settled_at timestamptz
);
create index trial_open on dues.trial (owner) where settled_at is null;

create or replace function dues.suspect_owner(who text) returns void language plpgsql as $$
begin
  -- Of two transactions that bring one subscription each, neither would see the other's: the second waits here, and then does.
  perform pg_advisory_xact_lock(hashtext('dues.owner'), hashtext(who));
  if (select count(*) from (
    select from dues.subscription s join dues.owner_customer o using (customer)
    where o.owner = who and s.account is null and s.status in ('active', 'trialing', 'past_due', 'unpaid', 'paused')
    limit 2) two) > 1
  or exists (
    select from dues.subscription s join dues.owner_customer o using (customer)
    where o.owner = who and s.account is null and s.status = 'trialing'
      and not exists (select from dues.trial t where t.subscription = s.id))
  then
    insert into dues.suspect (owner) values (who) on conflict (owner) do update set noticed = excluded.noticed;
  end if;
end
$$;
`,
}
