import type { Migration } from '../migrate.ts'

/** What was planned for a subscription, while a change is made that its schedule has to be taken away for. */
export const replans: Migration = {
  id: '0130_replans',
  sql: `
create table dues.replan (
  subscription text primary key,
  -- [{price, quantity}] each: what the subscription had before the change, what was planned, and what of it is still wanted after the change
  -- (null: nothing).
  before jsonb not null,
  planned jsonb not null,
  kept jsonb,
  -- Unix seconds; 0 when whoever wrote it has given up.
  at bigint not null
);
`,
}
