import type { Migration } from '../migrate.ts'

/**
 * The schema that pg-boss makes its tables in. It would make it itself, but of several processes that begin on an empty database all but one
 * fail: each has looked and found none before it waits for the others, and PostgreSQL does not look again.
 */
export const jobsSchema: Migration = {
  id: '0150_jobs_schema',
  sql: `
create schema if not exists dues_jobs;
`,
}
