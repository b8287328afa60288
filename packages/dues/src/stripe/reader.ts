import type Stripe from 'stripe'
import { DuesError } from '../errors.ts'
import type { ObjectOf } from '../mirror/contents.ts'
import type { MirroredKind } from '../mirror/types.ts'
import { type ReadCharge, readCharge } from './charge.ts'
import { callStripe, translateStripeError } from './client.ts'

/** What Stripe answered and when: `date` is the answer's `Date` header in Unix seconds, null when it had none. */
export type Answer<T> = { value: T; date: number | null }

/** Everything that can be read by its id. A charge is not mirrored, but it says what was refunded and disputed. */
export type ReadableKind = MirroredKind | 'charge'
export type ReadableOf = ObjectOf & { charge: ReadCharge }

/** What leads to something of the mirror's: a dispute to its charge, a Checkout session and a schedule to their subscription. */
export type LeadOf = {
  dispute: Stripe.Dispute
  'checkout.session': Stripe.Checkout.Session
  subscription_schedule: Stripe.SubscriptionSchedule
}
export type FollowableKind = ReadableKind | keyof LeadOf
export type FollowableOf = ReadableOf & LeadOf

/** One page of a list, oldest id last as Stripe gives it, and where to go on. */
export type Page<T> = Answer<T[]> & { hasMore: boolean }

/** The part of Stripe that the mirror, the jobs and reconcile read. Small, so that a test can be one. */
export type StripeReader = {
  /** Null: Stripe has no such object (404 `resource_missing`). */
  retrieve<Kind extends FollowableKind>(
    kind: Kind,
    id: string,
    account: string | null,
  ): Promise<Answer<FollowableOf[Kind] | null>>
  list<Kind extends MirroredKind>(
    kind: Kind,
    from: { after: string | null; limit: number; since?: number },
  ): Promise<Page<ReadableOf[Kind]>>
  events(from: { since: number; after: string | null; limit: number }): Promise<Page<Stripe.Event>>
  /** Every Checkout session, the newest first. */
  checkouts(from: { after: string | null; limit: number }): Promise<Page<Stripe.Checkout.Session>>
}

/**
 * Makes the reader of a Stripe client. Subscriptions are listed with the ended ones, invoices only while open; all of those that were made
 * from `since` on, where that is given.
 *
 * @see https://docs.stripe.com/api/pagination
 */
export function stripeReader(stripe: Stripe): StripeReader {
  const retrievers: {
    [Kind in FollowableKind]: (
      id: string,
      options: Stripe.RequestOptions,
    ) => Promise<Stripe.Response<FollowableOf[Kind]>>
  } = {
    customer: (id, options) => stripe.customers.retrieve(id, {}, options),
    subscription: (id, options) => wholeSubscription(stripe, id, options),
    invoice: (id, options) => stripe.invoices.retrieve(id, {}, options),
    charge: (id, options) => readCharge(stripe, id, options),
    dispute: (id, options) => stripe.disputes.retrieve(id, {}, options),
    'checkout.session': (id, options) => stripe.checkout.sessions.retrieve(id, {}, options),
    subscription_schedule: (id, options) => stripe.subscriptionSchedules.retrieve(id, {}, options),
  }
  type ListOf = {
    [Kind in MirroredKind]: (
      params: Stripe.PaginationParams & { created?: Stripe.RangeQueryParam },
    ) => Promise<Stripe.Response<Stripe.ApiList<ReadableOf[Kind]>>>
  }
  const listers: ListOf = {
    customer: (params) => stripe.customers.list(params) as ReturnType<ListOf['customer']>,
    subscription: (params) => stripe.subscriptions.list({ ...params, status: 'all', expand: ['data.schedule'] }),
    invoice: (params) =>
      stripe.invoices.list({ ...params, ...(params.created === undefined && { status: 'open' }) }) as ReturnType<
        ListOf['invoice']
      >,
  }
  return {
    async retrieve(kind, id, account) {
      try {
        const answer = await retrievers[kind](id, account === null ? {} : { stripeAccount: account })
        return { value: answer, date: dateOf(answer) }
      } catch (error) {
        if (isMissing(error)) return { value: null, date: null }
        throw translateStripeError(error)
      }
    },
    async list(kind, { after, limit, since }) {
      const made = since === undefined ? {} : { created: { gte: since } }
      const page = await callStripe(() =>
        listers[kind]({ limit, ...made, ...(after === null ? {} : { starting_after: after }) }),
      )
      return { value: page.data, date: dateOf(page), hasMore: page.has_more }
    },
    async checkouts({ after, limit }) {
      const from = { limit, ...(after === null ? {} : { starting_after: after }) }
      const page = await callStripe(() => stripe.checkout.sessions.list(from))
      return { value: page.data, date: dateOf(page), hasMore: page.has_more }
    },
    async events({ since, after, limit }) {
      const from = { limit, created: { gte: since }, ...(after === null ? {} : { starting_after: after }) }
      const page = await callStripe(() => stripe.events.list(from))
      return { value: page.data, date: dateOf(page), hasMore: page.has_more }
    },
  }
}

/** With its schedule, whose next change is part of the mirror's row. Stripe cuts a long list of items; the mirror wants all of them. */
async function wholeSubscription(
  stripe: Stripe,
  id: string,
  options: Stripe.RequestOptions,
): Promise<Stripe.Response<Stripe.Subscription>> {
  const subscription = await stripe.subscriptions.retrieve(id, { expand: ['schedule'] }, options)
  if (!subscription.items.has_more) return subscription
  const data: Stripe.SubscriptionItem[] = []
  for await (const item of stripe.subscriptionItems.list({ subscription: id, limit: 100 }, options)) data.push(item)
  return { ...subscription, items: { ...subscription.items, data, has_more: false } }
}

/** The second at which Stripe answered, by Stripe's own clock. */
export function dateOf(answer: { lastResponse?: { headers: Record<string, string> } }): number | null {
  const header = answer.lastResponse?.headers.date
  const milliseconds = header === undefined ? Number.NaN : Date.parse(header)
  return Number.isNaN(milliseconds) ? null : Math.floor(milliseconds / 1000)
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'resource_missing'
}

/** Whether a refusal means that the id a list was to go on after is no longer there. */
export function isGone(error: unknown): boolean {
  return error instanceof DuesError && error.details.stripeCode === 'resource_missing'
}
