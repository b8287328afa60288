import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { invalidRequest, missingParameter, notSupported } from '../../protocol/errors.ts'
import { currencyOf } from '../../protocol/values.ts'
import { mergeMetadata } from '../../resources/metadata.ts'
import { refuseAutomaticTax } from '../automatic-tax.ts'
import { day } from '../calendar.ts'
import { cardSource } from '../card-sources.ts'
import { redeemAll } from '../redeem.ts'
import { taxRatesOf } from '../subscriptions/items.ts'
import { discountsOf } from '../subscriptions/prorations.ts'
import { createInvoice, pendingItems } from './create.ts'
import { invoiceItemOf } from './lines.ts'
import { type Invoice, withTotals } from './totals.ts'

type Fields = Stripe.InvoiceCreateParams & Stripe.InvoiceUpdateParams

/** `POST /v1/invoices`: https://docs.stripe.com/api/invoices/create. Pending items stay pending unless they are asked for. */
export function makeInvoice(account: Account, params: Stripe.InvoiceCreateParams): Invoice {
  if (params.from_invoice) throw notSupported('revisions of invoices')
  if (!params.customer) throw missingParameter('customer')
  const customer = account.get('customer', params.customer, 'customer')
  const subscription = params.subscription
    ? account.get('subscription', params.subscription, 'subscription')
    : undefined
  checkDates(params, params.collection_method ?? subscription?.collection_method ?? 'charge_automatically')
  return account.atTimeOf(customer.id, () => {
    const finalizesAt = finalizationOf(params, account.now)
    const advances = params.auto_advance ?? finalizesAt !== undefined
    const asked = params.pending_invoice_items_behavior ?? (subscription ? 'include' : 'exclude')
    const pending = asked === 'include' ? pendingItems(account, customer.id, subscription?.id) : []
    const currency = params.currency
      ? currencyOf(params.currency)
      : (subscription?.currency ?? pending[0]?.currency ?? customer.currency ?? 'usd')
    const items = pending.filter((item) => item.currency === currency)
    if (subscription && items.length === 0) {
      throw invalidRequest('Nothing to invoice for subscription', undefined, 'invoice_no_subscription_line_items')
    }
    const invoice = createInvoice(account, {
      customer: customer.id,
      currency,
      billing_reason: 'manual',
      period: { start: account.now, end: account.now },
      ...(subscription && { subscription }),
      items,
      auto_advance: advances,
      ...(advances && { finalizeAfter: (finalizesAt ?? account.now + account.settings.finalizeAfter) - account.now }),
      discounts:
        params.discounts === undefined
          ? discountsOf(account, { customer: customer.id, discounts: subscription?.discounts ?? [] })
          : redeemAll(account, params.discounts, { customer: customer.id }, currency),
      fields: fieldsOf(account, params, account.now),
    })
    return invoice
  })
}

/** `POST /v1/invoices/{id}`: https://docs.stripe.com/api/invoices/update. What is final takes little more than metadata. */
export function updateInvoice(account: Account, id: string, params: Stripe.InvoiceUpdateParams): Invoice {
  const before = account.get('invoice', id)
  const names = Object.keys(params).filter((name) => name !== 'expand' && name !== 'metadata')
  const editable = before.status === 'draft' ? names : names.filter((name) => name === 'auto_advance')
  const other = names.find((name) => !editable.includes(name))
  if (other) throw invalidRequest("Finalized invoices can't be updated in this way", other)
  return account.atTimeOf(before.customer, () => {
    if (params.due_date !== undefined || params.days_until_due !== undefined) {
      checkDates(params as Fields, params.collection_method ?? before.collection_method)
    }
    const after: Invoice = {
      ...before,
      ...fieldsOf(account, params as Fields, before.created, before),
      ...(params.discounts !== undefined && {
        discounts: redeemAll(account, params.discounts, { customer: before.customer, invoice: id }, before.currency),
      }),
      ...advancing(account, before, params),
    }
    return account.change(
      'invoice.updated',
      'invoice',
      id,
      before.status === 'draft' ? withTotals(account, after) : after,
    )
  })
}

/** When a draft that goes on by itself is finalized: at the time that was named, or an hour after it was made, whenever it was told to. */
function advancing(account: Account, before: Invoice, params: Stripe.InvoiceUpdateParams): Partial<Invoice> {
  const asked = finalizationOf(params, account.now)
  const advances = params.auto_advance ?? asked !== undefined
  if (params.auto_advance === undefined && asked === undefined) return {}
  if (before.status !== 'draft') return { auto_advance: advances }
  const at = advances ? (asked ?? before.created + account.settings.finalizeAfter) : null
  return {
    auto_advance: advances,
    automatically_finalizes_at: at,
    next_payment_attempt: before.collection_method === 'charge_automatically' ? at : null,
  }
}

/** `automatically_finalizes_at`: up to five years from now. */
function finalizationOf(params: Pick<Fields, 'automatically_finalizes_at'>, now: number): number | undefined {
  const at = params.automatically_finalizes_at
  if (at === undefined || (at > now && at <= now + 5 * 366 * day)) return at
  throw invalidRequest(
    '`automatically_finalizes_at` must be in the future and within five years.',
    'automatically_finalizes_at',
  )
}

/** `DELETE /v1/invoices/{id}`: drafts alone. Its items are gone with it. */
export function deleteDraft(account: Account, id: string): object {
  const invoice = account.get('invoice', id, 'invoice')
  if (invoice.status !== 'draft') throw invalidRequest('You can only delete draft invoices.')
  if (invoice.parent?.subscription_details) {
    throw invalidRequest(
      'You can only delete one-off invoices that are still drafts. Void the invoice of a subscription instead.',
    )
  }
  return account.atTimeOf(invoice.customer, () => {
    for (const line of invoice.lines.data) {
      const item = invoiceItemOf(line)
      if (item) account.remove('invoiceitem', item)
    }
    account.remove('invoice', id)
    account.emit('invoice.deleted', invoice)
    return { id, object: 'invoice', deleted: true }
  })
}

function checkDates({ due_date, days_until_due }: Pick<Fields, 'due_date' | 'days_until_due'>, method: string): void {
  const given = due_date !== undefined || days_until_due !== undefined
  if (method === 'send_invoice' && !given) {
    throw invalidRequest(
      "If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'.",
    )
  }
  if (method === 'charge_automatically' && given) {
    throw invalidRequest(
      "You can only specify 'due_date' or 'days_until_due' if invoice collection method is 'send_invoice'.",
    )
  }
}

/** The fields that parameters name. */
function fieldsOf(account: Account, params: Fields, created: number, before?: Invoice): Partial<Invoice> {
  refuseAutomaticTax(account, params.automatic_tax, before?.customer ?? params.customer)
  refuseUnsupported(params)
  const fields: Partial<Invoice> = {}
  if (params.account_tax_ids !== undefined) fields.account_tax_ids = params.account_tax_ids || null
  if (params.collection_method !== undefined) fields.collection_method = params.collection_method
  if (params.custom_fields !== undefined) fields.custom_fields = params.custom_fields || null
  if (params.default_payment_method !== undefined) {
    const method = params.default_payment_method
    if (method) account.get('payment_method', method, 'default_payment_method')
    fields.default_payment_method = method || null
  }
  if (params.default_source !== undefined) {
    const customer = before?.customer ?? params.customer ?? ''
    fields.default_source = params.default_source
      ? cardSource(account, customer, params.default_source, 'default_source').id
      : null
  }
  if (params.default_tax_rates !== undefined) {
    fields.default_tax_rates = taxRatesOf(account, params.default_tax_rates, 'default_tax_rates')
  }
  if (params.description !== undefined) fields.description = params.description || null
  if (params.days_until_due !== undefined) fields.due_date = created + params.days_until_due * day
  if (params.due_date !== undefined) fields.due_date = params.due_date || null
  if (params.effective_at !== undefined) fields.effective_at = params.effective_at || null
  if (params.footer !== undefined) fields.footer = params.footer || null
  if (params.metadata !== undefined) fields.metadata = mergeMetadata(before?.metadata ?? {}, params.metadata)
  if (params.number !== undefined) fields.number = params.number || null
  if (params.rendering !== undefined) fields.rendering = renderingOf(params.rendering)
  if (params.statement_descriptor !== undefined) fields.statement_descriptor = params.statement_descriptor || null
  if (params.payment_settings) {
    const types = params.payment_settings.payment_method_types
    fields.payment_settings = {
      default_mandate: null,
      payment_method_options: before?.payment_settings.payment_method_options ?? null,
      payment_method_types: types || null,
    }
  }
  return fields
}

const renderingOf = (params: Fields['rendering']): Invoice['rendering'] =>
  params
    ? {
        amount_tax_display: params.amount_tax_display || null,
        pdf: params.pdf ? { page_size: params.pdf.page_size ?? 'auto' } : null,
        template: params.template ?? null,
        template_version: params.template_version || null,
      }
    : null

function refuseUnsupported(params: Fields): void {
  if (params.customer_account) throw notSupported('the parameter customer_account')
  const { default_mandate, payment_method_options: options } = params.payment_settings ?? {}
  if (default_mandate) throw notSupported('mandates named for an invoice')
  if (options && Object.keys(options).length > 0) throw notSupported('payment_method_options of an invoice')
  if (params.rendering?.template) throw notSupported('templates of invoices')
  if (params.shipping_cost || params.shipping_details) throw notSupported('shipping on invoices')
  if (params.transfer_data || params.on_behalf_of || params.application_fee_amount || params.issuer?.type === 'account')
    throw notSupported('Connect on invoices')
}
