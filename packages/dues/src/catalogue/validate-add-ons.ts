import type { AddOnConfig, AddOns } from './add-ons.ts'
import type { PlanConfig, Plans, PriceConfig } from './plans.ts'

/**
 * What keeps add-ons from being sold beside their plans. All items of a subscription recur alike and are charged in one currency, so an add-on
 * has a price wherever its plans have one: that is found at start, and not when somebody wants to buy both.
 *
 * @see https://docs.stripe.com/billing/subscriptions/quantities#multiple-product-sub
 */
export function addOnProblems(plans: Plans, addOns: AddOns): string[] {
  return Object.entries(addOns).flatMap(([code, addOn]) => {
    const where = `addOns.${code}`
    const { plans: named, prices } = addOn
    if (!prices) return [`${where}.prices is missing: an add-on costs something. What is free is a feature of a plan.`]
    const unsold = (named ?? []).filter((plan) => !Object.hasOwn(plans, plan) || !plans[plan]?.prices)
    const beside = Object.entries(plans).filter(([plan, config]) => config.prices && (named?.includes(plan) ?? true))
    return [
      ...unsold.map((plan) => `${where}.plans: there is no plan "${plan}" that is sold.`),
      ...(beside.length > 0 ? [] : [`${where}: no plan with a price may have it. Name one in ${where}.plans.`]),
      ...(named && named.join().length > longestPlans
        ? [`${where}.plans is longer than ${longestPlans} characters in all. Give shorter codes.`]
        : []),
      // Their products and lookup keys would be the same.
      ...(Object.hasOwn(plans, `addon_${code}`)
        ? [`plans.addon_${code} would be ${where} at Stripe: call one of them otherwise.`]
        : []),
      ...beside.flatMap(([plan, config]) => missingPrices(where, addOn, plan, config)),
    ]
  })
}

/** Stripe keeps 500 characters in one field of a product's metadata, and the plans of an add-on go into one. */
const longestPlans = 500

function missingPrices(where: string, { prices }: AddOnConfig, plan: string, config: PlanConfig): string[] {
  const out = `or leave ${plan} out of ${where}.plans`
  return Object.entries(config.prices ?? {}).flatMap(([interval, price]) => {
    const at = `${where}.prices.${interval}`
    const beside = prices[interval as keyof typeof prices]
    if (!price) return []
    if (!beside)
      return [`${at} is missing: ${plan} is sold ${interval}, and all of a subscription recurs alike. Add it, ${out}.`]
    if (beside.currency !== price.currency)
      return [`${at} is in ${beside.currency}, and ${plan} in ${price.currency}: give both in one currency, ${out}.`]
    const lacks = currenciesOf(price).filter((currency) => !currenciesOf(beside).includes(currency))
    return lacks.length === 0
      ? []
      : [`${at} is not in ${lacks.join(' and ')}, as ${plan} is: add it to its currencyOptions, ${out}.`]
  })
}

const currenciesOf = ({ currency, currencyOptions = [] }: PriceConfig): string[] => [
  currency,
  ...currencyOptions.map((option) => option.currency),
]
