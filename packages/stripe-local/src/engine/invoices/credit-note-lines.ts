import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { invalidRequest, missingParameter, noSuch } from '../../protocol/errors.ts'
import type { Stored } from '../../wire.ts'
import { sumOf } from '../discounts.ts'
import { type Fraction, fraction, over, round, times } from '../fraction.ts'
import { amountOf } from '../pricing.ts'
import { taxRatesOf } from '../subscriptions/items.ts'
import { taxLines } from '../tax.ts'
import type { Line } from './lines.ts'
import type { Invoice } from './totals.ts'

export type CreditLine = Stored<Stripe.CreditNoteLineItem>
type LineParam = Stripe.CreditNoteCreateParams.Line

/** The lines of a credit note out of its parameters; one line for the whole when there is just an amount. */
export function creditLines(account: Account, invoice: Invoice, params: Stripe.CreditNoteCreateParams): CreditLine[] {
  if (params.lines && params.amount !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: amount, lines.', 'amount')
  }
  if (params.lines) {
    return params.lines.map((line, i) =>
      line.type === 'invoice_line_item'
        ? creditOfLine(account, invoice, line, `lines[${i}]`)
        : customLine(account, line, `lines[${i}]`),
    )
  }
  const whole =
    params.amount ??
    sumOf([params.credit_amount, params.refund_amount, params.out_of_band_amount].map((each) => each ?? 0))
  if (whole <= 0) throw missingParameter('amount')
  return [{ ...blankLine(account), amount: whole, quantity: 1, unit_amount: whole, unit_amount_decimal: String(whole) }]
}

const blankLine = (account: Account): CreditLine => ({
  id: account.newId('cnli'),
  object: 'credit_note_line_item',
  amount: 0,
  description: null,
  discount_amount: 0,
  discount_amounts: [],
  livemode: false,
  metadata: {},
  pretax_credit_amounts: [],
  quantity: null,
  tax_rates: [],
  taxes: [],
  type: 'custom_line_item',
  unit_amount: null,
  unit_amount_decimal: null,
})

function customLine(account: Account, param: LineParam, where: string): CreditLine {
  const unit = param.unit_amount_decimal === undefined ? param.unit_amount : String(param.unit_amount_decimal)
  if (unit === undefined) throw missingParameter(`${where}[unit_amount]`)
  const quantity = param.quantity ?? 1
  const amount = amountOf(String(unit), quantity)
  const rates = taxRatesOf(account, param.tax_rates, `${where}[tax_rates]`)
  const terms = rates.map(({ id, percentage, inclusive }) => ({ id, percentage, inclusive }))
  return {
    ...blankLine(account),
    amount,
    description: param.description ?? null,
    ...(param.metadata && { metadata: param.metadata as Record<string, string> }),
    quantity,
    tax_rates: rates,
    taxes: taxLines([{ net: amount, taxRates: terms }])[0] ?? [],
    unit_amount: param.unit_amount ?? null,
    unit_amount_decimal: String(unit),
  }
}

/** What is credited of a line of the invoice: so much of its amount, and the same part of its discounts and taxes. */
function creditOfLine(account: Account, invoice: Invoice, param: LineParam, where: string): CreditLine {
  const line = invoice.lines.data.find((each) => each.id === param.invoice_line_item)
  if (!line) throw noSuch('invoice line item', String(param.invoice_line_item), `${where}[invoice_line_item]`, 400)
  const { amount, part } = partOf(line, param, where)
  const discount_amounts = (line.discount_amounts ?? []).map((each) => ({ ...each, amount: share(each.amount, part) }))
  return {
    ...blankLine(account),
    amount,
    description: param.description ?? line.description,
    discount_amount: sumOf(discount_amounts.map((each) => each.amount)),
    discount_amounts,
    invoice_line_item: line.id,
    pretax_credit_amounts: discount_amounts.map((each) => ({ ...each, type: 'discount' as const })),
    quantity: param.quantity ?? line.quantity,
    taxes: (line.taxes ?? []).map((tax) => ({
      ...tax,
      amount: share(tax.amount, part),
      taxable_amount: tax.taxable_amount === null ? null : share(tax.taxable_amount, part),
    })),
    type: 'invoice_line_item',
    unit_amount: null,
    unit_amount_decimal: line.pricing?.unit_amount_decimal ?? null,
  }
}

function partOf(line: Line, param: LineParam, where: string): { amount: number; part: Fraction } {
  if (param.amount !== undefined) {
    if (param.amount > line.amount) {
      throw invalidRequest('The amount to credit must not be more than the amount of the line.', `${where}[amount]`)
    }
    return {
      amount: param.amount,
      part: line.amount === 0 ? fraction(0) : over(fraction(param.amount), fraction(line.amount)),
    }
  }
  const quantity = line.quantity ?? 1
  const credited = param.quantity ?? quantity
  if (credited > quantity) {
    throw invalidRequest('The quantity to credit must not be more than the quantity of the line.', `${where}[quantity]`)
  }
  const part = quantity === 0 ? fraction(1) : over(fraction(credited), fraction(quantity))
  return { amount: share(line.amount, part), part }
}

const share = (amount: number, part: Fraction): number => round(times(fraction(amount), part))

/** What a credit note is worth, from its lines. */
export function creditTotals(lines: readonly CreditLine[]) {
  const taxes = new Map<string, NonNullable<CreditLine['taxes']>[number]>()
  for (const tax of lines.flatMap((line) => line.taxes ?? [])) {
    const key = `${tax.tax_rate_details?.tax_rate} ${tax.tax_behavior}`
    const sum = taxes.get(key)
    taxes.set(
      key,
      sum
        ? {
            ...sum,
            amount: sum.amount + tax.amount,
            taxable_amount: (sum.taxable_amount ?? 0) + (tax.taxable_amount ?? 0),
          }
        : tax,
    )
  }
  const all = [...taxes.values()]
  const discounts = new Map<string, number>()
  for (const { amount, discount } of lines.flatMap((line) => line.discount_amounts)) {
    discounts.set(discount, (discounts.get(discount) ?? 0) + amount)
  }
  const subtotal = sumOf(lines.map((line) => line.amount))
  const discount_amount = sumOf(lines.map((line) => line.discount_amount))
  const of = (behavior: string): number =>
    sumOf(all.filter((tax) => tax.tax_behavior === behavior).map((tax) => tax.amount))
  const total = subtotal - discount_amount + of('exclusive')
  const discount_amounts = Array.from(discounts, ([discount, amount]) => ({ amount, discount }))
  return {
    amount: total,
    discount_amount,
    discount_amounts,
    pretax_credit_amounts: discount_amounts.map((each) => ({ ...each, type: 'discount' as const })),
    subtotal,
    subtotal_excluding_tax: subtotal - of('inclusive'),
    total,
    total_excluding_tax: total - of('inclusive') - of('exclusive'),
    total_taxes: all,
  }
}

/** Splits what is credited between what has not been paid yet and what has. */
export const splitAmount = (amount: number, remaining: number): { pre: number; post: number } => {
  const pre = Math.min(amount, remaining)
  return { pre, post: amount - pre }
}
