import { allocate } from './allocate.ts'
import { sumOf } from './discounts.ts'
import { type Fraction, fraction, over, plus, round, times } from './fraction.ts'

/** A manual tax rate: https://docs.stripe.com/billing/taxes/tax-rates */
export type TaxTerms = { id: string; percentage: number; inclusive: boolean }

export type TaxExempt = 'none' | 'exempt' | 'reverse'

/** A tax as it stands in `taxes` of a line and `total_taxes` of an invoice. */
export type Tax = {
  amount: number
  tax_behavior: 'exclusive' | 'inclusive'
  tax_rate_details: { tax_rate: string }
  taxability_reason: 'not_available' | 'customer_exempt' | 'reverse_charge'
  taxable_amount: number
  type: 'tax_rate_details'
}

const reasons = { none: 'not_available', exempt: 'customer_exempt', reverse: 'reverse_charge' } as const

/**
 * The taxes of each line. Each rate is rounded once, over all lines that have it, and spread so that the lines add up to it.
 *
 * Inclusive rates are part of the amount; exclusive ones come on top of what is left without them.
 *
 * @param lines what is left of each line after discounts, and the rates that it has
 */
export function taxLines(
  lines: readonly { net: number; taxRates: readonly TaxTerms[] }[],
  exempt: TaxExempt = 'none',
): Tax[][] {
  const taxes: Tax[][] = lines.map(() => [])
  const taxable = lines.map((line) => line.net)
  const add = (rate: TaxTerms, amounts: readonly number[]): void =>
    lines.forEach((line, i) => {
      if (!line.taxRates.some((other) => other.id === rate.id)) return
      taxes[i]?.push({
        amount: exempt === 'none' ? (amounts[i] ?? 0) : 0,
        tax_behavior: rate.inclusive ? 'inclusive' : 'exclusive',
        tax_rate_details: { tax_rate: rate.id },
        taxability_reason: reasons[exempt],
        taxable_amount: taxable[i] ?? 0,
        type: 'tax_rate_details',
      })
    })

  const rates = ratesOf(lines)
  const inclusive = rates.filter((rate) => rate.inclusive)
  const included = inclusive.map((rate) => amountsOf(rate, lines, taxable))
  if (exempt === 'none') {
    for (const [i, line] of lines.entries()) taxable[i] = line.net - sumOf(included.map((amounts) => amounts[i] ?? 0))
  }
  for (const [i, rate] of inclusive.entries()) add(rate, included[i] ?? [])
  for (const rate of rates) if (!rate.inclusive) add(rate, amountsOf(rate, lines, taxable))
  return taxes
}

/** The taxes of all lines, one entry per rate. */
export function totalTaxes(taxes: readonly (readonly Tax[])[]): Tax[] {
  const totals = new Map<string, Tax>()
  for (const tax of taxes.flat()) {
    const total = totals.get(tax.tax_rate_details.tax_rate)
    totals.set(
      tax.tax_rate_details.tax_rate,
      total
        ? { ...total, amount: total.amount + tax.amount, taxable_amount: total.taxable_amount + tax.taxable_amount }
        : tax,
    )
  }
  return [...totals.values()]
}

/** What inclusive taxes are in amounts. */
export const includedTax = (lines: readonly { net: number; taxRates: readonly TaxTerms[] }[]): number =>
  sumOf(
    ratesOf(lines)
      .filter((rate) => rate.inclusive)
      .map((rate) =>
        sumOf(
          amountsOf(
            rate,
            lines,
            lines.map((line) => line.net),
          ),
        ),
      ),
  )

function amountsOf(
  rate: TaxTerms,
  lines: readonly { taxRates: readonly TaxTerms[] }[],
  bases: readonly number[],
): number[] {
  const shares = lines.map(({ taxRates }, i): Fraction => {
    if (!taxRates.some((other) => other.id === rate.id)) return fraction(0)
    const whole = rate.inclusive
      ? taxRates
          .filter((other) => other.inclusive)
          .reduce((sum, { percentage }) => plus(sum, fraction(percentage)), fraction(100))
      : fraction(100)
    return times(fraction(bases[i] ?? 0), over(fraction(rate.percentage), whole))
  })
  return allocate(round(shares.reduce(plus, fraction(0))), shares)
}

const ratesOf = (lines: readonly { taxRates: readonly TaxTerms[] }[]): TaxTerms[] => [
  ...new Map(lines.flatMap((line) => line.taxRates).map((rate) => [rate.id, rate])).values(),
]
