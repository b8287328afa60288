import type Stripe from 'stripe'
import type { Content, CustomerRow, InvoiceRow, ItemColumns, RowOf, SubscriptionRow } from '../store/rows.ts'
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

/** PostgreSQL's jsonb and text refuse U+0000, and Stripe's metadata may hold one: an event must not fail for it. */
function text<Value extends string | null | undefined>(value: Value): Value {
  return (typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '�') : value) as Value
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
    email: text(customer.email),
    name: text(customer.name ?? null),
    default_payment_method: idOf(customer.invoice_settings.default_payment_method) ?? idOf(customer.default_source),
    metadata: textMap(customer.metadata),
    created: customer.created,
    test_clock: idOf(customer.test_clock),
  }
}

export function subscriptionContent(
  subscription: Stripe.Subscription,
  account: string | null,
): Content<SubscriptionRow> {
  return {
    id: subscription.id,
    account,
    customer: idOf(subscription.customer) ?? '',
    status: subscription.status,
    items: subscription.items.data.map(itemColumns),
    created: subscription.created,
    start_date: subscription.start_date,
    cancel_at: subscription.cancel_at,
    cancel_at_period_end: subscription.cancel_at_period_end,
    canceled_at: subscription.canceled_at,
    ended_at: subscription.ended_at,
    trial_start: subscription.trial_start,
    trial_end: subscription.trial_end,
    pause_collection: subscription.pause_collection !== null && subscription.pause_collection !== undefined,
    collection_method: subscription.collection_method,
    latest_invoice: idOf(subscription.latest_invoice),
    schedule: idOf(subscription.schedule),
    metadata: textMap(subscription.metadata),
    test_clock: idOf(subscription.test_clock),
  }
}

function itemColumns(item: Stripe.SubscriptionItem): ItemColumns {
  return {
    id: item.id,
    price: item.price.id,
    product: idOf(item.price.product) ?? '',
    quantity: item.quantity ?? null,
    current_period_start: item.current_period_start,
    current_period_end: item.current_period_end,
  }
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
    subscription: idOf(invoice.parent?.subscription_details?.subscription),
    deleted: false,
    status: invoice.status,
    number: invoice.number,
    currency: invoice.currency,
    total: invoice.total,
    amount_due: invoice.amount_due,
    amount_paid: invoice.amount_paid,
    amount_remaining: invoice.amount_remaining,
    attempt_count: invoice.attempt_count,
    next_payment_attempt: invoice.next_payment_attempt,
    billing_reason: invoice.billing_reason,
    hosted_invoice_url: invoice.hosted_invoice_url ?? null,
    created: invoice.created,
    test_clock: idOf(invoice.test_clock),
  }
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
  if ('parent' in object) {
    const subscription = idOf(object.parent?.subscription_details?.subscription)
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
