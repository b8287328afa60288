import type { Account } from '../../account.ts'
import { sumOf } from '../discounts.ts'
import type { InvoiceItem, Line } from '../invoices/lines.ts'
import { netOfLine } from '../invoices/totals.ts'
import type { Debit } from '../proration.ts'
import type { Item, Subscription } from './items.ts'

/** Where time was charged: lines of one invoice, or an invoice item that is pending still. */
export type DebitSource = {
  invoice: string | null
  lines: string[]
  invoiceItem: string | null
  price: string
  quantity: number
  /** Ids of the discounts that were taken off. */
  discounts: string[]
}

/**
 * What was charged for a subscription item and has not been credited: the ledger that flexible billing credits from. It is read out of
 * the invoices, so nothing has to be kept beside them. An invoice that was voided charged nothing.
 */
export function debitsOf(account: Account, subscription: Subscription, item: Item): Debit<DebitSource>[] {
  const invoices = account.store
    .by('invoice', 'subscription', subscription.id)
    .filter((invoice) => invoice.status !== 'void' && !('deleted' in invoice))
  const lines = invoices.flatMap((invoice) => invoice.lines.data).filter((line) => itemOfLine(line) === item.id)
  const pending = account.store
    .by('invoiceitem', 'customer', subscription.customer)
    .filter((each) => each.invoice === null && !('deleted' in each))
    .filter((each) => each.parent?.subscription_details?.subscription_item === item.id)
  const credited = new Set([...lines.flatMap(creditedByLine), ...pending.flatMap(creditedByItem)])
  const isOpen = (id: string, invoiceItem: string | null): boolean =>
    !credited.has(id) && (invoiceItem === null || !credited.has(invoiceItem))
  return [
    ...grouped(lines.filter((line) => line.amount > 0 && isOpen(line.id, invoiceItemOf(line)))),
    ...pending.filter((each) => each.amount > 0 && isOpen(each.id, null)).map(pendingDebit),
  ]
}

const itemOfLine = (line: Line): string | undefined => line.parent?.subscription_item_details?.subscription_item

const invoiceItemOf = (line: Line): string | null => line.parent?.subscription_item_details?.invoice_item ?? null

const creditedByLine = (line: Line): string[] => {
  const credited = line.parent?.subscription_item_details?.proration_details?.credited_items?.invoice_line_items ?? []
  return credited
}

const creditedByItem = ({ proration_details }: InvoiceItem): string[] => {
  const credited = proration_details?.credited_items
  return [
    ...(credited?.invoice_line_item_details?.invoice_line_items ?? []),
    ...(credited?.invoice_item ? [credited.invoice_item] : []),
  ]
}

/** The lines of a tiered price were charged together and are credited together. */
function grouped(lines: readonly Line[]): Debit<DebitSource>[] {
  const groups = new Map<string, Line[]>()
  for (const line of lines) {
    const key = `${line.invoice} ${line.period.start} ${line.period.end} ${line.pricing?.price_details?.price}`
    groups.set(key, [...(groups.get(key) ?? []), line])
  }
  return Array.from(groups.values(), (group) => ({
    amount: sumOf(group.map(netOfLine)),
    period: group[0]?.period ?? { start: 0, end: 0 },
    source: {
      invoice: group[0]?.invoice ?? null,
      lines: group.map((line) => line.id),
      invoiceItem: null,
      price: String(group[0]?.pricing?.price_details?.price ?? ''),
      quantity: sumOf(group.map((line) => line.quantity ?? 0)),
      discounts: [...new Set(group.flatMap((line) => (line.discount_amounts ?? []).map(({ discount }) => discount)))],
    },
  }))
}

const pendingDebit = (item: InvoiceItem): Debit<DebitSource> => ({
  amount: item.amount - sumOf((item.proration_details?.discount_amounts ?? []).map(({ amount }) => amount)),
  period: item.period,
  source: {
    invoice: null,
    lines: [],
    invoiceItem: item.id,
    price: String(item.pricing?.price_details?.price ?? ''),
    quantity: item.quantity,
    discounts: item.discounts ?? [],
  },
})
