import type { Migration } from '../migrate.ts'

/** Which price at Stripe each offer of the catalogue was last found to be, so that an app can start while Stripe is down. */
export const prices: Migration = {
  id: '0102_prices',
  sql: `
create table dues.price (
  offer text primary key,
  id text not null,
  product text not null
);
`,
}
