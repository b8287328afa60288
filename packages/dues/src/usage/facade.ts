import type { Catalogue } from '../catalogue/catalogue.ts'
import type { LimitName, Plans } from '../catalogue/plans.ts'
import { usedOf } from '../store/usage.ts'
import { periodOf } from './period.ts'
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

/** Every limit of the catalogue: those that are counted here in one question, since a page shows several. */
async function allUsage(context: UsageContext, owner: string): Promise<Record<string, Usage>> {
  const { counted, database, catalogue } = context
  const answers = await context.membership(owner)
  const features = limitsOf(catalogue)
  const periods = new Map(
    features.map((feature) => [feature, periodOf(answers, resetsOf(context, feature), context.now())] as const),
  )
  const here = features.filter((feature) => !counted[feature]?.count)
  const counters = here.map((feature) => ({ feature, period: periods.get(feature)?.start ?? 0 }))
  const used = await usedOf(database, owner, counters)
  const all = features.map(async (feature) => {
    const count = counted[feature]?.count
    const period = periods.get(feature)
    return [
      feature,
      usageOf(
        count ? await count(owner) : (used.get(feature) ?? 0),
        limitOf(context, answers, feature),
        count || !period ? { start: 0, end: null } : period,
      ),
    ] as const
  })
  return Object.fromEntries(await Promise.all(all))
}

/** The names of all features that are limits in some plan or add-on. */
const limitsOf = ({ plans, addOns }: Catalogue): string[] => [
  ...new Set(
    [...Object.values(plans), ...Object.values(addOns)].flatMap(({ features = {} }) =>
      Object.entries(features).flatMap(([feature, value]) => (typeof value === 'number' ? [feature] : [])),
    ),
  ),
]
