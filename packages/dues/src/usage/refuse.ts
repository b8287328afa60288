import type { FeatureValue } from '../catalogue/plans.ts'
import { isGranted } from '../catalogue/push-features.ts'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import type { Usage } from './types.ts'

/** `feature_required`, with the plans that have it, and the add-ons that this plan may have. */
export function notIncluded({ catalogue, paths }: Context, plan: string | null, feature: string): DuesError {
  const having = [
    ...plansWith(catalogue.plans, isGranted, feature),
    ...addOnsWith(catalogue, plan, feature).map((name) => `the add-on ${name}`),
  ]
  const has =
    plan === null ? 'You have no plan yet' : `${catalogue.plans[plan]?.name ?? plan} does not include ${feature}`
  const where =
    having.length > 0 ? ` ${capital(list(having))} ${having.length > 1 ? 'do' : 'does'}: see ${paths.pricing}.` : ''
  return new DuesError('feature_required', `${has}.${where}`, {
    details: { plan, feature, pricing: paths.pricing },
  })
}

/** `limit_reached`, with when there is more, which plans have more, and which add-ons add some. */
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
  const adding = addOnsWith(catalogue, plan, feature)
  const beside =
    adding.length > 0 ? ` ${list(adding)} ${adding.length > 1 ? 'add' : 'adds'} some: see ${paths.account}.` : ''
  return new DuesError('limit_reached', `${left}.${later}${elsewhere}${beside}`, {
    details: { plan, feature, asked: amount, used, limit, remaining, resetsAt: resetsAt?.toISOString() ?? null },
  })
}

const plansWith = (
  plans: Context['catalogue']['plans'],
  enough: (value: FeatureValue | undefined) => boolean,
  feature: string,
) =>
  Object.values(plans)
    .filter(({ features }) => enough(features?.[feature]))
    .map(({ name }) => name)

/** The add-ons that a plan may have and that grant some of a feature. */
const addOnsWith = ({ addOns, allows }: Context['catalogue'], plan: string | null, feature: string): string[] =>
  Object.entries(addOns)
    .filter(([addOn, { features }]) => plan !== null && allows(plan, addOn) && isGranted(features?.[feature]))
    .map(([, { name }]) => name)

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

export const list = (names: readonly string[]): string =>
  names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? '')

const day = (date: Date): string =>
  new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(date)
