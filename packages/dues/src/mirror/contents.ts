import type Stripe from 'stripe'
import type { Content, CustomerRow, InvoiceRow, ItemColumns, RowOf, SubscriptionRow } from '../store/rows.ts'
import { isTerminal } from './order.ts'
import { scheduledChange } from './scheduled.ts'
import { keepable } from './text.ts'
import type { MirroredCustomer, MirroredInvoice, MirroredItem, MirroredKind, MirroredSubscription } from './types.ts'

/** The Stripe object of each mirrored kind, as the API and the events give it. */
export type ObjectOf = {
  customer: Stripe.Customer | Stripe.DeletedCustomer
  subscription: Stripe.Subscription
  invoice: Stripe.Invoice | Stripe.DeletedInvoice
}

/** An expandable field holds the id or, when it was expanded, the object. */
export function idOf(field: string | { id: string } | null | undefined): string | null {
  if (field === null || field === undefined) return null
  return typeof field === 'string' ? field : field.id
}

function text<Value extends string | null | undefined>(value: Value): Value {
  return (typeof value === 'string' ? keepable(value) : value) as Value
}

function textMap(metadata: Stripe.Metadata | null | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata ?? {}).map(([key, value]) => [text(key), text(value)]))
}

export function customerContent(
  customer: ObjectOf['customer'],
  account: string | null,
  last: CustomerRow | null,
): Content<CustomerRow> {
  // A deleted customer is an id and nothing more: keep what was known, for the invoices that still name it.
  if (customer.deleted === true) {
    return {
      id: customer.id,
      account,
      deleted: true,
      email: last?.email ?? null,
      name: last?.name ?? null,
      default_payment_method: null,
      metadata: last?.metadata ?? {},
      created: last?.created ?? null,
      test_clock: last?.test_clock ?? null,
    }
  }
  return {
    id: customer.id,
    account,
    deleted: false,
    email: text(customer.email ?? null),
    name: text(customer.name ?? null),
    default_payment_method: idOf(customer.invoice_settings?.default_payment_method) ?? idOf(customer.default_source),
    metadata: textMap(customer.metadata),
    created: customer.created ?? null,
    test_clock: idOf(customer.test_clock),
  }
}

/**
 * An event is rendered at its endpoint's API version, which may be older than the SDK's: what has moved is looked for
 * where it was, and what is not there is not there. `isReadable` says when a snapshot is not enough.
 */
export function subscriptionContent(
  subscription: Stripe.Subscription,
  account: string | null,
): Content<SubscriptionRow> {
  const created = subscription.created ?? 0
  return {
    id: subscription.id,
    account,
    customer: idOf(subscription.customer) ?? '',
    status: subscription.status,
    items: subscription.items.data.map((item) => itemColumns(item, subscription)),
    created,
    start_date: subscription.start_date ?? created,
    cancel_at: subscription.cancel_at ?? null,
    cancel_at_period_end: subscription.cancel_at_period_end ?? false,
    canceled_at: subscription.canceled_at ?? null,
    ended_at: subscription.ended_at ?? null,
    trial_start: subscription.trial_start ?? null,
    trial_end: subscription.trial_end ?? null,
    pause_collection: (subscription.pause_collection ?? null) !== null,
    collection_method: subscription.collection_method ?? 'charge_automatically',
    latest_invoice: idOf(subscription.latest_invoice),
    schedule: idOf(subscription.schedule),
    scheduled: scheduledChange(subscription),
    metadata: textMap(subscription.metadata),
    test_clock: idOf(subscription.test_clock),
  }
}

/** Until 2025-03-31 the period was the subscription's and not the item's. */
type OldPeriod = { current_period_start?: number; current_period_end?: number }

function itemColumns(item: Stripe.SubscriptionItem, subscription: Stripe.Subscription & OldPeriod): ItemColumns {
  return {
    id: item.id,
    price: item.price.id,
    product: idOf(item.price.product) ?? '',
    quantity: item.quantity ?? null,
    ...(subscription.currency && { currency: subscription.currency }),
    current_period_start: item.current_period_start ?? subscription.current_period_start ?? 0,
    current_period_end: item.current_period_end ?? subscription.current_period_end ?? 0,
  }
}

/**
 * Whether a snapshot says enough to be written: right shape, all items where Stripe cuts a long list, and the schedule itself where there is
 * one. An event names a schedule by its id alone, and what it will change is as much a part of the row as its items: so it is fetched.
 */
export function isReadable(kind: MirroredKind, object: object): boolean {
  if (kind !== 'subscription') return true
  const { status, items, schedule } = object as Partial<Stripe.Subscription>
  if (typeof status !== 'string' || !Array.isArray(items?.data) || items.has_more) return false
  if (typeof schedule === 'string' && !isTerminal({ status })) return false
  return items.data.every((item) => typeof item?.price?.id === 'string')
}

export function invoiceContent(
  invoice: ObjectOf['invoice'],
  account: string | null,
  last: InvoiceRow | null,
): Content<InvoiceRow> | null {
  // Only a draft can be deleted, and one that was never seen leaves nothing to keep.
  if (invoice.deleted === true) return last === null ? null : { ...last, deleted: true }
  return {
    id: invoice.id,
    account,
    customer: idOf(invoice.customer) ?? '',
    subscription: subscriptionOf(invoice),
    deleted: false,
    status: invoice.status ?? null,
    number: invoice.number ?? null,
    currency: invoice.currency ?? '',
    total: invoice.total ?? 0,
    amount_due: invoice.amount_due ?? 0,
    amount_paid: invoice.amount_paid ?? 0,
    amount_remaining: invoice.amount_remaining ?? 0,
    attempt_count: invoice.attempt_count ?? 0,
    next_payment_attempt: invoice.next_payment_attempt ?? null,
    billing_reason: invoice.billing_reason ?? null,
    hosted_invoice_url: invoice.hosted_invoice_url ?? null,
    created: invoice.created ?? 0,
    test_clock: idOf(invoice.test_clock),
  }
}

/** Until 2025-03-31 an invoice named its subscription itself. */
function subscriptionOf(invoice: Stripe.Invoice & { subscription?: string | { id: string } | null }): string | null {
  return idOf(invoice.parent?.subscription_details?.subscription) ?? idOf(invoice.subscription)
}

/** The content of a row for any kind of object. Null: there is nothing to keep. */
export function contentOf<Kind extends MirroredKind>(
  kind: Kind,
  object: ObjectOf[Kind],
  account: string | null,
  last: RowOf[Kind] | null,
): Content<RowOf[Kind]> | null {
  const makers: {
    [K in MirroredKind]: (
      object: ObjectOf[K],
      account: string | null,
      last: RowOf[K] | null,
    ) => Content<RowOf[K]> | null
  } = { customer: customerContent, subscription: subscriptionContent, invoice: invoiceContent }
  return makers[kind](object, account, last)
}

/** When the newest thing that happened to an object was, where the object itself says so and its row does not. Unix seconds. */
export function happenedAt<Kind extends MirroredKind>(kind: Kind, object: ObjectOf[Kind]): number | null {
  return kind === 'invoice' ? ((object as Partial<Stripe.Invoice>).status_transitions?.paid_at ?? null) : null
}

/** The ids of everything that has to be loaded to decide on an object. */
export function mentions<Kind extends MirroredKind>(
  kind: Kind,
  object: ObjectOf[Kind],
): { customer: string[]; subscription: string[]; invoice: string[]; owners: string[] } {
  const found = {
    customer: [] as string[],
    subscription: [] as string[],
    invoice: [] as string[],
    owners: [] as string[],
  }
  found[kind].push(object.id)
  const customer = kind === 'customer' ? object.id : 'customer' in object ? idOf(object.customer) : null
  if (customer !== null) found.owners.push(customer)
  if (object.object === 'invoice' && object.deleted !== true) {
    const subscription = subscriptionOf(object)
    if (subscription !== null) found.subscription.push(subscription)
  }
  return found
}

export function toItem(item: ItemColumns): MirroredItem {
  return {
    id: item.id,
    price: item.price,
    product: item.product,
    quantity: item.quantity,
    ...(item.currency && { currency: item.currency }),
    currentPeriodStart: item.current_period_start,
    currentPeriodEnd: item.current_period_end,
  }
}

export function toSubscription(row: Content<SubscriptionRow>, owner: string | null): MirroredSubscription {
  return {
    id: row.id,
    customer: row.customer,
    owner,
    status: row.status as Stripe.Subscription.Status,
    items: row.items.map(toItem),
    created: row.created,
    startDate: row.start_date,
    cancelAt: row.cancel_at,
    cancelAtPeriodEnd: row.cancel_at_period_end,
    canceledAt: row.canceled_at,
    endedAt: row.ended_at,
    trialStart: row.trial_start,
    trialEnd: row.trial_end,
    pauseCollection: row.pause_collection,
    collectionMethod: row.collection_method,
    latestInvoice: row.latest_invoice,
    schedule: row.schedule,
    scheduled: row.scheduled,
    metadata: row.metadata,
  }
}

export function toCustomer(row: Content<CustomerRow>, owner: string | null): MirroredCustomer {
  return {
    id: row.id,
    owner,
    email: row.email,
    name: row.name,
    deleted: row.deleted,
    defaultPaymentMethod: row.default_payment_method,
    metadata: row.metadata,
  }
}

export function toInvoice(row: Content<InvoiceRow>): MirroredInvoice {
  return {
    id: row.id,
    customer: row.customer,
    subscription: row.subscription,
    status: row.status,
    number: row.number,
    currency: row.currency,
    total: row.total,
    amountDue: row.amount_due,
    amountPaid: row.amount_paid,
    amountRemaining: row.amount_remaining,
    attemptCount: row.attempt_count,
    nextPaymentAttempt: row.next_payment_attempt,
    billingReason: row.billing_reason,
    hostedInvoiceUrl: row.hosted_invoice_url,
    created: row.created,
  }
}
