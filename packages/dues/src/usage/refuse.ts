import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import type { Usage } from './types.ts'

/** `feature_required`, with the plans that have it. */
export function notIncluded({ catalogue, paths }: Context, plan: string | null, feature: string): DuesError {
  const having = plansWith(
    catalogue.plans,
    (value) => value === true || (typeof value === 'number' && value > 0),
    feature,
  )
  const has =
    plan === null ? 'You have no plan yet' : `${catalogue.plans[plan]?.name ?? plan} does not include ${feature}`
  const where = having.length > 0 ? ` ${list(having)} ${having.length > 1 ? 'do' : 'does'}: see ${paths.pricing}.` : ''
  return new DuesError('feature_required', `${has}.${where}`, {
    details: { plan, feature, pricing: paths.pricing },
  })
}

/** `limit_reached`, with when there is more and which plans have more. */
export function limitReached(
  { catalogue, paths }: Context,
  plan: string | null,
  { feature, amount }: { feature: string; amount: number },
  { used, limit, remaining, resetsAt }: Usage,
): DuesError {
  const more = plansWith(catalogue.plans, (value) => typeof value === 'number' && value > limit, feature)
  const left =
    remaining === 0 ? `All ${limit} ${feature} are used` : `${amount} ${feature} are more than the ${remaining} left`
  const later = resetsAt ? ` There are more from ${day(resetsAt)}.` : ''
  const elsewhere =
    more.length > 0 ? ` ${list(more)} ${more.length > 1 ? 'have' : 'has'} more: see ${paths.pricing}.` : ''
  return new DuesError('limit_reached', `${left}.${later}${elsewhere}`, {
    details: { plan, feature, asked: amount, used, limit, remaining, resetsAt: resetsAt?.toISOString() ?? null },
  })
}

const plansWith = (plans: Context['catalogue']['plans'], enough: (value: unknown) => boolean, feature: string) =>
  Object.values(plans)
    .filter(({ features }) => enough(features?.[feature]))
    .map(({ name }) => name)

export const list = (names: readonly string[]): string =>
  names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? '')

const day = (date: Date): string =>
  new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(date)
