import type { AddOns } from './add-ons.ts'
import type { FeatureValue, PlanConfig, Plans } from './plans.ts'
import { addOnProblems } from './validate-add-ons.ts'
import { priceProblems } from './validate-price.ts'

/** What is wrong with the plans and add-ons of a configuration, one sentence each. Empty when all is well. */
export function planProblems(plans: Plans, addOns: AddOns = {}): string[] {
  const codes = Object.keys(plans)
  if (codes.length === 0) return ['plans is empty: name at least one plan.']
  return [
    ...Object.entries(plans).flatMap(([code, plan]) => [
      ...goodProblems(`plans.${code}`, plan),
      ...trialProblems(`plans.${code}`, plan),
    ]),
    ...Object.entries(addOns).flatMap(([code, addOn]) => goodProblems(`addOns.${code}`, addOn)),
    ...addOnProblems(plans, addOns),
    ...freePlanProblems(plans),
    ...featureProblems(plans, addOns),
    ...sharedPriceProblems(plans, addOns),
  ]
}

/** What plans and add-ons have in common. */
type Sold = Pick<PlanConfig, 'name' | 'prices' | 'quantity' | 'features'>

/** Stripe keeps 500 characters in one field of a product's metadata, and the limits of a plan go into one. */
const longestLimits = 500

function goodProblems(where: string, plan: Sold): string[] {
  const problems: string[] = []
  // The code becomes part of a lookup key and of a product's id.
  if (!/^\w+\.[a-z][a-z0-9_]{0,39}$/.test(where))
    problems.push(
      where.startsWith('plans')
        ? `${where}: a plan's code is small letters, digits and _, as in "pro".`
        : `${where}: an add-on's code is small letters, digits and _, as in "storage".`,
    )
  if (!plan.name?.trim()) problems.push(`${where}.name is missing: give what members read, as in "Professional".`)
  const prices = Object.entries(plan.prices ?? {})
  if (plan.prices && prices.length === 0) problems.push(`${where}.prices is empty: give a price, or leave prices out.`)
  for (const [interval, price] of prices)
    problems.push(...priceProblems(`${where}.prices.${interval}`, interval, price))
  problems.push(...quantityProblems(where, plan))
  if (limitsText(plan.features).length > longestLimits)
    problems.push(
      `${where}.features: the limits are longer than ${longestLimits} characters in all. Give shorter names.`,
    )
  return problems
}

function trialProblems(where: string, { trial, prices }: PlanConfig): string[] {
  if (!trial) return []
  const { days, withoutCard } = trial
  return [
    ...(Number.isInteger(days) && days >= 1 && days <= 730
      ? []
      : [`${where}.trial.days is ${days}: Stripe takes whole days, 1 to 730.`]),
    ...(withoutCard === undefined || withoutCard === 'cancel' || withoutCard === 'pause'
      ? []
      : [`${where}.trial.withoutCard is "cancel" or "pause": what becomes of a trial that ends without a card.`]),
    ...(Object.keys(prices ?? {}).length > 0 ? [] : [`${where}.trial: a plan without a price has nothing to try.`]),
  ]
}

function quantityProblems(where: string, { quantity, prices = {} }: Sold): string[] {
  if (!quantity) return []
  const { min = 1, max = Number.POSITIVE_INFINITY } = quantity
  const isCount = (count: number) => Number.isInteger(count) && count >= 1
  return [
    ...(isCount(min) ? [] : [`${where}.quantity.min is ${min}: give a whole number, 1 or more.`]),
    ...((isCount(max) || max === Number.POSITIVE_INFINITY) && max >= min
      ? []
      : [`${where}.quantity.max is ${max}: give a whole number, ${min} or more, or leave it out.`]),
    ...(Object.values(prices).some((price) => price?.meter)
      ? [`${where}.quantity: what is metered is counted as it is used, and cannot be bought by the seat as well.`]
      : []),
  ]
}

/** The limits of a plan as `dues push` writes them onto its product, so that `dues pull` finds them again: `{"projects":100}`. */
export function limitsText(features: PlanConfig['features'] = {}): string {
  const limits = Object.entries(features).filter((entry): entry is [string, number] => typeof entry[1] === 'number')
  const known = limits
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, limit]) => [name, isFiniteLimit(limit) ? limit : null])
  return known.length === 0 ? '' : JSON.stringify(Object.fromEntries(known))
}

const isFiniteLimit = (limit: number): boolean => limit !== Number.POSITIVE_INFINITY

function freePlanProblems(plans: Plans): string[] {
  const free = Object.entries(plans).filter(([, plan]) => isFree(plan))
  return free.length > 1
    ? [`plans has ${free.length} free ones (${free.map(([code]) => code).join(', ')}): one is what everybody has.`]
    : []
}

/** Whether a plan is the one that everybody has who pays for none: no price, and not sold by talking either. */
export const isFree = (plan: PlanConfig): boolean => !plan.prices && !plan.contact

/** A feature that is a switch here and a limit there would make both `can` and `limit` mean two things. */
function featureProblems(plans: Plans, addOns: AddOns): string[] {
  const seen = new Map<string, { kind: string; good: string }>()
  const problems: string[] = []
  for (const [good, { features = {} }] of named(plans, addOns)) {
    for (const [feature, value] of Object.entries(features)) {
      const where = `${good}.features.${feature}`
      const kind = kindOf(value)
      const first = seen.get(feature)
      if (!kind) problems.push(`${where}: a feature is true, false, or a number from 0 (Infinity for no limit).`)
      else if (!first) seen.set(feature, { kind, good })
      else if (first.kind !== kind)
        problems.push(`${where} is a ${kind}, and a ${first.kind} in ${first.good}: choose one.`)
    }
  }
  return problems
}

const named = (plans: Plans, addOns: AddOns): [where: string, good: Sold][] => [
  ...Object.entries(plans).map(([code, plan]): [string, Sold] => [`plans.${code}`, plan]),
  ...Object.entries(addOns).map(([code, addOn]): [string, Sold] => [`addOns.${code}`, addOn]),
]

function kindOf(value: FeatureValue): 'switch' | 'limit' | undefined {
  if (typeof value === 'boolean') return 'switch'
  return typeof value === 'number' && value >= 0 ? 'limit' : undefined
}

/** One price for two plans, or for a plan and an add-on, would leave open which of them somebody bought. */
function sharedPriceProblems(plans: Plans, addOns: AddOns): string[] {
  const owners = new Map<string, string>()
  const problems: string[] = []
  for (const [good, { prices = {} }] of named(plans, addOns)) {
    for (const [interval, price] of Object.entries(prices)) {
      if (!price?.id) continue
      const where = `${good}.prices.${interval}`
      const other = owners.get(price.id)
      if (other) problems.push(`${where}.id is the one of ${other}: each needs a price of its own.`)
      else owners.set(price.id, where)
    }
  }
  return problems
}
