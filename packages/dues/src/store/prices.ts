import type { Executor } from './database.ts'

/** The price that an offer, named by its lookup key, has at Stripe. */
export type PriceRow = { offer: string; id: string; product: string }

export async function savePrices(executor: Executor, prices: readonly PriceRow[]): Promise<void> {
  await executor.query(
    `insert into dues.price (offer, id, product)
     select offer, id, product from jsonb_to_recordset($1::jsonb) as p (offer text, id text, product text)
     on conflict (offer) do update set id = excluded.id, product = excluded.product`,
    [JSON.stringify(prices)],
  )
}

export const knownPrices = (executor: Executor): Promise<PriceRow[]> =>
  executor.query<PriceRow>('select offer, id, product from dues.price')
