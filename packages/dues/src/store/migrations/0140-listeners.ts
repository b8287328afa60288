import type { Migration } from '../migrate.ts'

/** Processes that remember memberships and have to be told of changes. While there is none, nobody is told. */
export const listeners: Migration = {
  id: '0140_listeners',
  sql: `
create table dues.listener (
  process text primary key,
  until timestamptz not null
);
`,
}
