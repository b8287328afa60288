import { isDeepStrictEqual } from 'node:util'
import type Stripe from 'stripe'

/**
 * What the mirror has to show of an object, column by column: written down once more and on purpose not with the
 * library's own functions, so that a mistake in those is seen.
 */
export type Columns = Record<string, unknown>

const id = (field: string | { id: string } | null | undefined) =>
  typeof field === 'object' ? (field?.id ?? null) : (field ?? null)

/** What the next phase of an active schedule has other than there is now. The schedule has to be expanded. */
function scheduledOf({ status, schedule, items }: Stripe.Subscription): Columns | null {
  if (typeof schedule === 'string') throw new Error('Expand the schedule of a subscription before it is compared.')
  if (schedule === null || schedule.status !== 'active' || status === 'canceled') return null
  const { phases, current_phase } = schedule
  const next = phases.find((phase) => phase.start_date >= (current_phase?.end_date ?? Number.POSITIVE_INFINITY))
  const planned = next?.items.map(({ price, quantity }) => ({ price: id(price), quantity: quantity ?? null }))
  const present = items.data.map(({ price, quantity }) => ({ price: price.id, quantity: quantity ?? null }))
  return next === undefined || isDeepStrictEqual(planned, present) ? null : { at: next.start_date, items: planned }
}

export const subscriptionColumns = (one: Stripe.Subscription): Columns => ({
  id: one.id,
  customer: id(one.customer),
  status: one.status,
  items: one.items.data.map((item) => ({
    id: item.id,
    price: item.price.id,
    product: id(item.price.product),
    quantity: item.quantity ?? null,
    currency: one.currency,
    current_period_start: item.current_period_start,
    current_period_end: item.current_period_end,
  })),
  sold: [...one.items.data.map(({ price }) => price.id), ...one.items.data.map(({ price }) => id(price.product))],
  created: one.created,
  start_date: one.start_date,
  cancel_at: one.cancel_at,
  cancel_at_period_end: one.cancel_at_period_end,
  canceled_at: one.canceled_at,
  ended_at: one.ended_at,
  trial_start: one.trial_start,
  trial_end: one.trial_end,
  pause_collection: one.pause_collection !== null,
  collection_method: one.collection_method,
  latest_invoice: id(one.latest_invoice),
  schedule: id(one.schedule),
  scheduled: scheduledOf(one),
  metadata: one.metadata,
})

export const customerColumns = (one: Stripe.Customer | Stripe.DeletedCustomer): Columns =>
  one.deleted === true
    ? { id: one.id, deleted: true }
    : {
        id: one.id,
        deleted: false,
        email: one.email,
        name: one.name ?? null,
        default_payment_method: id(one.invoice_settings.default_payment_method),
        metadata: one.metadata,
        created: one.created,
      }

export const invoiceColumns = (one: Stripe.Invoice): Columns => ({
  id: one.id,
  customer: id(one.customer),
  subscription: id(one.parent?.subscription_details?.subscription),
  deleted: false,
  status: one.status,
  number: one.number,
  currency: one.currency,
  total: one.total,
  amount_due: one.amount_due,
  amount_paid: one.amount_paid,
  amount_remaining: one.amount_remaining,
  attempt_count: one.attempt_count,
  next_payment_attempt: one.next_payment_attempt,
  billing_reason: one.billing_reason,
  hosted_invoice_url: one.hosted_invoice_url ?? null,
  created: one.created,
})
