import type { Executor } from './database.ts'

/** A refund that goes with the end of a subscription. */
export type EndRefund = {
  subscription: string
  owner: string
  /** What was asked for. */
  wish: string
  /** How much of which invoice goes back, in minor units. */
  parts: { invoice: string; amount: number }[]
  /** When it was decided, in Unix seconds. */
  at: number
}

/** For how long a refund waits for the end that it goes with. An end that comes later is another's. */
export const endRefundLasts = 3600

/** Writes down what goes back. Of two clicks the first decides; another wish, or one that has waited for too long, is replaced. */
export async function recordEndRefund(executor: Executor, refund: EndRefund): Promise<void> {
  const { subscription, owner, wish, parts, at } = refund
  await executor.query(
    `insert into dues.end_refund as r (subscription, owner, wish, parts, at) values ($1, $2, $3, $4::jsonb, $5)
     on conflict (subscription) do update set wish = excluded.wish, parts = excluded.parts, at = excluded.at
       where r.settled_at is null and (r.wish <> excluded.wish or r.at < excluded.at - ${endRefundLasts})`,
    [subscription, owner, wish, JSON.stringify(parts), at],
  )
}

/** What has not gone back yet: of an owner, or of one subscription. */
export async function openEndRefunds(
  executor: Executor,
  of: { owner: string } | { subscription: string },
): Promise<EndRefund[]> {
  const [column, value] = 'owner' in of ? ['owner', of.owner] : ['subscription', of.subscription]
  const rows = await executor.query<{ row: EndRefund }>(
    `select to_jsonb(r) - 'settled_at' as row from dues.end_refund r
     where ${column} = $1 and settled_at is null order by subscription`,
    [value],
  )
  return rows.map(({ row }) => row)
}

export async function settleEndRefund(executor: Executor, { subscription }: EndRefund): Promise<void> {
  await executor.query('update dues.end_refund set settled_at = now() where subscription = $1 and settled_at is null', [
    subscription,
  ])
}

/** Nothing goes back after all. */
export async function dropEndRefund(executor: Executor, subscription: string): Promise<void> {
  await executor.query('delete from dues.end_refund where subscription = $1 and settled_at is null', [subscription])
}
