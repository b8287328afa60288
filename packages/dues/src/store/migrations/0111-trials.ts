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
`,
}
