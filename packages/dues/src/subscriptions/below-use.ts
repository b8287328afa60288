import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import { inUse } from '../usage/in-use.ts'

type Change = {
  /** The plan that there is, and the one that shall be. */
  readonly plan: string | null
  readonly to: string
  /** How many of each add-on there are, and shall be. */
  readonly before: Readonly<Record<string, number>>
  readonly after: Readonly<Record<string, number>>
}

/**
 * Refuses (`limit_below_usage`) fewer of an add-on than what is stored, or otherwise in use, needs. What is counted anew each period is not in
 * use for long, and is let be; so is a smaller plan, which has always been the app's to judge.
 */
export async function refuseBelowUse(
  context: Context,
  owner: string,
  { plan, to, before, after }: Change,
): Promise<void> {
  const { catalogue } = context
  const fewer = Object.keys(before).filter((addOn) => (after[addOn] ?? 0) < (before[addOn] ?? 0))
  const features = new Set(fewer.flatMap((addOn) => Object.keys(catalogue.addOns[addOn]?.features ?? {})))
  for (const feature of features) {
    const had = catalogue.feature({ plan, addOns: before }, feature)
    const wanted = catalogue.feature({ plan: to, addOns: after }, feature)
    if (typeof had !== 'number' || Number(wanted) >= had) continue
    const used = await inUse(context, owner, feature)
    if (used === null || used <= Number(wanted)) continue
    throw new DuesError(
      'limit_below_usage',
      `${used} ${feature} are in use, and ${Number(wanted)} would be too few. Free ${used - Number(wanted)} of them first.`,
      { details: { feature, used, wanted: Number(wanted) } },
    )
  }
}
