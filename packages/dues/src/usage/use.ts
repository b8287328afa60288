import type { Has } from '../catalogue/catalogue.ts'
import type { Context } from '../context.ts'
import type { Answers } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'
import type { Outbox } from '../mirror/outbox.ts'
import type { Executor } from '../store/database.ts'
import { type Counted, type Counting, countRelease, countUse } from '../store/usage.ts'
import { meterOf } from './meter.ts'
import { type Period, periodOf, type Resets } from './period.ts'
import { limitReached, notIncluded } from './refuse.ts'
import type { Usage, UseOptions } from './types.ts'

/** What counting works with, besides what the concerns share. */
export type UsageContext = Context & {
  /** Where a report to Stripe is put. */
  readonly outbox: Outbox
  /** An owner's membership, as new as anybody in this process knows it. */
  readonly membership: (owner: string) => Promise<Answers>
}

type Wish = { readonly owner: string; readonly feature: string; readonly amount: number } & UseOptions

/**
 * Counts a use. The plan and the period may be those of a moment ago; the count and whether it is within the limit are decided by the database,
 * in one statement.
 */
export async function useFeature(context: UsageContext, wish: Wish): Promise<Usage> {
  const counter = await counterOf(context, wish)
  const { answers, limit, period } = counter
  if (limit === 0) throw notIncluded(context, answers.plan, wish.feature)
  const counted = await count(context, counter, (executor, counting) =>
    countUse(executor, { ...counting, limit: Number.isFinite(limit) ? limit : null }),
  )
  const usage = usageOf(counted.used, limit, period)
  if (counted.outcome === 'refused') throw limitReached(context, answers.plan, wish, usage)
  if (counted.outcome === 'another')
    throw new DuesError(
      'bad_request',
      `The key "${wish.key}" was used for another amount of ${wish.feature} already. Take a new key for another use.`,
    )
  return usage
}

/** Gives back what was counted. What Stripe was told of is taken off there as well. */
export async function releaseFeature(context: UsageContext, wish: Wish): Promise<Usage> {
  const counter = await counterOf(context, wish)
  const { used } = await count(context, counter, countRelease)
  return usageOf(used, counter.limit, counter.period)
}

type Counter = { answers: Answers; limit: number; period: Period; counting: Counting }

async function counterOf(context: UsageContext, { owner, feature, amount, key }: Wish): Promise<Counter> {
  refuseBadAmount(amount, key)
  if (context.counted[feature]?.count)
    throw new DuesError(
      'bad_request',
      `${feature} are counted by the app itself (\`usage.${feature}.count\`): nothing can be counted here beside it.`,
    )
  const answers = await context.membership(owner)
  const now = context.now()
  const period = periodOf(answers, resetsOf(context, feature), now)
  const meter = meterOf(answers, feature, context.catalogue)
  const counting = { owner, feature, period: period.start, amount, key: key ?? null, at: now, meter }
  return { answers, limit: limitOf(context, answers, feature), period, counting }
}

/** Stripe is told by a job that is made in the transaction of the count, so that a crash loses neither and makes neither twice. */
function count(
  { database, outbox }: UsageContext,
  { counting }: Counter,
  run: (executor: Executor, counting: Counting) => Promise<Counted>,
): Promise<Counted> {
  if (!counting.meter) return run(database, counting)
  return database.transaction(async (tx) => {
    const counted = await run(tx, counting)
    if (counted.entry) await outbox.enqueue(tx, [{ name: 'usage', entry: counted.entry }])
    return counted
  })
}

export const resetsOf = ({ counted }: Pick<Context, 'counted'>, feature: string): Resets =>
  counted[feature]?.resets ?? 'period'

function refuseBadAmount(amount: number, key: string | undefined): void {
  if (!Number.isSafeInteger(amount) || amount < 1)
    throw new DuesError('bad_request', `${amount} cannot be counted: give a whole number, 1 or more.`)
  if (key !== undefined && (key === '' || key.length > 255))
    throw new DuesError('bad_request', 'A key has 1 to 255 characters.')
}

export function limitOf({ catalogue }: Context, has: Has, feature: string): number {
  const value = catalogue.feature(has, feature)
  return typeof value === 'number' ? value : 0
}

export const usageOf = (used: number, limit: number, { end }: Period): Usage => ({
  used,
  limit,
  remaining: Math.max(0, limit - used),
  resetsAt: end === null ? null : new Date(end * 1000),
})
