import { type Money, minorUnitDecimals } from '../money.ts'
import type { PlanConfig, Plans, PriceConfig } from './plans.ts'

/** The currencies that have a helper of their own. */
const helpers = new Set(['usd', 'eur', 'gbp', 'chf', 'cad', 'aud', 'jpy'])

/** Writes plans as a TypeScript module, as somebody would by hand. */
export function writePlans(plans: Plans, notes: readonly string[]): string {
  const used = new Set<string>()
  const body = Object.entries(plans).map(([code, plan]) => `  ${property(code)}: ${planText(plan, used)},\n`)
  const names = [...used].sort().concat('type Plans').join(', ')
  const left = notes.map((note) => `// Left out: ${oneLine(note)}\n`).join('')
  return `import { ${names} } from 'dues'

// Written by \`dues pull\`. Stripe knows nothing of plans that cost nothing, of trials, seats and contacts: add them here.
// The order matters: what comes later is more, and a switch to it is an upgrade.
${left}export const plans = {
${body.join('')}} as const satisfies Plans
`
}

function planText({ name, description, prices = {}, features = {} }: PlanConfig, used: Set<string>): string {
  const lines = [
    `name: ${quoted(name)}`,
    ...(description ? [`description: ${quoted(description)}`] : []),
    `prices: {\n${Object.entries(prices)
      .flatMap(([interval, price]) => (price ? [`      ${interval}: ${priceText(price, used)},\n`] : []))
      .join('')}    }`,
    ...(Object.keys(features).length > 0
      ? [
          `features: { ${Object.entries(features)
            .map(([feature, value]) => `${property(feature)}: ${value}`)
            .join(', ')} }`,
        ]
      : []),
  ]
  return `{\n${lines.map((line) => `    ${line},\n`).join('')}  }`
}

function priceText(price: PriceConfig, used: Set<string>): string {
  const { id, meter } = price
  const more = [...(meter ? [`meter: ${quoted(meter)}`] : []), ...(id ? [`id: ${quoted(id)}`] : [])]
  if (price.tiers) {
    const tiers = price.tiers.map(
      (tier) =>
        `{ ${Object.entries(tier)
          .map(([key, value]) => `${key}: ${value}`)
          .join(', ')} }`,
    )
    const own = [`currency: ${quoted(price.currency)}`, `tiersMode: ${quoted(price.tiersMode)}`]
    return `{ ${[...own, `tiers: [${tiers.join(', ')}]`, ...more].join(', ')} }`
  }
  const amount = moneyText(price, used)
  const options = (price.currencyOptions ?? []).map((option) => moneyText(option, used))
  const rest = [
    ...(options.length > 0 ? [`currencyOptions: [${options.join(', ')}]`] : []),
    ...(price.per ? [`per: ${price.per}`] : []),
    ...more,
  ]
  return rest.length === 0 ? amount : `{ ...${amount}, ${rest.join(', ')} }`
}

function moneyText({ amount, currency }: Money, used: Set<string>): string {
  const major = amount / 10 ** minorUnitDecimals(currency)
  used.add(helpers.has(currency) ? currency : 'money')
  return helpers.has(currency) ? `${currency}(${major})` : `money(${major}, ${quoted(currency)})`
}

const property = (name: string): string => (/^[a-zA-Z_$][\w$]*$/.test(name) ? name : quoted(name))

/** A product's name is somebody else's text: it must stay inside its quotation marks. JSON's escapes are JavaScript's. */
const quoted = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`

const oneLine = (text: string): string => text.replace(/[\r\n\u2028\u2029]+/g, ' ')
