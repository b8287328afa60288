import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { defaultSourceShown } from '../engine/card-sources.ts'
import { attachPayment, checkNoPayments } from '../engine/invoices/attach.ts'
import { markUncollectible, voidInvoice } from '../engine/invoices/close.ts'
import { customerFields } from '../engine/invoices/create.ts'
import '../engine/invoices/due.ts'
import { finalizeByHand, payByHand, sendByHand } from '../engine/invoices/by-hand.ts'
import { deleteDraft, makeInvoice, updateInvoice } from '../engine/invoices/manual.ts'
import { defaultPaymentOf, paymentsOf } from '../engine/invoices/paid.ts'
import type { Invoice } from '../engine/invoices/totals.ts'
import { resumeUnpaid } from '../engine/subscriptions/waiting.ts'
import { isCreatedWithin, listOf } from '../protocol/list.ts'
import { render } from '../protocol/render.ts'
import { defineResource } from '../resource.ts'
import { fromPath } from './from-path.ts'

/** How many lines an invoice shows of itself; the rest is in `/v1/invoices/{id}/lines`. */
const linesShown = 10

defineResource({
  kind: 'invoice',
  operations: {
    'POST /v1/invoices': ({ account, params }) => makeInvoice(account, params),
    'POST /v1/invoices/{id}': ({ account, path, params }) => updateInvoice(account, path.id, params),
    'GET /v1/invoices/{id}': ({ account, path }) => ofPath(account, path.id),
    'GET /v1/invoices': ({ account, params, url }) =>
      listOf(account, 'invoice', params, url, {
        ...(params.customer && { among: account.store.by('invoice', 'customer', params.customer) }),
        ...(params.subscription && { among: account.store.by('invoice', 'subscription', params.subscription) }),
        where: (invoice) => isListed(invoice, params),
      }),
    'DELETE /v1/invoices/{id}': ({ account, path }) => deleteDraft(account, ofPath(account, path.id).id),
    'POST /v1/invoices/{id}/finalize': ({ account, path, params }) => finalizeByHand(account, path.id, params),
    'POST /v1/invoices/{id}/pay': ({ account, path, params }) => payByHand(account, path.id, params),
    'POST /v1/invoices/{id}/send': ({ account, path }) => sendByHand(account, ofPath(account, path.id).id),
    'POST /v1/invoices/{id}/void': ({ account, path }) =>
      inItsTime(account, path.id, () => {
        checkNoPayments(account, path.id, 'void')
        return voidInvoice(account, path.id)
      }),
    'POST /v1/invoices/{id}/mark_uncollectible': ({ account, path }) =>
      inItsTime(account, path.id, () => {
        checkNoPayments(account, path.id, 'mark_uncollectible')
        const written = markUncollectible(account, path.id)
        resumeUnpaid(account, written)
        return written
      }),
    'POST /v1/invoices/{id}/attach_payment': ({ account, path, params }) =>
      attachPayment(account, ofPath(account, path.id).id, params),
  },
  view: (invoice, account) => {
    const shown = invoice.status === 'draft' ? { ...invoice, ...currentCustomer(account, invoice) } : invoice
    const { lines } = shown
    if (lines.data.length <= linesShown) return shown
    return { ...shown, lines: { ...lines, data: lines.data.slice(0, linesShown), has_more: true } }
  },
  includes: {
    payments: (invoice, account) => ({
      object: 'list',
      data: paymentsOf(account, invoice.id).map((payment) => render(account, payment)),
      has_more: false,
      url: '/v1/invoices/payments',
    }),
    confirmation_secret: (invoice, account) => confirmationSecret(account, invoice),
    default_source: defaultSourceShown,
  },
})

const ofPath = (account: Account, id: string): Invoice => fromPath(account, 'invoice', id, 'invoice')

/** Until it is finalized, an invoice shows its customer as he is now; a preview shows him as it was told that he would be. */
function currentCustomer(account: Account, { billing_reason, customer }: Invoice): Partial<Invoice> {
  if (billing_reason === 'upcoming') return {}
  const found = customer ? account.find('customer', customer) : undefined
  return found && 'email' in found ? customerFields(account, found) : {}
}

/** What a page needs to confirm the payment of an invoice. */
function confirmationSecret(account: Account, invoice: Invoice): Invoice['confirmation_secret'] {
  const intent = account.find('payment_intent', defaultPaymentOf(account, invoice.id)?.payment.payment_intent ?? '')
  return intent?.client_secret ? { client_secret: intent.client_secret, type: 'payment_intent' } : null
}

function isListed(invoice: Invoice, params: Stripe.InvoiceListParams): boolean {
  const { subscription_details: details } = invoice.parent ?? {}
  return (
    (params.customer === undefined || invoice.customer === params.customer) &&
    (params.subscription === undefined || details?.subscription === params.subscription) &&
    (params.status === undefined || invoice.status === params.status) &&
    (params.collection_method === undefined || invoice.collection_method === params.collection_method) &&
    (params.due_date === undefined || (invoice.due_date !== null && isCreatedWithin(invoice.due_date, params.due_date)))
  )
}

const inItsTime = (account: Account, id: string, run: () => Invoice): Invoice =>
  account.atTimeOf(account.get('invoice', id).customer, run)
