import { type Money, minorUnitDecimals } from '../money.ts'
import type { AddOnConfig, AddOns } from './add-ons.ts'
import type { PlanConfig, Plans, PriceConfig, QuantityConfig, TrialConfig } from './plans.ts'

/** The currencies that have a helper of their own. */
const helpers = new Set(['usd', 'eur', 'gbp', 'chf', 'cad', 'aud', 'jpy'])

/** Writes plans and add-ons as a TypeScript module, as somebody would by hand. */
export function writePlans({ plans, addOns }: { plans: Plans; addOns: AddOns }, notes: readonly string[]): string {
  const used = new Set<string>()
  const bodyOf = (goods: Plans | AddOns) =>
    Object.entries(goods).map(([code, good]) => `  ${property(code)}: ${goodText(good, used)},\n`)
  const [body, beside] = [bodyOf(plans), bodyOf(addOns)]
  const types = beside.length > 0 ? ['type AddOns', 'type Plans'] : ['type Plans']
  const names = [...used].sort().concat(types).join(', ')
  const left = notes.map((note) => `// Left out: ${oneLine(note)}\n`).join('')
  return `import { ${names} } from 'dues'

// Written by \`dues pull\`. Stripe knows nothing of plans that cost nothing: add yours. Of trials, seats, contacts and of what is sold beside a
// plan only it knows what \`dues push\` has written; for a product that was made by hand, add them, too.
// The order matters: what comes later is more, and a switch to it is an upgrade.
${left}export const plans = {
${body.join('')}} as const satisfies Plans
${
  beside.length > 0
    ? `
export const addOns = {
${beside.join('')}} as const satisfies AddOns
`
    : ''
}`
}

function goodText(good: PlanConfig | AddOnConfig, used: Set<string>): string {
  const { name, description, prices = {}, features = {} } = good
  const lines = [
    `name: ${quoted(name)}`,
    ...(description ? [`description: ${quoted(description)}`] : []),
    `prices: {\n${Object.entries(prices)
      .flatMap(([interval, price]) => (price ? [`      ${interval}: ${priceText(price, used)},\n`] : []))
      .join('')}    }`,
    ...('trial' in good && good.trial ? [`trial: ${fieldsText(good.trial)}`] : []),
    ...(good.quantity ? [`quantity: ${fieldsText(good.quantity)}`] : []),
    ...('contact' in good && good.contact ? [`contact: ${quoted(good.contact)}`] : []),
    ...('plans' in good && good.plans ? [`plans: [${good.plans.map(quoted).join(', ')}]`] : []),
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

/** `{ days: 14, withoutCard: 'pause' }` */
const fieldsText = (fields: TrialConfig | QuantityConfig): string => {
  const written = Object.entries(fields).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? quoted(value) : value}`,
  )
  return written.length > 0 ? `{ ${written.join(', ')} }` : '{}'
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
