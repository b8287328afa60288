import { minorUnitDecimals } from '../money.ts'
import { type FeatureValue, intervals, type PlanConfig, type Plans } from './plans.ts'

/** What is wrong with the plans of a configuration, one sentence each. Empty when all is well. */
export function planProblems(plans: Plans): string[] {
  const codes = Object.keys(plans)
  if (codes.length === 0) return ['plans is empty: name at least one plan.']
  return [
    ...Object.entries(plans).flatMap(([code, plan]) => problemsOf(code, plan)),
    ...freePlanProblems(plans),
    ...featureProblems(plans),
    ...sharedPriceProblems(plans),
  ]
}

function problemsOf(code: string, plan: PlanConfig): string[] {
  const where = `plans.${code}`
  const problems: string[] = []
  // The code becomes part of a lookup key and of a product's id.
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(code))
    problems.push(`${where}: a plan's code is small letters, digits and _, as in "pro".`)
  if (!plan.name?.trim()) problems.push(`${where}.name is missing: give what members read, as in "Professional".`)
  const prices = Object.entries(plan.prices ?? {})
  if (plan.prices && prices.length === 0) problems.push(`${where}.prices is empty: give a price, or leave prices out.`)
  for (const [interval, price] of prices)
    problems.push(...priceProblems(`${where}.prices.${interval}`, interval, price))
  const days = plan.trial?.days
  if (days !== undefined && !(Number.isInteger(days) && days >= 1 && days <= 730))
    problems.push(`${where}.trial.days is ${days}: Stripe takes whole days, 1 to 730.`)
  if (plan.trial && prices.length === 0) problems.push(`${where}.trial: a plan without a price has nothing to try.`)
  return problems
}

function priceProblems(where: string, interval: string, price: NonNullable<PlanConfig['prices']>['monthly']): string[] {
  if (!Object.hasOwn(intervals, interval))
    return [`${where}: there is no interval "${interval}"; there are ${Object.keys(intervals).join(', ')}.`]
  if (!price) return [`${where} is missing: leave the interval out, or give a price such as usd(19).`]
  const problems: string[] = []
  if (!Number.isSafeInteger(price.amount) || price.amount < 0)
    problems.push(
      `${where}.amount is ${price.amount}: give minor units, as in usd(19) or {amount: 1900, currency: 'usd'}.`,
    )
  if (!/^[a-z]{3}$/.test(price.currency)) problems.push(`${where}.currency: give three small letters, as in "usd".`)
  if (price.id !== undefined && !/^price_\w+$/.test(price.id))
    problems.push(`${where}.id is not a price's id: expected price_….`)
  return problems
}

function freePlanProblems(plans: Plans): string[] {
  const free = Object.entries(plans).filter(([, plan]) => isFree(plan))
  return free.length > 1
    ? [`plans has ${free.length} free ones (${free.map(([code]) => code).join(', ')}): one is what everybody has.`]
    : []
}

/** Whether a plan is the one that everybody has who pays for none: no price, and not sold by talking either. */
export const isFree = (plan: PlanConfig): boolean => !plan.prices && !plan.contact

/** A feature that is a switch here and a limit there would make both `can` and `limit` mean two things. */
function featureProblems(plans: Plans): string[] {
  const seen = new Map<string, { kind: string; plan: string }>()
  const problems: string[] = []
  for (const [plan, { features = {} }] of Object.entries(plans)) {
    for (const [feature, value] of Object.entries(features)) {
      const where = `plans.${plan}.features.${feature}`
      const kind = kindOf(value)
      const first = seen.get(feature)
      if (!kind) problems.push(`${where}: a feature is true, false, or a number from 0 (Infinity for no limit).`)
      else if (!first) seen.set(feature, { kind, plan })
      else if (first.kind !== kind)
        problems.push(`${where} is a ${kind}, and a ${first.kind} in plans.${first.plan}: choose one.`)
    }
  }
  return problems
}

function kindOf(value: FeatureValue): 'switch' | 'limit' | undefined {
  if (typeof value === 'boolean') return 'switch'
  return typeof value === 'number' && value >= 0 ? 'limit' : undefined
}

/** One price for two plans would leave open which of them somebody bought. */
function sharedPriceProblems(plans: Plans): string[] {
  const owners = new Map<string, string>()
  const problems: string[] = []
  for (const [plan, { prices = {} }] of Object.entries(plans)) {
    for (const [interval, price] of Object.entries(prices)) {
      if (!price?.id) continue
      const where = `plans.${plan}.prices.${interval}`
      const other = owners.get(price.id)
      if (other) problems.push(`${where}.id is the one of ${other}: each needs a price of its own.`)
      else owners.set(price.id, where)
    }
  }
  return problems
}

/** For a message about money: `1900 usd` reads wrong to people, `19.00 USD` does not. */
export const inMajorUnits = (amount: number, currency: string): string => {
  const decimals = minorUnitDecimals(currency)
  return `${(amount / 10 ** decimals).toFixed(decimals)} ${currency.toUpperCase()}`
}
