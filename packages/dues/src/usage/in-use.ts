import type { Context } from '../context.ts'
import { usedOf } from '../store/usage.ts'
import { resetsOf } from './use.ts'

/**
 * How much of a limit is in use for as long as nobody frees it: by the app's own count, or by a counter that never begins anew. Null for what
 * is counted anew each period or month.
 */
export async function inUse(
  context: Pick<Context, 'counted' | 'database'>,
  owner: string,
  feature: string,
): Promise<number | null> {
  const count = context.counted[feature]?.count
  if (count) return count(owner)
  if (resetsOf(context, feature) !== 'never') return null
  return (await usedOf(context.database, owner, [{ feature, period: 0 }])).get(feature) ?? 0
}
