import type { Migration } from '../migrate.ts'

/**
 * Who pays, what is being made for them at Stripe, and what was given to them by hand. Times are Unix seconds by the app's clock,
 * which is Stripe's. A key is written down before Stripe is asked under it, so that a crash, a second tab and another process repeat
 * the very same request, and Stripe answers with the one object that it made.
 */
export const owners: Migration = {
  id: '0101_owners',
  sql: `
create table dues.owner (
  id text primary key,
  email text,
  name text,
  customer_key text,
  customer_request jsonb,
  customer_requested_at bigint
);

-- The one Checkout of an owner that may be open. A row without a session is one whose making was begun.
create table dues.checkout (
  owner text primary key references dues.owner (id) on delete cascade,
  key text not null,
  intent text not null,
  request jsonb not null,
  requested_at bigint not null,
  session text
);
create index checkout_session on dues.checkout (session);

create table dues.granted (
  id bigint generated always as identity primary key,
  owner text not null,
  plan text not null,
  reason text not null,
  granted_at bigint not null,
  ends_at bigint
);
create index granted_owner on dues.granted (owner);
`,
}
