import type { Migration } from '../migrate.ts'

/** Money that goes back with the end of a subscription: written down before the end, paid after it. */
export const endRefunds: Migration = {
  id: '0122_end_refunds',
  sql: `
create table dues.end_refund (
  subscription text primary key,
  owner text not null,
  -- What was asked for, as it was asked for.
  wish text not null,
  -- [{invoice, amount}], in minor units.
  parts jsonb not null,
  -- Unix seconds.
  at bigint not null,
  settled_at timestamptz
);
create index end_refund_open on dues.end_refund (owner) where settled_at is null;
`,
}
