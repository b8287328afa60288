import type { Account } from '../../account.ts'
import { defineDue } from '../agenda.ts'
import { collect, subscriptionOf } from '../collection.ts'
import { markSent, wasSent } from '../notes.ts'
import { finalizeInvoice } from './finalize.ts'
import type { Invoice } from './totals.ts'

defineDue({
  kind: 'invoice',
  dueAt(account, invoice) {
    if (invoice.status === 'draft') return invoice.auto_advance ? invoice.automatically_finalizes_at : null
    if (invoice.status !== 'open') return null
    if (invoice.auto_advance && invoice.next_payment_attempt !== null) return invoice.next_payment_attempt
    const { due_date } = invoice
    return due_date !== null && !wasSent(account, invoice.id, 'overdue', due_date) ? due_date : null
  },
  run(account, invoice) {
    if (invoice.status === 'draft') finalizeAndCollect(account, invoice.id)
    else if (invoice.auto_advance && invoice.next_payment_attempt !== null) {
      collect(account, invoice.id, { offSession: true, automatic: true })
    } else tellOverdue(account, invoice)
  },
})

/** What happens to a draft about an hour after it was made: it is finalized, and charged or sent. */
export function finalizeAndCollect(account: Account, id: string): void {
  const open = finalizeInvoice(account, id)
  if (open.status !== 'open') return
  if (open.collection_method === 'send_invoice') account.emit('invoice.sent', open)
  else collect(account, id, { offSession: true, automatic: true })
}

/** An invoice that was sent is not paid by its due date: its subscription is past due. */
function tellOverdue(account: Account, invoice: Invoice): void {
  markSent(account, invoice.id, 'overdue', invoice.due_date ?? 0)
  account.emit('invoice.overdue', invoice)
  const subscription = account.find('subscription', subscriptionOf(invoice) ?? '')
  if (subscription?.status !== 'active') return
  account.change('customer.subscription.updated', 'subscription', subscription.id, { status: 'past_due' })
}
