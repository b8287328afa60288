import type { Migration } from '../migrate.ts'

/** Finds members by their state and their plan without looking at all the others. */
export const members: Migration = {
  id: '0121_members',
  sql: `
-- The prices and products that a subscription is to: what a plan is recognised by.
create function dues.sold(items jsonb) returns text[] language sql immutable parallel safe as $$
  select array(select i ->> 'price' from jsonb_array_elements(items) i
    union select i ->> 'product' from jsonb_array_elements(items) i)
$$;

create index subscription_status on dues.subscription (status, created desc, id desc);
create index subscription_sold on dues.subscription using gin (dues.sold(items));
`,
}
