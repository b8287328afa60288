import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { adoptCurrency } from '../engine/invoices/create.ts'
import { editDraft } from '../engine/invoices/edit.ts'
import { newInvoiceItem, pricingOf } from '../engine/invoices/items.ts'
import type { InvoiceItem } from '../engine/invoices/lines.ts'
import { redeemAll } from '../engine/redeem.ts'
import { taxRatesOf } from '../engine/subscriptions/items.ts'
import { invalidRequest, missingParameter } from '../protocol/errors.ts'
import { isCreatedWithin, listOf } from '../protocol/list.ts'
import { currencyOf } from '../protocol/values.ts'
import { defineResource } from '../resource.ts'
import { mergeMetadata } from './metadata.ts'
import { refuseUnsupported } from './unsupported.ts'

const unsupported = ['customer_account', 'tax_behavior', 'tax_code'] as const

defineResource({
  kind: 'invoiceitem',
  operations: {
    'POST /v1/invoiceitems': ({ account, params }) => createItem(account, params),
    'POST /v1/invoiceitems/{id}': ({ account, path, params }) => updateItem(account, path.id, params),
    'GET /v1/invoiceitems/{id}': ({ account, path }) => account.get('invoiceitem', path.id),
    'GET /v1/invoiceitems': ({ account, params, url }) => {
      const { created, ...paging } = params
      return listOf(account, 'invoiceitem', paging, url, {
        ...(params.customer && { among: account.store.by('invoiceitem', 'customer', params.customer) }),
        where: (item) =>
          isCreatedWithin(item.date, created) &&
          (params.invoice === undefined || item.invoice === params.invoice) &&
          (params.pending === undefined || (item.invoice === null) === params.pending),
      })
    },
    'DELETE /v1/invoiceitems/{id}': ({ account, path }) => deleteItem(account, path.id),
  },
})

/** https://docs.stripe.com/api/invoiceitems/create */
function createItem(account: Account, params: Stripe.InvoiceItemCreateParams): InvoiceItem {
  if (!params.customer) throw missingParameter('customer')
  refuseUnsupported('invoice items with', params, unsupported)
  const customer = account.get('customer', params.customer, 'customer')
  const invoice = params.invoice ? account.get('invoice', params.invoice, 'invoice') : undefined
  if (params.subscription) account.get('subscription', params.subscription, 'subscription')
  const given = params.currency ?? params.price_data?.currency
  const price = params.pricing?.price ? account.find('price', params.pricing.price) : undefined
  const currency = given ? currencyOf(given) : (invoice?.currency ?? price?.currency ?? customer.currency ?? 'usd')
  if (customer.currency && customer.currency !== currency) {
    throw invalidRequest(
      `You cannot combine currencies on a single customer. This customer has had a subscription, coupon, or invoice item with currency ${customer.currency}`,
      'currency',
    )
  }
  return account.atTimeOf(customer.id, () => {
    const item = newInvoiceItem(account, params, {
      customer: customer.id,
      currency,
      invoice: invoice?.id ?? null,
      subscription: params.subscription,
      test_clock: customer.test_clock ?? null,
    })
    adoptCurrency(account, customer.id, currency)
    account.emit('invoiceitem.created', account.insert('invoiceitem', item))
    if (invoice) editDraft(account, invoice.id, 'invoice', { add: [item] })
    return item
  })
}

/** https://docs.stripe.com/api/invoiceitems/update: possible until its invoice is finalized. */
function updateItem(account: Account, id: string, params: Stripe.InvoiceItemUpdateParams): InvoiceItem {
  refuseUnsupported('invoice items with', params, unsupported)
  const before = account.get('invoiceitem', id)
  refuseFinal(account, before)
  return account.atTimeOf(before.customer, () => {
    const reprices = ['amount', 'price_data', 'pricing', 'quantity', 'quantity_decimal', 'unit_amount_decimal'] as const
    const priced = reprices.some((name) => params[name] !== undefined)
      ? pricingOf(account, keepingPrice(before, params) as never, before.currency)
      : undefined
    const item = account.update('invoiceitem', id, {
      ...(priced && {
        amount: priced.amount,
        quantity: priced.quantity,
        pricing: priced.pricing,
        quantity_decimal: String(params.quantity_decimal ?? priced.quantity),
      }),
      ...(params.description !== undefined && { description: params.description || null }),
      ...(params.discountable !== undefined && { discountable: params.discountable }),
      ...(params.discounts !== undefined && {
        discounts: redeemAll(
          account,
          params.discounts,
          { customer: before.customer, invoice_item: id },
          before.currency,
        ),
      }),
      ...(params.metadata !== undefined && { metadata: mergeMetadata(before.metadata ?? {}, params.metadata) }),
      ...(params.period !== undefined && { period: params.period }),
      ...(params.tax_rates !== undefined && { tax_rates: taxRatesOf(account, params.tax_rates, 'tax_rates') }),
    })
    if (item.invoice) editDraft(account, item.invoice, 'invoice', { refresh: [item] })
    return item
  })
}

/** A new quantity alone keeps the price. */
function keepingPrice(before: InvoiceItem, params: Stripe.InvoiceItemUpdateParams): object {
  const named = params.amount ?? params.price_data ?? params.pricing ?? params.unit_amount_decimal
  if (named !== undefined) return params
  const price = before.pricing?.price_details?.price
  return price
    ? { ...params, pricing: { price } }
    : { ...params, unit_amount_decimal: before.pricing?.unit_amount_decimal ?? '0' }
}

/** https://docs.stripe.com/api/invoiceitems/delete */
function deleteItem(account: Account, id: string): object {
  const item = account.get('invoiceitem', id)
  refuseFinal(account, item)
  return account.atTimeOf(item.customer, () => {
    account.remove('invoiceitem', id)
    if (item.invoice) editDraft(account, item.invoice, 'invoice', { remove: [id] })
    account.emit('invoiceitem.deleted', item)
    return { id, object: 'invoiceitem', deleted: true }
  })
}

function refuseFinal(account: Account, { invoice, id }: InvoiceItem): void {
  if (!invoice || account.find('invoice', invoice)?.status === 'draft') return
  throw invalidRequest(
    `The invoice item ${id} is attached to an invoice that is no longer editable.`,
    undefined,
    'invoice_not_editable',
  )
}
