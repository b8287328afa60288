import type { Migration } from '../migrate.ts'

/**
 * Tells every process whose membership has changed, in the very transaction that changes it: PostgreSQL sends a notification when it
 * commits, and never when it does not. The payload is a list of owners as JSON, or `*` for everybody.
 */
export const changes: Migration = {
  id: '0105_changes',
  sql: `
-- What is written seldom is noticed row by row, whoever writes it.
create function dues.tell_row() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then perform dues.tell_owners(array[old.owner]); end if;
  if tg_op <> 'DELETE' then perform dues.tell_owners(array[new.owner]); end if;
  return null;
end
$$;

create function dues.tell_removed() returns trigger language plpgsql as $$
begin
  perform dues.tell_owners(array(select owner from dues.owner_customer where customer = old.customer));
  return null;
end
$$;

create trigger tell_link after insert or update or delete on dues.owner_customer for each row execute function dues.tell_row();
create trigger tell_grant after insert or update or delete on dues.granted for each row execute function dues.tell_row();
create trigger tell_removed after delete on dues.subscription for each row execute function dues.tell_removed();
`,
}
