import type { Migration } from '../migrate.ts'

/**
 * What a subscription is to, in a column of its own. An index over `items` was told of every renewal, since an item shows its period, and so was
 * every other index of the row: it could not go beside its old version. The trigger that looks for what is paid twice ran for each, too.
 * `dues.sold` stays for processes of the last version.
 */
export const sold: Migration = {
  id: '0151_sold',
  sql: `
drop index dues.subscription_sold;
alter table dues.subscription add column sold text[] not null default '{}';
alter table dues.subscription disable trigger notice_changed;
update dues.subscription set sold = dues.sold(items);
alter table dues.subscription enable trigger notice_changed;
create index subscription_sold on dues.subscription using gin (sold);

drop trigger notice_changed on dues.subscription;
create trigger notice_changed after update on dues.subscription for each row
  when (new.status in ('active', 'trialing', 'past_due', 'unpaid', 'paused')
    and (old.status is distinct from new.status or old.sold is distinct from new.sold))
  execute function dues.notice_subscription();
`,
}
