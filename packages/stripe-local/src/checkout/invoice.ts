import type { Account } from '../account.ts'
import { createInvoice } from '../engine/invoices/create.ts'
import { finalizeInvoice } from '../engine/invoices/finalize.ts'
import { newInvoiceItem } from '../engine/invoices/items.ts'
import { markPaid } from '../engine/invoices/paid.ts'
import { redeemAll } from '../engine/redeem.ts'
import type { Kinds } from '../kinds.ts'
import type { Session } from './session.ts'

/**
 * Makes the invoice of a payment that is paid already, where the session asks for one; answers its id.
 *
 * https://docs.stripe.com/payments/checkout/receipts#paid-invoices
 *
 * @param intent the payment, which may take days yet; null when nothing had to be paid
 */
export function invoicePayment(
  account: Account,
  session: Session,
  intent: Kinds['payment_intent'] | null,
): string | null {
  const data = session.invoice_creation?.enabled ? session.invoice_creation.invoice_data : undefined
  const { customer, currency } = session
  if (!data || !customer || !currency) return null
  const { items } = account.get('local.checkout', session.id)
  const test_clock = account.get('customer', customer).test_clock ?? null
  const charged = items.map(({ price, quantity, tax_rates }) => {
    const params = { pricing: { price }, quantity: quantity ?? 1, ...(tax_rates.length > 0 && { tax_rates }) }
    return account.insert('invoiceitem', newInvoiceItem(account, params, { customer, currency, test_clock }))
  })
  for (const item of charged) account.emit('invoiceitem.created', item)
  const draft = createInvoice(account, {
    customer,
    currency,
    billing_reason: 'manual',
    period: { start: account.now, end: account.now },
    items: charged,
    discounts: redeemAll(account, discountParams(session), { customer, checkout_session: session.id }, currency),
    fields: {
      description: data.description,
      footer: data.footer,
      metadata: data.metadata ?? {},
      ...(data.custom_fields && { custom_fields: data.custom_fields }),
      shipping_cost: session.shipping_cost,
    },
  })
  if (!intent) return finalizeInvoice(account, draft.id).id
  const open = finalizeInvoice(account, draft.id, { intent: intent.id })
  if (open.status === 'open' && intent.status === 'succeeded')
    markPaid(account, open.id, { attempts: 1, intent: intent.id })
  return open.id
}

/** The discounts of a session, as parameters. */
export const discountParams = (session: Session): { coupon?: string; promotion_code?: string }[] =>
  (session.discounts ?? []).map(({ coupon, promotion_code }) =>
    promotion_code ? { promotion_code } : { coupon: coupon ?? '' },
  )
