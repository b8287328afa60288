import { intervals, type PriceConfig, type TieredPrice } from './plans.ts'

/** What is wrong with one price of a plan, one sentence each. */
export function priceProblems(where: string, interval: string, price: PriceConfig | undefined): string[] {
  if (!Object.hasOwn(intervals, interval))
    return [`${where}: there is no interval "${interval}"; there are ${Object.keys(intervals).join(', ')}.`]
  if (!price) return [`${where} is missing: leave the interval out, or give a price such as usd(19).`]
  return [
    ...(price.tiers ? tierProblems(where, price) : amountProblems(where, price)),
    ...(isCurrency(price.currency) ? [] : [`${where}.currency: give three small letters, as in "usd".`]),
    ...(price.id === undefined || /^price_\w+$/.test(price.id)
      ? []
      : [`${where}.id is not a price's id: expected price_….`]),
    ...(price.meter === undefined || /^[\w.-]{1,100}$/.test(price.meter)
      ? []
      : [`${where}.meter is no event name: give letters, digits, _, - and ., as in "api_calls".`]),
    ...(price.per === undefined || (Number.isInteger(price.per) && price.per >= 2)
      ? []
      : [`${where}.per is ${price.per}: give for how many units the amount is, 2 or more, or leave it out.`]),
    ...optionProblems(where, price),
  ]
}

const isCurrency = (code: string): boolean => /^[a-z]{3}$/.test(code)
const isAmount = (amount: number | undefined): boolean => Number.isSafeInteger(amount) && (amount ?? -1) >= 0

const amountProblems = (where: string, { amount }: PriceConfig): string[] =>
  isAmount(amount)
    ? []
    : [`${where}.amount is ${amount}: give minor units, as in usd(19) or {amount: 1900, currency: 'usd'}.`]

/** Each currency is there once, and the price's own is not among the others. */
function optionProblems(where: string, { currency, currencyOptions = [] }: PriceConfig): string[] {
  const seen = new Set([currency])
  return currencyOptions.flatMap((option, index) => {
    const at = `${where}.currencyOptions[${index}]`
    const twice = seen.has(option.currency)
    seen.add(option.currency)
    return [
      ...(isCurrency(option.currency) ? [] : [`${at}.currency: give three small letters, as in "usd".`]),
      ...(twice ? [`${at}: there is a price in ${option.currency} already.`] : []),
      ...amountProblems(at, option),
    ]
  })
}

function tierProblems(where: string, { tiers, tiersMode }: TieredPrice): string[] {
  const problems: string[] = []
  if (tiersMode !== 'graduated' && tiersMode !== 'volume')
    problems.push(`${where}.tiersMode is "graduated" or "volume": what the units of lower tiers cost.`)
  if (tiers.at(-1)?.upTo !== Number.POSITIVE_INFINITY)
    problems.push(`${where}.tiers: the last tier has no end: give it upTo: Infinity.`)
  let from = 0
  tiers.forEach(({ upTo, unitAmount, flatAmount }, index) => {
    const at = `${where}.tiers[${index}]`
    const last = index === tiers.length - 1
    if (!last && !(Number.isInteger(upTo) && upTo > from))
      problems.push(`${at}.upTo is ${upTo}: give a whole number, larger than that of the tier before it.`)
    from = upTo
    if (unitAmount === undefined && flatAmount === undefined)
      problems.push(`${at} costs nothing that is said: give unitAmount, flatAmount or both.`)
    for (const amount of [unitAmount, flatAmount])
      if (amount !== undefined && !isAmount(amount)) problems.push(`${at}: ${amount} is no amount: give minor units.`)
  })
  return problems
}
