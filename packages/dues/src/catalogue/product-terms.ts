import type { PlanConfig, QuantityConfig, TrialConfig } from './plans.ts'

/** The metadata of a product that says what Stripe has no field for: the trial, how many may be bought, whom to write to. */
export const termsKey = 'dues_terms'

export type ProductTerms = Pick<PlanConfig, 'trial' | 'quantity' | 'contact'>

/** Stripe takes 500 characters. */
const longest = 500

/**
 * The terms as `dues push` writes them, so that `dues pull` finds them again: `{"trial":{"days":14}}`. An address that is too long for them
 * is left out: nothing that is sold depends on it.
 */
export function termsText({ trial, quantity, contact }: ProductTerms): string {
  const { min, max = Number.POSITIVE_INFINITY, adjustable } = quantity ?? {}
  const bounds = {
    ...(min !== undefined && { min }),
    ...(Number.isFinite(max) && { max }),
    ...(adjustable && { adjustable }),
  }
  const terms = {
    ...(trial && { trial: { days: trial.days, ...(trial.withoutCard && { withoutCard: trial.withoutCard }) } }),
    ...(quantity && { quantity: bounds }),
  }
  const text = JSON.stringify({ ...terms, ...(contact && { contact }) })
  if (text === '{}') return ''
  return text.length <= longest ? text : JSON.stringify(terms)
}

/** The terms that a push has written. Somebody may have written into the field by hand: what is no terms is none. */
export function termsOfText(text: string | undefined): ProductTerms {
  const { trial, quantity, contact } = fieldsOf(parsed(text))
  return {
    ...(isTrial(trial) && { trial }),
    ...(isQuantity(quantity) && { quantity }),
    ...(typeof contact === 'string' && contact !== '' && { contact }),
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '{}')
  } catch {
    return {}
  }
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}

const hasOnly = (value: unknown, ...names: string[]): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).every((name) => names.includes(name))

function isTrial(value: unknown): value is TrialConfig {
  const { days, withoutCard } = fieldsOf(value)
  const isKnown = withoutCard === undefined || withoutCard === 'cancel' || withoutCard === 'pause'
  return hasOnly(value, 'days', 'withoutCard') && Number.isInteger(days) && Number(days) > 0 && isKnown
}

function isQuantity(value: unknown): value is QuantityConfig {
  const { min = 1, max = 1, adjustable = true } = fieldsOf(value)
  const isWhole = Number.isInteger(min) && Number.isInteger(max)
  return hasOnly(value, 'min', 'max', 'adjustable') && isWhole && typeof adjustable === 'boolean'
}
