import type { Migration } from '../migrate.ts'

/**
 * The inbox, the mirror and the transitions. Times of Stripe's are Unix seconds in `bigint`, amounts are minor units.
 * The mirror's three tables share `ticket`, `as_of_lo`, `as_of_hi` and `fetched`: see "Order" in ARCHITECTURE.md.
 */
export const mirror: Migration = {
  id: '0001_mirror',
  sql: `
create sequence dues.ticket;

create table dues.inbox (
  id text primary key,
  type text not null,
  account text,
  created bigint not null,
  kind text,
  object text,
  tells text,
  state text not null check (state in ('applied', 'waiting', 'dead')),
  ticket bigint not null default nextval('dues.ticket'),
  attempts integer not null default 0,
  error text,
  payload text not null,
  received_at timestamptz not null default now()
);
create index inbox_waiting on dues.inbox (kind, object) where state = 'waiting';
create index inbox_dead on dues.inbox (received_at) where state = 'dead';
-- Pruned by age; a block range index costs an insert next to nothing.
create index inbox_received on dues.inbox using brin (received_at);

create table dues.customer (
  id text primary key,
  account text,
  deleted boolean not null,
  email text,
  name text,
  default_payment_method text,
  metadata jsonb not null,
  created bigint,
  test_clock text,
  ticket bigint not null,
  as_of_lo bigint not null,
  as_of_hi bigint not null,
  fetched boolean not null
);

create index customer_created on dues.customer (created);

create table dues.subscription (
  id text primary key,
  account text,
  customer text not null,
  status text not null,
  items jsonb not null,
  created bigint not null,
  start_date bigint not null,
  cancel_at bigint,
  cancel_at_period_end boolean not null,
  canceled_at bigint,
  ended_at bigint,
  trial_start bigint,
  trial_end bigint,
  pause_collection boolean not null,
  collection_method text not null,
  latest_invoice text,
  schedule text,
  metadata jsonb not null,
  test_clock text,
  ticket bigint not null,
  as_of_lo bigint not null,
  as_of_hi bigint not null,
  fetched boolean not null
);
create index subscription_customer on dues.subscription (customer);
create index subscription_created on dues.subscription (created);

create table dues.invoice (
  id text primary key,
  account text,
  customer text not null,
  subscription text,
  deleted boolean not null,
  status text,
  number text,
  currency text not null,
  total bigint not null,
  amount_due bigint not null,
  amount_paid bigint not null,
  amount_remaining bigint not null,
  attempt_count integer not null,
  next_payment_attempt bigint,
  billing_reason text,
  hosted_invoice_url text,
  created bigint not null,
  test_clock text,
  ticket bigint not null,
  as_of_lo bigint not null,
  as_of_hi bigint not null,
  fetched boolean not null
);
create index invoice_customer on dues.invoice (customer, created);
create index invoice_unsettled on dues.invoice (created) where status in ('draft', 'open') and not deleted;

-- Whose a customer is. An owner may have had several customers; one is current.
create table dues.owner_customer (
  customer text primary key,
  owner text not null,
  current boolean not null default true,
  linked_at timestamptz not null default now()
);
create unique index owner_customer_current on dues.owner_customer (owner) where current;
create index owner_customer_owner on dues.owner_customer (owner);

create table dues.transition (
  key text primary key,
  type text not null,
  customer text not null,
  subscription text,
  at bigint not null,
  before jsonb,
  after jsonb,
  detail jsonb not null,
  hooked boolean not null,
  ticket bigint not null default nextval('dues.ticket'),
  recorded_at timestamptz not null default now()
);
create index transition_customer on dues.transition (customer, ticket);

-- What a reconcile found different, and what it did about it.
create table dues.drift (
  id bigint generated always as identity primary key,
  run bigint not null,
  kind text not null,
  object text not null,
  difference jsonb not null,
  mended boolean not null,
  found_at timestamptz not null default now()
);
create index drift_run on dues.drift (run);

-- Where something that reads on left off.
create table dues.cursor (
  name text primary key,
  value jsonb not null,
  updated_at timestamptz not null default now()
);
`,
}
