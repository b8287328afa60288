import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { invalidRequest, noSuch } from '../../protocol/errors.ts'
import { collect, paymentMethodOf } from '../collection.ts'
import { createInvoice, pendingItems } from '../invoices/create.ts'
import { finalizeInvoice } from '../invoices/finalize.ts'
import { linesOfItem } from '../invoices/lines.ts'
import type { Invoice } from '../invoices/totals.ts'
import { discountsLeft, newestFirst } from './bill-now.ts'
import { anchorChoice, type ProrationBehavior } from './change.ts'
import { type Item, isMetered, itemList, periodAt, type Subscription } from './items.ts'
import { addInvoiceItems, debitItem, discountsOf } from './prorations.ts'
import { applyWaiting, dropWaiting, forget, parkResumption } from './waiting.ts'

/**
 * Lets a paused subscription go on: https://docs.stripe.com/api/subscriptions/resume
 *
 * By default a new period begins now and is billed; the subscription stays paused until its invoice is paid, or until an attempt
 * was made, as `payment_behavior` says. With an unchanged anchor the rest of the running period is charged.
 */
export function resumeSubscription(
  account: Account,
  id: string,
  params: Stripe.SubscriptionResumeParams,
): Subscription {
  const before = account.get('subscription', id)
  if (before.ended_at !== null) throw noSuch('subscription', id)
  if (before.status !== 'paused') throw invalidRequest('You can only resume a subscription if it is `paused`.')
  if (before.collection_method !== 'charge_automatically') {
    throw invalidRequest('You can only resume subscriptions whose `collection_method` is `charge_automatically`.')
  }
  return account.atTimeOf(before.customer, () => {
    dropWaiting(account, before)
    const fields = goingOn(account, before, anchorChoice(params.billing_cycle_anchor) ?? 'now')
    const invoice = resumptionInvoice(account, before, { ...before, ...fields }, params)
    return invoice ? payResumption(account, before, fields, invoice, params) : activate(account, before.id, fields)
  })
}

/** The invoice that resuming would make, drafted and not paid. It changes objects on the way. */
export function draftResumption(
  account: Account,
  id: string,
  params: Pick<Stripe.SubscriptionResumeParams, 'billing_cycle_anchor' | 'proration_behavior' | 'proration_date'>,
): Invoice | undefined {
  const before = account.get('subscription', id)
  const fields = goingOn(account, before, anchorChoice(params.billing_cycle_anchor) ?? 'now')
  return resumptionInvoice(account, before, { ...before, ...fields }, params)
}

/** The fields of a subscription that goes on: with a new anchor, or in the running period of the old one. */
function goingOn(account: Account, before: Subscription, anchor: 'now' | 'unchanged'): Partial<Subscription> {
  const time = anchor === 'now' ? account.now : before.billing_cycle_anchor
  const items = before.items.data.map((item): Item => {
    const period = periodAt({ time }, item.price, account.now)
    return { ...item, current_period_start: period.start, current_period_end: period.end }
  })
  return {
    billing_cycle_anchor: time,
    ...(anchor === 'now' && { billing_cycle_anchor_config: null }),
    items: itemList(before.id, items),
    status: 'active',
    status_details: undefined,
  }
}

/** The invoice of the new period, or of what is left of the running one; undefined when there is nothing to bill now. */
function resumptionInvoice(
  account: Account,
  before: Subscription,
  after: Subscription,
  params: Stripe.SubscriptionResumeParams,
): Invoice | undefined {
  const restarts = after.billing_cycle_anchor === account.now
  const behavior = (params.proration_behavior ?? 'create_prorations') as ProrationBehavior
  if (!restarts && behavior !== 'none') {
    const at = params.proration_date ?? account.now
    addInvoiceItems(
      account,
      after.items.data.flatMap((item) => debitItem(account, after, item, at)),
    )
  }
  const licensed = restarts ? newestFirst(after.items.data).filter((item) => !isMetered(item)) : []
  const items = restarts || behavior === 'always_invoice' ? pendingItems(account, before.customer, before.id) : []
  if (licensed.length === 0 && items.length === 0) return undefined
  return createInvoice(account, {
    customer: before.customer,
    currency: before.currency,
    billing_reason: 'subscription_cycle',
    period: { start: account.now, end: account.now },
    subscription: after,
    items,
    lines: (invoice) => licensed.flatMap((item) => linesOfItem(account, invoice, after, item)),
    discounts: discountsOf(account, before),
  })
}

function payResumption(
  account: Account,
  before: Subscription,
  fields: Partial<Subscription>,
  invoice: Invoice,
  params: Stripe.SubscriptionResumeParams,
): Subscription {
  const after = { ...fields, discounts: discountsLeft(account, before, invoice) }
  parkResumption(account, before, after, invoice)
  const open = finalizeInvoice(account, invoice.id)
  if (open.status === 'paid') {
    applyWaiting(account, account.get('subscription', before.id), null)
    return account.get('subscription', before.id)
  }
  if (paymentMethodOf(account, open) === null) return account.get('subscription', before.id)
  const outcome = collect(account, invoice.id)
  if (outcome.status === 'failed' && params.payment_behavior !== 'resume_on_payment_success') {
    forget(account, before.id)
    return activate(account, before.id, { ...after, status: 'past_due' })
  }
  return account.get('subscription', before.id)
}

function activate(account: Account, id: string, fields: Partial<Subscription>): Subscription {
  const active = account.change('customer.subscription.updated', 'subscription', id, {
    ...fields,
    pending_update: null,
  })
  account.emit('customer.subscription.resumed', active)
  return active
}
