import type { Account } from '../../account.ts'
import { invalidRequest } from '../../protocol/errors.ts'
import { type InvoiceItem, invoiceItemOf, type Line, lineOfInvoiceItem } from './lines.ts'
import { type Invoice, withTotals } from './totals.ts'

/** What to do with the lines of a draft. */
export type Edit = {
  add?: readonly InvoiceItem[]
  /** Items whose lines are made anew. */
  refresh?: readonly InvoiceItem[]
  /** Ids of invoice items whose lines go. */
  remove?: readonly string[]
}

/**
 * Changes the lines of a draft and computes its totals anew. Lines that are added come last, in their order. Error
 * (`invoice_not_editable`) when it is not a draft.
 */
export function editDraft(
  account: Account,
  id: string,
  param: string,
  { add = [], refresh = [], remove = [] }: Edit,
): Invoice {
  const draft = draftOf(account, id, param)
  const kept = draft.lines.data.filter((line) => !remove.includes(invoiceItemOf(line) ?? ''))
  const renewed = kept.map((line): Line => {
    const item = refresh.find((each) => each.id === invoiceItemOf(line))
    return item ? { ...lineOfInvoiceItem(account, id, item), id: line.id } : line
  })
  return replaceLines(account, draft, [...renewed, ...add.map((item) => lineOfInvoiceItem(account, id, item))])
}

/** Puts other lines into a draft. */
export const replaceLines = (account: Account, draft: Invoice, data: Line[]): Invoice =>
  account.change(
    'invoice.updated',
    'invoice',
    draft.id,
    withTotals(account, { ...account.get('invoice', draft.id), lines: { ...draft.lines, data } }),
  )

/** The invoice, if it can still be edited. */
export function draftOf(account: Account, id: string, param = 'id'): Invoice {
  const invoice = account.get('invoice', id, param)
  if (invoice.status === 'draft') return invoice
  throw invalidRequest('Invalid invoice: This invoice is no longer editable', 'invoice', 'invoice_not_editable')
}
