import type Stripe from 'stripe'

/** One item of a mirrored subscription. Times are Unix seconds. */
export type MirroredItem = {
  id: string
  price: string
  product: string
  quantity: number | null
  /** What the subscription is charged in, of the currencies that its price has. */
  currency?: string
  currentPeriodStart: number
  currentPeriodEnd: number
}

/** What the next phase of a subscription's schedule will make of its items, and when (Unix seconds). */
export type MirroredChange = {
  at: number
  items: { price: string; quantity: number | null }[]
}

/**
 * What Stripe knows of a subscription, as the mirror keeps it. `status` is Stripe's own word, never one of ours.
 * `owner` is null while nobody knows whose the customer is: an event is mirrored all the same.
 */
export type MirroredSubscription = {
  id: string
  customer: string
  owner: string | null
  status: Stripe.Subscription.Status
  items: MirroredItem[]
  created: number
  startDate: number
  cancelAt: number | null
  cancelAtPeriodEnd: boolean
  canceledAt: number | null
  endedAt: number | null
  trialStart: number | null
  trialEnd: number | null
  pauseCollection: boolean
  collectionMethod: string
  latestInvoice: string | null
  schedule: string | null
  scheduled: MirroredChange | null
  metadata: Record<string, string>
}

/** What Stripe knows of a customer. */
export type MirroredCustomer = {
  id: string
  owner: string | null
  email: string | null
  name: string | null
  deleted: boolean
  defaultPaymentMethod: string | null
  metadata: Record<string, string>
}

/** What Stripe knows of an invoice. Amounts are in minor units of `currency`. */
export type MirroredInvoice = {
  id: string
  customer: string
  subscription: string | null
  status: string | null
  number: string | null
  currency: string
  total: number
  amountDue: number
  amountPaid: number
  amountRemaining: number
  attemptCount: number
  nextPaymentAttempt: number | null
  billingReason: string | null
  hostedInvoiceUrl: string | null
  created: number
}

/** The kinds of object that the mirror keeps. */
export type MirroredKind = 'customer' | 'subscription' | 'invoice'

/** The changes of a membership that are recorded once and run hooks. */
export type TransitionType =
  | 'started'
  | 'trialWillEnd'
  | 'switched'
  | 'switchScheduled'
  | 'switchUndone'
  | 'quantityChanged'
  | 'addOnsChanged'
  | 'trialChanged'
  | 'renewed'
  | 'pastDue'
  | 'recovered'
  | 'paused'
  | 'cancelling'
  | 'resumed'
  | 'ended'
  /** The first payment never came: what was `incomplete` is over without having begun. */
  | 'expired'
  | 'duplicateEnded'
  /** The card of a trial has had one with another owner: it was charged at once, or the subscription ended. */
  | 'trialRefused'
  | 'refunded'
  | 'disputed'
  /** The bank has decided: `detail.status` is `won`, `lost`, `warning_closed` (an inquiry that came to nothing) or `prevented`. */
  | 'disputeClosed'
  | 'actionRequired'
