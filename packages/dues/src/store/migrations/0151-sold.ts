import type { Migration } from '../migrate.ts'

/**
 * The prices and products that a subscription is to, in a column of their own. An index over `items` was told of every renewal, since an item shows
 * its period, and so was every other index of the row: it could not go beside its old version. The trigger that looks for what is paid twice
 * ran for each, too. `dues.sold` stays for processes of the last version.
 */
export const sold: Migration = {
  id: '0151_sold',
  sql: `
alter table dues.subscription add column sold jsonb
  generated always as (jsonb_path_query_array(items, '$[*].price') || jsonb_path_query_array(items, '$[*].product')) stored;
drop index dues.subscription_sold;
create index subscription_sold on dues.subscription using gin (sold);

drop trigger notice_changed on dues.subscription;
create trigger notice_changed after update on dues.subscription for each row
  when (new.status in ('active', 'trialing', 'past_due', 'unpaid', 'paused')
    and (old.status is distinct from new.status or old.sold is distinct from new.sold))
  execute function dues.notice_subscription();
`,
}
