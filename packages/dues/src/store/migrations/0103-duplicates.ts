import type { Migration } from '../migrate.ts'

/**
 * Owners who may be paying twice, and the subscriptions that are being ended for it. A trigger notices them, so that it happens in the
 * very statement that brought the second subscription, whichever way it came, and costs the others nothing. Whom they suspect says
 * `dues.suspect_owner`, which is in `functions.ts`.
 */
export const duplicates: Migration = {
  id: '0103_duplicates',
  sql: `
-- Somebody with two live subscriptions. Whether both are plans, the catalogue knows and a job asks it.
create table dues.suspect (
  owner text primary key,
  noticed bigint not null default nextval('dues.ticket'),
  -- The \`noticed\` that a job was made for.
  asked bigint
);

-- A subscription that is being ended because a newer one was paid too. Written down before Stripe is told, so that whoever goes on
-- after a crash gives back the same money in the same way.
create table dues.duplicate (
  subscription text primary key,
  owner text not null,
  kept text not null,
  -- When the newer one began, in Stripe's seconds: what was paid for later was paid twice.
  since bigint not null,
  money text not null check (money in ('refund', 'credit', 'keep')),
  key text not null,
  settled_at timestamptz
);
create index duplicate_open on dues.duplicate (owner) where settled_at is null;

create function dues.notice_subscription() returns trigger language plpgsql as $$
declare
  who text;
begin
  -- The link to the owner may be on its way in another transaction.
  perform pg_advisory_xact_lock(hashtext('dues.customer'), hashtext(new.customer));
  select owner into who from dues.owner_customer where customer = new.customer;
  if who is not null then perform dues.suspect_owner(who); end if;
  return null;
end
$$;

create function dues.notice_link() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtext('dues.customer'), hashtext(new.customer));
  perform dues.suspect_owner(new.owner);
  return null;
end
$$;

create trigger notice_new after insert on dues.subscription for each row
  when (new.status in ('active', 'trialing', 'past_due', 'unpaid', 'paused'))
  execute function dues.notice_subscription();
create trigger notice_changed after update on dues.subscription for each row
  when (new.status in ('active', 'trialing', 'past_due', 'unpaid', 'paused')
    and (old.status is distinct from new.status or old.items is distinct from new.items))
  execute function dues.notice_subscription();
create trigger notice_link after insert on dues.owner_customer for each row execute function dues.notice_link();
`,
}
