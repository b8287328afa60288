import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'

/** What pays an invoice: made when it is finalized, see engine/invoices/finalize.ts. */
defineResource({
  kind: 'invoice_payment',
  operations: {
    'GET /v1/invoice_payments/{id}': ({ account, path }) => account.get('invoice_payment', path.id),
    'GET /v1/invoice_payments': ({ account, params, url }) => {
      const { invoice, payment, status } = params
      const intent = payment?.payment_intent
      const among = invoice
        ? account.store.by('invoice_payment', 'invoice', invoice)
        : intent
          ? account.store.by('invoice_payment', 'payment_intent', intent)
          : undefined
      return listOf(account, 'invoice_payment', params, url, {
        ...(among && { among }),
        where: (each) =>
          (status === undefined || each.status === status) &&
          (intent === undefined || each.payment.payment_intent === intent) &&
          (payment === undefined || each.payment.type === payment.type),
      })
    },
  },
})
