import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { refuseAutomaticTax } from '../engine/automatic-tax.ts'
import { dryRun } from '../engine/dry-run.ts'
import { adoptCurrency, draftInvoice, pendingItems } from '../engine/invoices/create.ts'
import { newInvoiceItem } from '../engine/invoices/items.ts'
import { asPreview, draftRenewal, dropPending } from '../engine/invoices/preview.ts'
import type { Invoice } from '../engine/invoices/totals.ts'
import { redeemAll } from '../engine/redeem.ts'
import { endSubscription } from '../engine/subscriptions/cancel.ts'
import { draftSubscription } from '../engine/subscriptions/create.ts'
import { nextPeriodEnd, type Subscription } from '../engine/subscriptions/items.ts'
import { draftPause } from '../engine/subscriptions/pause.ts'
import { draftResumption } from '../engine/subscriptions/resume.ts'
import { draftUpdate } from '../engine/subscriptions/update.ts'
import { ApiError, invalidRequest, missingParameter, noSuch, notSupported } from '../protocol/errors.ts'
import { currencyOf } from '../protocol/values.ts'
import { defineResource } from '../resource.ts'
import { createCustomer, updateCustomer } from './customers.ts'
import { draftOfSchedule } from './schedule-previews.ts'
import { createTaxId } from './tax-ids.ts'

type Params = Stripe.InvoiceCreatePreviewParams

/** Previews are made by what they preview, in a dry run, so that they cannot differ from it. */
defineResource({
  kind: 'invoice',
  operations: { 'POST /v1/invoices/create_preview': ({ account, params }) => preview(account, params) },
})

/** https://docs.stripe.com/api/invoices/create_preview */
function preview(live: Account, params: Params): Invoice {
  refuseUnsupported(params)
  return dryRun(live, (account) => {
    if (params.schedule || params.schedule_details) return previewSchedule(account, params)
    const subscription = params.subscription
      ? account.get('subscription', params.subscription, 'subscription')
      : undefined
    const customer = customerOf(account, params, subscription)
    overrideCustomer(account, customer, params.customer_details)
    refuseAutomaticTax(account, params.automatic_tax, customer)
    const draft = account.atTimeOf(customer, () => draftOf(account, params, customer, subscription))
    if (draft) return asPreview(draft, params.subscription_details?.proration_date)
    throw new ApiError(404, `No upcoming invoices for customer: ${customer}`, { code: 'invoice_upcoming_none' })
  })
}

function previewSchedule(account: Account, params: Params): Invoice {
  const owner = params.schedule && account.get('subscription_schedule', params.schedule, 'schedule').customer
  if (owner && params.customer && params.customer !== owner)
    throw noSuch('subscription_schedule', String(params.schedule), 'schedule')
  const draft = inCurrency(draftOfSchedule(account, params), params.currency)
  if (draft) return asPreview(draft)
  throw new ApiError(404, `No upcoming invoices for schedule: ${params.schedule}`, { code: 'invoice_upcoming_none' })
}

function refuseUnsupported(params: Params): void {
  if (params.customer_account) throw notSupported('the parameter customer_account')
  const { proration_behavior, proration_date } = params.subscription_details ?? {}
  if (proration_date !== undefined && proration_behavior === 'none') {
    throw invalidRequest(
      'You cannot pass `subscription_details[proration_date]` when `subscription_details[proration_behavior]` is `none`.',
      'subscription_details[proration_date]',
    )
  }
}

/** The customer who is billed; one that is only described is made for the preview and goes with it. */
function customerOf(account: Account, params: Params, subscription: Subscription | undefined): string {
  if (subscription && [undefined, subscription.customer].includes(params.customer)) return subscription.customer
  if (subscription) throw noSuch('subscription', subscription.id, 'subscription')
  if (params.customer) return account.get('customer', params.customer, 'customer').id
  if (params.customer_details || params.subscription_details?.items) return createCustomer(account, {}).id
  throw missingParameter('customer')
}

/** What is said of the customer holds in the preview alone: a dry run forgets it. Tax ids that are given take the place of those there. */
function overrideCustomer(account: Account, customer: string, details: Params['customer_details'] = {}): void {
  const { tax_ids, ...changes } = details
  if (Object.keys(changes).length > 0) updateCustomer(account, customer, changes)
  if (!tax_ids) return
  for (const { id } of account.store.by('tax_id', 'customer', customer)) account.remove('tax_id', id)
  for (const taxId of tax_ids) createTaxId(account, customer, taxId)
}

function draftOf(
  account: Account,
  params: Params,
  customer: string,
  subscription: Subscription | undefined,
): Invoice | undefined {
  if (params.on_behalf_of || params.issuer?.type === 'account') throw notSupported('Connect on invoices')
  const details = params.subscription_details
  const billed = subscription ?? (details?.items ? undefined : nextToRenew(account, customer))
  if (params.preview_mode === 'recurring' && billed) dropPending(account, customer, billed.id)
  addItems(account, params, customer, billed)
  if (billed) return inCurrency(draftChange(account, params, billed), params.currency)
  if (details?.items) return draftSubscription(account, creationParams(params, customer))
  const items = pendingItems(account, customer)
  if (items.length === 0) return undefined
  const currency = params.currency === undefined ? (items[0]?.currency ?? 'usd') : currencyOf(params.currency)
  if (!items.some((item) => item.currency === currency)) return undefined
  adoptCurrency(account, customer, currency)
  return draftInvoice(account, {
    customer,
    currency,
    billing_reason: 'upcoming',
    period: { start: account.now, end: account.now },
    items: items.filter((item) => item.currency === currency),
    discounts: redeemAll(account, params.discounts, { customer }, currency),
  })
}

/** A subscription is billed in its own currency; what Stripe answers to another is not known. */
function inCurrency(draft: Invoice | undefined, asked: string | undefined): Invoice | undefined {
  if (!draft || asked === undefined || currencyOf(asked) === draft.currency) return draft
  throw notSupported(`a preview in ${asked} of what is billed in ${draft.currency}`)
}

/** The subscription of a customer that is billed next. */
const nextToRenew = (account: Account, customer: string): Subscription | undefined =>
  account.store
    .by('subscription', 'customer', customer)
    .filter((each) => each.ended_at === null && each.items.data.length > 0 && each.status !== 'paused')
    .sort((a, b) => nextPeriodEnd(a.items.data) - nextPeriodEnd(b.items.data))[0]

/** Items that are on the preview alone. */
function addItems(account: Account, params: Params, customerId: string, subscription: Subscription | undefined): void {
  const customer = account.get('customer', customerId)
  for (const [i, given] of (params.invoice_items ?? []).entries()) {
    if (given.invoiceitem) throw notSupported('changing invoice items in a preview: update the item')
    const { price, unit_amount, ...rest } = given
    const currency = currencyOf(
      given.currency ?? subscription?.currency ?? params.currency ?? customer.currency ?? 'usd',
    )
    const fields = {
      ...rest,
      ...(price && { pricing: { price } }),
      ...(unit_amount !== undefined && { unit_amount_decimal: String(unit_amount) }),
    }
    const place = {
      customer: customerId,
      currency,
      subscription: subscription?.id,
      test_clock: customer.test_clock ?? null,
    }
    account.insert('invoiceitem', newInvoiceItem(account, fields as never, place, `invoice_items[${i}].`))
  }
}

/** The invoice that a change makes at once; else the next renewal, as it will be after the change. */
function draftChange(account: Account, params: Params, { id }: Subscription): Invoice | undefined {
  const details = params.subscription_details
  if (details?.cancel_now) return draftCancellation(account, id, details.proration_behavior !== 'none')
  if (details?.resume_at) return draftResumption(account, id, updateParams(params))
  if (details?.pause && Object.keys(details.pause).length > 0) return draftPause(account, id, details.pause)
  const update = updateParams(params)
  const now = Object.keys(update).length > 0 ? draftUpdate(account, id, update) : undefined
  return now ?? draftRenewal(account, id)
}

function draftCancellation(account: Account, id: string, prorate: boolean): Invoice | undefined {
  const { latest_invoice: before } = account.get('subscription', id)
  const { latest_invoice } = endSubscription(account, id, { prorate, invoiceNow: true, draft: true })
  return latest_invoice && latest_invoice !== before ? account.get('invoice', latest_invoice) : undefined
}

function updateParams({ subscription_details: details = {}, discounts }: Params): Stripe.SubscriptionUpdateParams {
  const {
    pause: _pause,
    resume_at: _resume,
    cancel_now: _cancel,
    start_date: _start,
    billing_mode: _mode,
    ...rest
  } = details
  return { ...rest, ...(discounts !== undefined && { discounts }) } as Stripe.SubscriptionUpdateParams
}

function creationParams(params: Params, customer: string): Stripe.SubscriptionCreateParams {
  const details = params.subscription_details ?? {}
  const { billing_cycle_anchor: anchor, start_date } = details
  const { items, billing_mode, default_tax_rates, trial_end, cancel_at, proration_behavior, metadata } = details
  return {
    customer,
    items: items as Stripe.SubscriptionCreateParams.Item[],
    ...(params.currency && { currency: params.currency }),
    ...(anchor?.timestamp !== undefined && { billing_cycle_anchor: anchor.timestamp }),
    ...(start_date !== undefined && { backdate_start_date: start_date }),
    ...(billing_mode && { billing_mode }),
    ...(default_tax_rates !== undefined && { default_tax_rates }),
    ...(trial_end !== undefined && { trial_end }),
    ...(cancel_at && { cancel_at }),
    ...(proration_behavior && { proration_behavior }),
    ...(metadata !== undefined && { metadata }),
    ...(params.discounts !== undefined && { discounts: params.discounts }),
    payment_behavior: 'default_incomplete',
  }
}
