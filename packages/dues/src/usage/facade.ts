import type { LimitName, Plans } from '../catalogue/plans.ts'
import { usedOf } from '../store/usage.ts'
import { type Period, periodOf } from './period.ts'
import type { Usage, UsageFacade } from './types.ts'
import { limitOf, releaseFeature, resetsOf, type UsageContext, usageOf, useFeature } from './use.ts'

/** `dues.usage` */
export function usageFacade<P extends Plans>(context: UsageContext): UsageFacade<P> {
  return {
    use: (owner, feature, amount = 1, options = {}) => useFeature(context, { owner, feature, amount, ...options }),
    release: (owner, feature, amount = 1, options = {}) =>
      releaseFeature(context, { owner, feature, amount, ...options }),
    of: async (owner) => (await allUsage(context, owner)) as { readonly [Feature in LimitName<P>]: Usage },
  }
}

/** Every limit of the catalogue in one question: a page shows several. */
async function allUsage(context: UsageContext, owner: string): Promise<Record<string, Usage>> {
  const answers = await context.membership(owner)
  const now = context.now()
  const periods = new Map<string, Period>(
    limitsOf(context.catalogue.plans).map((feature) => [feature, periodOf(answers, resetsOf(context, feature), now)]),
  )
  const used = await usedOf(
    context.database,
    owner,
    [...periods].map(([feature, { start }]) => ({ feature, period: start })),
  )
  return Object.fromEntries(
    [...periods].map(([feature, period]) => [
      feature,
      usageOf(used.get(feature) ?? 0, limitOf(context, answers.plan, feature), period),
    ]),
  )
}

/** The names of all features that are limits in some plan. */
const limitsOf = (plans: Plans): string[] => [
  ...new Set(
    Object.values(plans).flatMap(({ features = {} }) =>
      Object.entries(features).flatMap(([feature, value]) => (typeof value === 'number' ? [feature] : [])),
    ),
  ),
]
