import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { draftOf, editDraft, replaceLines } from '../engine/invoices/edit.ts'
import { type ItemFields, newInvoiceItem, pricingOf } from '../engine/invoices/items.ts'
import { type InvoiceItem, invoiceItemOf, type Line } from '../engine/invoices/lines.ts'
import type { Invoice } from '../engine/invoices/totals.ts'
import { redeemAll } from '../engine/redeem.ts'
import { taxRatesOf } from '../engine/subscriptions/items.ts'
import { invalidRequest, noSuch, notSupported } from '../protocol/errors.ts'
import { pageOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { fromPath } from './from-path.ts'
import { mergeMetadata } from './metadata.ts'

type LineParams = Omit<Stripe.InvoiceUpdateLineItemParams, 'expand'>

/** Lines live inside their invoice. Behind each line that was added by hand there is an invoice item. */
defineResource({
  kind: 'invoice',
  operations: {
    'GET /v1/invoices/{id}/lines': ({ account, path, params, url }) => {
      const { lines } = fromPath(account, 'invoice', path.id, 'invoice')
      const page = pageOf([...lines.data].reverse(), params)
      return { object: 'list', data: page.data, has_more: page.has_more, url }
    },
    'POST /v1/invoices/{id}/lines/{line}': ({ account, path, params }) =>
      updateLine(account, path.id, path.line, params),
    'POST /v1/invoices/{id}/add_lines': ({ account, path, params }) => addLines(account, path.id, params),
    'POST /v1/invoices/{id}/update_lines': ({ account, path, params }) => {
      noteMetadata(account, path.id, params.invoice_metadata)
      for (const { id, ...line } of params.lines) updateLine(account, path.id, id, line as LineParams)
      return account.get('invoice', path.id)
    },
    'POST /v1/invoices/{id}/remove_lines': ({ account, path, params }) => removeLines(account, path.id, params),
  },
})

/** https://docs.stripe.com/api/invoices/add_lines */
function addLines(account: Account, id: string, params: Stripe.InvoiceAddLinesParams): Invoice {
  const invoice = draftOf(account, fromPath(account, 'invoice', id, 'invoice').id, 'invoice')
  return account.atTimeOf(invoice.customer, () => {
    noteMetadata(account, id, params.invoice_metadata)
    const items = params.lines.map((line, i) => addedItem(account, invoice, line, `lines[${i}]`))
    return editDraft(account, id, 'invoice', { add: items })
  })
}

function addedItem(
  account: Account,
  invoice: Invoice,
  line: Stripe.InvoiceAddLinesParams.Line,
  where: string,
): InvoiceItem {
  if (line.tax_amounts) throw notSupported('tax_amounts: use tax_rates')
  if (line.invoice_item) {
    const item = account.get('invoiceitem', line.invoice_item, `${where}[invoice_item]`)
    if (item.invoice !== null)
      throw invalidRequest('The invoice item is already attached to an invoice.', `${where}[invoice_item]`)
    return account.update('invoiceitem', item.id, { invoice: invoice.id })
  }
  const item = newInvoiceItem(
    account,
    line as ItemFields,
    {
      customer: invoice.customer ?? '',
      currency: invoice.currency,
      invoice: invoice.id,
      test_clock: invoice.test_clock,
    },
    `${where}.`,
  )
  account.emit('invoiceitem.created', account.insert('invoiceitem', item))
  return item
}

/** https://docs.stripe.com/api/invoice-line-item/update */
function updateLine(account: Account, id: string, lineId: string, params: LineParams): Line {
  const invoice = draftOf(account, fromPath(account, 'invoice', id, 'invoice').id, 'invoice')
  if (params.tax_amounts) throw notSupported('tax_amounts: use tax_rates')
  return account.atTimeOf(invoice.customer, () => {
    const line = lineOf(invoice, lineId)
    const item = invoiceItemOf(line)
    if (item) {
      const after = account.update('invoiceitem', item, changesOf(account, account.get('invoiceitem', item), params))
      editDraft(account, id, 'invoice', { refresh: [after] })
    } else {
      const changed = { ...line, ...subscriptionLineChanges(line, params) }
      replaceLines(
        account,
        invoice,
        invoice.lines.data.map((each) => (each.id === lineId ? changed : each)),
      )
    }
    return lineOf(account.get('invoice', id), lineId)
  })
}

function changesOf(account: Account, item: InvoiceItem, params: LineParams): Partial<InvoiceItem> {
  const { amount, price_data, pricing, quantity, quantity_decimal } = params
  const priced =
    amount === undefined && !price_data && !pricing && quantity === undefined && quantity_decimal === undefined
      ? undefined
      : pricingOf(account, repriced(item, params), item.currency)
  return {
    ...(priced && {
      amount: priced.amount,
      pricing: priced.pricing,
      quantity: priced.quantity,
      quantity_decimal: String(quantity_decimal ?? priced.quantity),
    }),
    ...(params.description !== undefined && { description: params.description || null }),
    ...(params.discountable !== undefined && { discountable: params.discountable }),
    ...(params.discounts !== undefined && {
      discounts: redeemAll(
        account,
        params.discounts,
        { customer: item.customer, invoice_item: item.id },
        item.currency,
      ),
    }),
    ...(params.metadata !== undefined && { metadata: mergeMetadata(item.metadata ?? {}, params.metadata) }),
    ...(params.period !== undefined && { period: params.period }),
    ...(params.tax_rates !== undefined && { tax_rates: taxRatesOf(account, params.tax_rates, 'tax_rates') }),
  }
}

/** A new quantity alone keeps the price. */
function repriced(item: InvoiceItem, params: LineParams): ItemFields {
  if (params.amount !== undefined || params.price_data || params.pricing) return params as ItemFields
  const price = item.pricing?.price_details?.price
  return {
    ...(params as ItemFields),
    ...(price ? { pricing: { price } } : { unit_amount_decimal: (item.pricing?.unit_amount_decimal ?? '0') as never }),
  }
}

/** Of a line that a subscription made, what it is called and how it is discounted can be changed, not what it costs. */
function subscriptionLineChanges(line: Line, params: LineParams): Partial<Line> {
  const fixed = ['amount', 'price_data', 'pricing', 'quantity', 'quantity_decimal', 'tax_rates'] as const
  const other = fixed.find((name) => params[name] !== undefined)
  if (other) throw notSupported(`changing \`${other}\` of the line of a subscription item: change the subscription`)
  return {
    ...(params.description !== undefined && { description: params.description || null }),
    ...(params.discountable !== undefined && { discountable: params.discountable }),
    ...(params.metadata !== undefined && { metadata: mergeMetadata(line.metadata, params.metadata) }),
    ...(params.period !== undefined && { period: params.period }),
  }
}

/** https://docs.stripe.com/api/invoices/remove_lines: the item behind a line is deleted, or pending again. */
function removeLines(account: Account, id: string, params: Stripe.InvoiceRemoveLinesParams): Invoice {
  const invoice = draftOf(account, fromPath(account, 'invoice', id, 'invoice').id, 'invoice')
  return account.atTimeOf(invoice.customer, () => {
    noteMetadata(account, id, params.invoice_metadata)
    const items = params.lines.map((line) => {
      const item = invoiceItemOf(lineOf(invoice, line.id))
      if (!item) throw notSupported('removing the line of a subscription item: change the subscription')
      if (line.behavior === 'unassign') account.update('invoiceitem', item, { invoice: null })
      else account.remove('invoiceitem', item)
      return item
    })
    return editDraft(account, id, 'invoice', { remove: items })
  })
}

function lineOf(invoice: Invoice, id: string): Line {
  const line = invoice.lines.data.find((each) => each.id === id)
  if (!line) throw noSuch('invoice line item', id, 'line_item_id', 404)
  return line
}

function noteMetadata(account: Account, id: string, change: Stripe.InvoiceAddLinesParams['invoice_metadata']): void {
  if (change === undefined) return
  const { metadata } = account.get('invoice', id)
  account.update('invoice', id, { metadata: mergeMetadata(metadata ?? {}, change) })
}
