import type { Migration } from '../migrate.ts'

/** Whether somebody has looked, since a purchase was reserved, that no other had been made just before: only then anything is bought for it. */
export const looked: Migration = {
  id: '0152_looked',
  sql: 'alter table dues.checkout add column looked boolean not null default false',
}
