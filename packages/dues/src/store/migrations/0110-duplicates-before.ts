import type { Migration } from '../migrate.ts'

/** What a subscription was before it was ended as a duplicate: its transition tells of that, whoever gets to tell it. */
export const duplicatesBefore: Migration = {
  id: '0110_duplicates_before',
  sql: `
alter table dues.duplicate add column before jsonb;
`,
}
