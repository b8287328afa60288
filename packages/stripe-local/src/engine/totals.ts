import { type DiscountAmount, type Discountable, type DiscountTerms, discountLines, sumOf } from './discounts.ts'
import { minimumCharge } from './money.ts'
import { includedTax, type Tax, type TaxExempt, type TaxTerms, taxLines, totalTaxes } from './tax.ts'

/** What totals need to know of a line. */
export type TotalsLine = Discountable & {
  /** Minor units, before discounts and exclusive taxes. */
  amount: number
  /** The line's own discounts, which come before those of the invoice. */
  discounts: readonly DiscountTerms[]
  /** Discounts whose amount is settled already: those of a proration. */
  settled?: readonly DiscountAmount[]
  taxRates: readonly TaxTerms[]
}

export type Totals = {
  lines: { discount_amounts: DiscountAmount[]; taxes: Tax[] }[]
  subtotal: number
  subtotal_excluding_tax: number
  total: number
  total_excluding_tax: number
  total_discount_amounts: DiscountAmount[]
  total_taxes: Tax[]
}

/**
 * The totals of an invoice out of its lines. Every total is the sum of what the lines say:
 * `total = subtotal − discounts of the invoice + exclusive taxes`, and in `subtotal` the lines' own discounts are in already.
 */
export function totalsOf(
  lines: readonly TotalsLine[],
  discounts: readonly DiscountTerms[],
  taxExempt: TaxExempt = 'none',
): Totals {
  const given: DiscountAmount[][] = lines.map((line) => [...(line.settled ?? [])])
  const nets = lines.map((line) => line.amount - sumOf((line.settled ?? []).map(({ amount }) => amount)))
  const take = (discount: DiscountTerms, among: readonly Discountable[]): number => {
    const amounts = discountLines(discount, among, nets)
    for (const [i, amount] of amounts.entries()) {
      if (amount === null) continue
      given[i]?.push({ amount, discount: discount.id })
      nets[i] = (nets[i] ?? 0) - amount
    }
    return sumOf(amounts.map((amount) => amount ?? 0))
  }

  for (const [i, line] of lines.entries()) {
    const only = lines.map((other, j) => ({ ...other, discountable: i === j && other.discountable }))
    for (const discount of line.discounts) take(discount, only)
  }
  const subtotal = sumOf(nets)
  const taxable = lines.map((line, i) => ({ net: nets[i] ?? 0, taxRates: line.taxRates }))
  const subtotalExcludingTax = subtotal - (taxExempt === 'none' ? includedTax(taxable) : 0)

  const ofInvoice = discounts.map((discount) => ({ discount: discount.id, amount: take(discount, lines) }))
  const taxes = taxLines(
    lines.map((line, i) => ({ net: nets[i] ?? 0, taxRates: line.taxRates })),
    taxExempt,
  )
  const all = totalTaxes(taxes)
  const exclusive = sumOf(all.filter((tax) => tax.tax_behavior === 'exclusive').map((tax) => tax.amount))
  const total = sumOf(nets) + exclusive
  return {
    lines: lines.map((_, i) => ({ discount_amounts: given[i] ?? [], taxes: taxes[i] ?? [] })),
    subtotal,
    subtotal_excluding_tax: subtotalExcludingTax,
    total,
    total_excluding_tax: total - sumOf(all.map((tax) => tax.amount)),
    total_discount_amounts: totalDiscounts(given, ofInvoice),
    total_taxes: all,
  }
}

/** One entry per discount, in the order in which they were applied; a discount of the invoice is named even when it took nothing off. */
function totalDiscounts(given: readonly DiscountAmount[][], ofInvoice: readonly DiscountAmount[]): DiscountAmount[] {
  const totals = new Map<string, number>()
  for (const { discount, amount } of given.flat()) totals.set(discount, (totals.get(discount) ?? 0) + amount)
  for (const { discount } of ofInvoice) if (!totals.has(discount)) totals.set(discount, 0)
  return Array.from(totals, ([discount, amount]) => ({ amount, discount }))
}

/** What a customer's balance does to an invoice. */
export type Settlement = {
  amountDue: number
  endingBalance: number
  /** The amount is less than can be charged: it is paid, and the customer owes it through the balance. */
  tooSmall: boolean
}

/**
 * Takes a customer's balance into account: credit (a negative balance) lowers what is due, debt raises it; an invoice with a negative
 * total leaves credit behind. `total + startingBalance = amountDue + endingBalance`, always.
 *
 * https://docs.stripe.com/billing/customer/balance
 */
export function settle(total: number, startingBalance: number, currency: string): Settlement {
  const owed = total + startingBalance
  if (owed <= 0) return { amountDue: 0, endingBalance: owed, tooSmall: false }
  if (owed < minimumCharge(currency)) return { amountDue: 0, endingBalance: owed, tooSmall: true }
  return { amountDue: owed, endingBalance: 0, tooSmall: false }
}
