import type { Migration } from '../migrate.ts'

/** Whose customers shall be that a backfill found, before any of them is. Filled and read page by page; empty when none is under way. */
export const adoption: Migration = {
  id: '0106_adoption',
  sql: `
create table dues.adoption (
  customer text primary key,
  owner text not null
);
create index adoption_owner on dues.adoption (owner);
`,
}
