import { randomUUID } from 'node:crypto'
import type { MirroredSubscription } from '../mirror/types.ts'
import type { Database, Executor } from './database.ts'
import { ofOwner } from './membership.ts'

/** A trial that was decided on. */
export type Trial = {
  subscription: string
  owner: string
  /** Its card had one before, with another owner. */
  refused: boolean
  /** What the idempotency key is made of. */
  key: string
  /** The subscription as it was, on trial. */
  before: MirroredSubscription | null
  /** What was charged in place of a refused one, in minor units; null while that is not known. */
  amount: number | null
  settled: boolean
}

const columns = `jsonb_build_object('subscription', subscription, 'owner', owner, 'refused', refused, 'key', key, 'before', before,
  'amount', amount, 'settled', settled_at is not null) as row`

export async function findTrial(executor: Executor, subscription: string): Promise<Trial | null> {
  const [found] = await executor.query<{ row: Trial }>(`select ${columns} from dues.trial where subscription = $1`, [
    subscription,
  ])
  return found?.row ?? null
}

/** Subscriptions of an owner whose trial nobody has decided on, or whose refusal is not told yet. */
export async function openTrials(executor: Executor, owner: string): Promise<string[]> {
  const rows = await executor.query<{ id: string }>(
    `select s.id from ${ofOwner('subscription', 's')}
     where s.account is null and s.status = 'trialing'
       and not exists (select from dues.trial t where t.subscription = s.id)
     union select subscription from dues.trial where owner = $1 and settled_at is null order by id`,
    [owner],
  )
  return rows.map(({ id }) => id)
}

/**
 * Decides on a trial, once and for all: it is refused when its card had an earlier one with another owner. Of two owners who come at once
 * with one card, the database lets one be first.
 *
 * @param started when the trial began, in Unix seconds
 */
export async function decideTrial(
  database: Database,
  trial: Pick<Trial, 'subscription' | 'owner' | 'before'> & { fingerprint: string | null; started: number },
  /** Whether it was given by us: what somebody gave by hand is theirs to give. */
  { refusable }: { refusable: boolean },
): Promise<Trial | null> {
  const { subscription, owner, before, fingerprint, started } = trial
  return database.transaction(async (tx) => {
    const first = fingerprint === null ? owner : await claimCard(tx, { fingerprint, owner, subscription, started })
    const refused = refusable && first !== owner
    await tx.query(
      `insert into dues.trial (subscription, owner, refused, key, before, settled_at)
       values ($1, $2, $3, $4, $5::jsonb, case when $3 then null else now() end) on conflict (subscription) do nothing`,
      [subscription, owner, refused, randomUUID(), JSON.stringify(before)],
    )
    return findTrial(tx, subscription)
  })
}

/** Whose card it is. Trials may be looked at in any order: the one that began first has it. */
async function claimCard(
  tx: Executor,
  {
    fingerprint,
    owner,
    subscription,
    started,
  }: { fingerprint: string; owner: string; subscription: string; started: number },
): Promise<string> {
  await tx.query(
    `insert into dues.trial_card as c (fingerprint, owner, subscription, started) values ($1, $2, $3, $4)
     on conflict (fingerprint) do update
       set owner = excluded.owner, subscription = excluded.subscription, started = excluded.started
       where c.started > excluded.started`,
    [fingerprint, owner, subscription, started],
  )
  const [row] = await tx.query<{ owner: string }>('select owner from dues.trial_card where fingerprint = $1', [
    fingerprint,
  ])
  return row?.owner ?? owner
}

/** What was charged in its place, and that its owner is told. */
export async function settleTrial(executor: Executor, { subscription }: Trial, amount: number): Promise<void> {
  await executor.query(
    'update dues.trial set amount = $2, settled_at = now() where subscription = $1 and settled_at is null',
    [subscription, amount],
  )
}

/** Another key, where Stripe will answer the old one with a failure for a day. */
export async function renewTrialKey(executor: Executor, { subscription, key }: Trial): Promise<void> {
  await executor.query('update dues.trial set key = $3 where subscription = $1 and key = $2', [
    subscription,
    key,
    randomUUID(),
  ])
}
