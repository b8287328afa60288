import { randomUUID } from 'node:crypto'
import type { MirroredSubscription } from '../mirror/types.ts'
import type { Executor } from './database.ts'

/** What becomes of the money that was paid twice. */
export type DuplicateMoney = 'refund' | 'credit' | 'keep'

/** A subscription that is being ended because a newer one was paid too. */
export type Duplicate = {
  subscription: string
  owner: string
  /** The newer one, which stays. */
  kept: string
  /** Unix seconds: what was paid for later was paid twice. */
  since: number
  money: DuplicateMoney
  /** What it was when it was found; null for one that was found before that was kept. */
  before: MirroredSubscription | null
  /** What the idempotency keys are made of. */
  key: string
}

/** Owners with two live subscriptions for whom nobody has made a job yet. Each is answered once for each time that it was noticed. */
export async function claimSuspects(tx: Executor): Promise<string[]> {
  const rows = await tx.query<{ owner: string }>(
    `update dues.suspect set asked = noticed
     where owner in (select owner from dues.suspect where asked is distinct from noticed order by owner limit 1000 for update skip locked)
     returning owner`,
  )
  return rows.map(({ owner }) => owner)
}

/** Whether there is anybody to claim: the question that is asked all the time, and whose answer is no. */
export async function hasSuspects(executor: Executor): Promise<boolean> {
  const [row] = await executor.query('select 1 from dues.suspect where asked is distinct from noticed limit 1')
  return row !== undefined
}

/** Notices everybody anew with two live subscriptions in the mirror, or with a duplicate or a trial that is not settled. */
export async function suspectAll(executor: Executor): Promise<void> {
  await executor.query(
    `insert into dues.suspect (owner)
     select owner from (
     select o.owner from dues.subscription s join dues.owner_customer o using (customer)
     where s.account is null and s.status in ('active', 'trialing', 'past_due', 'unpaid', 'paused')
     group by o.owner having count(*) > 1
     union select owner from dues.duplicate where settled_at is null
     union select owner from dues.trial where settled_at is null
     union select o.owner from dues.subscription s join dues.owner_customer o using (customer)
     where s.account is null and s.status = 'trialing'
       and not exists (select from dues.trial t where t.subscription = s.id)) found order by owner
     on conflict (owner) do update set noticed = excluded.noticed`,
  )
}

/** When an owner was last noticed; null for one who was not. */
export async function suspectedAt(executor: Executor, owner: string): Promise<number | null> {
  const [row] = await executor.query<{ noticed: number }>(
    'select noticed::float8 as noticed from dues.suspect where owner = $1',
    [owner],
  )
  return row?.noticed ?? null
}

/** Takes the suspicion back, unless it was raised again meanwhile. */
export async function clearSuspect(executor: Executor, owner: string, noticed: number): Promise<void> {
  await executor.query('delete from dues.suspect where owner = $1 and noticed = $2', [owner, noticed])
}

/** Writes down that a subscription is going to be ended. Whoever decided first has decided. */
export async function recordDuplicate(executor: Executor, duplicate: Omit<Duplicate, 'key'>): Promise<void> {
  const { subscription, owner, kept, since, money, before } = duplicate
  await executor.query(
    `insert into dues.duplicate (subscription, owner, kept, since, money, before, key)
     values ($1, $2, $3, $4, $5, $6::jsonb, $7) on conflict (subscription) do nothing`,
    [subscription, owner, kept, since, money, JSON.stringify(before), randomUUID()],
  )
}

/** The duplicates of an owner that are not settled. */
export async function openDuplicates(executor: Executor, owner: string): Promise<Duplicate[]> {
  const rows = await executor.query<{ row: Duplicate }>(
    `select to_jsonb(d) - 'settled_at' as row from dues.duplicate d
     where owner = $1 and settled_at is null order by subscription`,
    [owner],
  )
  return rows.map(({ row }) => row)
}

export async function settleDuplicate(executor: Executor, { subscription }: Duplicate): Promise<void> {
  await executor.query('update dues.duplicate set settled_at = now() where subscription = $1 and settled_at is null', [
    subscription,
  ])
}

/** Nothing has to be ended after all. */
export async function dropDuplicate(executor: Executor, { subscription, key }: Duplicate): Promise<void> {
  await executor.query('delete from dues.duplicate where subscription = $1 and key = $2 and settled_at is null', [
    subscription,
    key,
  ])
}

/** Another key, where Stripe will answer the old one with a failure for a day. */
export async function renewDuplicateKey(executor: Executor, { subscription, key }: Duplicate): Promise<void> {
  await executor.query('update dues.duplicate set key = $3 where subscription = $1 and key = $2', [
    subscription,
    key,
    randomUUID(),
  ])
}
