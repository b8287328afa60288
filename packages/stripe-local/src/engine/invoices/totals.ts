import type { Account } from '../../account.ts'
import type { Kinds } from '../../kinds.ts'
import { sumOf } from '../discounts.ts'
import { termsOfDiscounts } from '../redeem.ts'
import type { TaxExempt, TaxTerms } from '../tax.ts'
import { settle, type TotalsLine, totalsOf } from '../totals.ts'
import { invoiceItemOf, isProration, type Line } from './lines.ts'

export type Invoice = Kinds['invoice']

/**
 * The invoice with its totals, and its lines with their discounts and taxes, computed anew from the lines' amounts. What is due takes the
 * customer's balance into account, as it will when the invoice is finalized.
 */
export function withTotals(account: Account, invoice: Invoice): Invoice {
  const lines = invoice.lines.data
  const totals = totalsOf(
    lines.map((line) => totalsLine(account, invoice, line)),
    termsOfDiscounts(account, invoice.discounts, invoice.currency, invoice.created),
    (invoice.customer_tax_exempt ?? 'none') as TaxExempt,
  )
  const customer = invoice.customer ? account.find('customer', invoice.customer) : undefined
  const starting_balance = customer && 'balance' in customer ? customer.balance : 0
  const shipping = invoice.shipping_cost?.amount_total ?? 0
  const total = totals.total + shipping
  const { amountDue } = settle(total, starting_balance, invoice.currency)
  return {
    ...invoice,
    amount_due: amountDue,
    amount_remaining: amountDue - invoice.amount_paid,
    amount_shipping: shipping,
    lines: {
      ...invoice.lines,
      data: lines.map((line, i) => {
        const { discount_amounts = [], taxes = [] } = totals.lines[i] ?? {}
        return {
          ...line,
          discount_amounts,
          pretax_credit_amounts: discount_amounts.map((each) => ({ ...each, type: 'discount' as const })),
          subtotal: line.amount,
          taxes,
        }
      }),
    },
    starting_balance,
    subtotal: totals.subtotal,
    subtotal_excluding_tax: totals.subtotal_excluding_tax,
    total,
    total_discount_amounts: totals.total_discount_amounts,
    total_excluding_tax: totals.total_excluding_tax + shipping,
    total_pretax_credit_amounts: totals.total_discount_amounts.map((each) => ({ ...each, type: 'discount' as const })),
    total_taxes: totals.total_taxes,
  }
}

function totalsLine(account: Account, invoice: Invoice, line: Line): TotalsLine {
  const settled = isProration(line)
  return {
    amount: line.amount,
    discountable: line.discountable,
    product: line.pricing?.price_details?.product ?? null,
    discounts: settled ? [] : termsOfDiscounts(account, line.discounts, invoice.currency, invoice.created),
    ...(settled && { settled: line.discount_amounts ?? [] }),
    taxRates: taxRatesOf(account, invoice, line),
  }
}

/** A line's own tax rates: those of its invoice item or of its subscription item; without any, those of the invoice. */
function taxRatesOf(account: Account, invoice: Invoice, line: Line): TaxTerms[] {
  const invoiceItem = invoiceItemOf(line)
  const own =
    (invoiceItem && account.find('invoiceitem', invoiceItem)?.tax_rates) ||
    itemTaxRates(account, line.parent?.subscription_item_details)
  const rates = own && own.length > 0 ? own : invoice.default_tax_rates
  return rates.map(({ id, percentage, inclusive }) => ({ id, percentage, inclusive }))
}

function itemTaxRates(
  account: Account,
  parent: NonNullable<Line['parent']>['subscription_item_details'] | undefined,
): Invoice['default_tax_rates'] | null {
  if (!parent?.subscription) return null
  const subscription = account.find('subscription', parent.subscription)
  return subscription?.items.data.find((item) => item.id === parent.subscription_item)?.tax_rates ?? null
}

/** What is left of a line after its discounts: what flexible billing credits when its time is not used up. */
export const netOfLine = (line: Line): number =>
  line.amount - sumOf((line.discount_amounts ?? []).map(({ amount }) => amount))
