import type { Context } from '../context.ts'
import { refundInvoice, voidInvoice, writeCreditNote } from './give-back.ts'
import { openInvoiceOf, payInvoice } from './pay.ts'
import { balanceOf, getInvoice, listInvoices } from './read.ts'
import type { InvoicesFacade } from './types.ts'
import { upcomingInvoice } from './upcoming.ts'

/** `dues.invoices` */
export function invoicesFacade(context: Context): InvoicesFacade {
  return {
    list: (owner, options) => listInvoices(context, owner, options),
    get: (owner, invoice) => getInvoice(context, owner, invoice),
    upcoming: (owner) => upcomingInvoice(context, owner),
    pay: (owner, invoice) => payInvoice(context, owner, invoice),
    open: (owner) => openInvoiceOf(context, owner),
    balance: (owner) => balanceOf(context, owner),
    void: (invoice) => voidInvoice(context, invoice),
    refund: (invoice, options) => refundInvoice(context, invoice, options),
    creditNote: (invoice, options) => writeCreditNote(context, invoice, options),
  }
}
