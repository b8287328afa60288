import type { Migration } from '../migrate.ts'

/**
 * An event is about three kilobytes. Kept in the row it costs half of what compressing it does. A subscription changes often and seldom in
 * what it is found by: with room left on its page the new row goes beside the old one, and no index is told.
 */
export const write: Migration = {
  id: '0002_write',
  sql: `
alter table dues.inbox set (toast_tuple_target = 8160);
alter table dues.inbox alter column payload set storage external;
alter table dues.subscription set (fillfactor = 70);
`,
}
