/**
 * The mirror's rows, named as their columns. `ticket`, `as_of_lo`, `as_of_hi` and `fetched` are how order is kept:
 * `fetched` tells an answer of Stripe's API from the snapshot of an event.
 */
export type OrderColumns = { ticket: number; as_of_lo: number; as_of_hi: number; fetched: boolean }

/** What says where an object lives: its Connect account (null: our own) and its test clock. */
export type PlaceColumns = { id: string; account: string | null; test_clock: string | null }

export type CustomerRow = OrderColumns &
  PlaceColumns & {
    deleted: boolean
    email: string | null
    name: string | null
    default_payment_method: string | null
    metadata: Record<string, string>
    created: number | null
  }

export type ItemColumns = {
  id: string
  price: string
  product: string
  quantity: number | null
  /** A price may have several; the subscription is charged in one. Rows from before it was kept lack it. */
  currency?: string
  current_period_start: number
  current_period_end: number
}

export type ChangeColumns = { at: number; items: { price: string; quantity: number | null }[] }

export type SubscriptionRow = OrderColumns &
  PlaceColumns & {
    customer: string
    status: string
    items: ItemColumns[]
    created: number
    start_date: number
    cancel_at: number | null
    cancel_at_period_end: boolean
    canceled_at: number | null
    ended_at: number | null
    trial_start: number | null
    trial_end: number | null
    pause_collection: boolean
    collection_method: string
    latest_invoice: string | null
    schedule: string | null
    /** What the schedule will change next; null where it will change nothing. */
    scheduled: ChangeColumns | null
    metadata: Record<string, string>
  }

export type InvoiceRow = OrderColumns &
  PlaceColumns & {
    customer: string
    subscription: string | null
    deleted: boolean
    status: string | null
    number: string | null
    currency: string
    total: number
    amount_due: number
    amount_paid: number
    amount_remaining: number
    attempt_count: number
    next_payment_attempt: number | null
    billing_reason: string | null
    hosted_invoice_url: string | null
    created: number
  }

/** The row type of each mirrored kind. The table has the kind's name. */
export type RowOf = { customer: CustomerRow; subscription: SubscriptionRow; invoice: InvoiceRow }

/** A row as it is before it is written: the write gives it its place in the order. */
export type Content<Row extends OrderColumns> = Row extends OrderColumns ? Omit<Row, keyof OrderColumns> : never
