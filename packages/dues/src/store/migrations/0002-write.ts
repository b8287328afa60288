import type { Migration } from '../migrate.ts'

/** An event is about three kilobytes. Kept in the row it costs half of what compressing it does. */
export const write: Migration = {
  id: '0002_write',
  sql: `
alter table dues.inbox set (toast_tuple_target = 8160);
alter table dues.inbox alter column payload set storage external;
`,
}
