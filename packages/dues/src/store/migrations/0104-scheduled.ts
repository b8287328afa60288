import type { Migration } from '../migrate.ts'

/** What the schedule of a subscription will change next. */
export const scheduled: Migration = {
  id: '0104_scheduled',
  sql: `
alter table dues.subscription add column scheduled jsonb;
`,
}
