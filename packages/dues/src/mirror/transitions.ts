import type { TransitionRow } from '../store/mirror.ts'
import type { Content, InvoiceRow, SubscriptionRow } from '../store/rows.ts'
import { toSubscription } from './contents.ts'
import type { TransitionType } from './types.ts'

/**
 * Transitions are read off two rows, the one before a write and the one after it, never off an event's type:
 * whichever delivery brings the mirror from one state to the other, the same transition comes of it.
 * A key names the change itself where Stripe names it (an invoice, a trial's end), and the write's own mark where it does not.
 */
type Subscription = Content<SubscriptionRow>

/**
 * The metadata of a subscription that Dues ends because its owner paid for a newer one as well; it names the newer. That end is told as
 * `duplicateEnded` and not as `ended`: the owner goes on being a member, and wants no farewell.
 */
export const duplicateOfKey = 'dues_duplicate_of'

/** Where a subscription stands, coarser than its status: what a member would call a change is a change of this. */
type Standing = 'none' | 'good' | 'due' | 'paused' | 'over'

const standings: Record<string, Standing> = {
  incomplete: 'none',
  incomplete_expired: 'none',
  trialing: 'good',
  active: 'good',
  past_due: 'due',
  unpaid: 'due',
  paused: 'paused',
  canceled: 'over',
}

function standingOf(row: Subscription | null): Standing {
  if (row === null) return 'none'
  const standing = standings[row.status] ?? 'none'
  return standing === 'good' && row.pause_collection ? 'paused' : standing
}

const hasEnd = (row: Subscription | null) => row !== null && (row.cancel_at !== null || row.cancel_at_period_end)
const pricesOf = (row: Subscription) =>
  row.items
    .map(({ price }) => price)
    .sort()
    .join()

/**
 * What became of a subscription between two rows. `mark` is the event or the ticket of the write and makes the key of
 * a change that Stripe gives no name; `at` is Stripe's second.
 */
export function subscriptionTransitions(
  before: Subscription | null,
  after: Subscription,
  { mark, at }: { mark: string | number; at: number },
): TransitionRow[] {
  const was = standingOf(before)
  const is = standingOf(after)
  const found: TransitionRow[] = []
  const record = (type: TransitionType, name: string | number | null = mark) => {
    found.push(transition(type, [after.id, type, name], after.customer, { before, after, at }))
  }

  if (is === 'none') return found
  // A first sight of something canceled has missed its start; a first payment that never came has not started.
  if (was === 'none' && (is !== 'over' || before === null)) record('started', null)
  if (is === 'over') {
    const ended = was !== 'over' && (was !== 'none' || before === null)
    if (ended && !after.metadata[duplicateOfKey]) record('ended', null)
    return found
  }
  if (was !== 'none' && before !== null && pricesOf(before) !== pricesOf(after)) record('switched')
  if (is === 'due' && was !== 'due') record('pastDue', after.latest_invoice ?? mark)
  if (is === 'good' && was === 'due') record('recovered', after.latest_invoice ?? mark)
  if (is === 'paused' && was !== 'paused') record('paused')
  if (hasEnd(after) && !hasEnd(before)) record('cancelling')
  if ((!hasEnd(after) && hasEnd(before)) || (was === 'paused' && is === 'good')) record('resumed')
  return found
}

/**
 * A renewal is a paid invoice of a cycle: a period that began and is not paid yet has not been renewed.
 * `subscription` is the row that the mirror has of the invoice's subscription.
 */
export function invoiceTransitions(
  before: Content<InvoiceRow> | null,
  after: Content<InvoiceRow>,
  subscription: Subscription | null,
  at: number,
): TransitionRow[] {
  const paidNow = after.status === 'paid' && before?.status !== 'paid'
  if (!paidNow || after.billing_reason !== 'subscription_cycle' || after.subscription === null) return []
  return [
    transition('renewed', [after.subscription, 'renewed', after.id], after.customer, {
      before: subscription,
      after: subscription,
      at,
      subscription: after.subscription,
      detail: { invoice: after.id, amount: after.amount_paid, currency: after.currency },
    }),
  ]
}

/** Makes a transition. `key` is joined with colons; null parts are left out. */
export function transition(
  type: TransitionType,
  key: readonly (string | number | null)[],
  customer: string,
  {
    before,
    after,
    at,
    subscription = after?.id ?? before?.id ?? null,
    detail = {},
  }: {
    before: Subscription | null
    after: Subscription | null
    at: number
    subscription?: string | null
    detail?: TransitionRow['detail']
  },
): TransitionRow {
  return {
    key: key.filter((part) => part !== null).join(':'),
    type,
    customer,
    subscription,
    at,
    before: before && toSubscription(before, null),
    after: after && toSubscription(after, null),
    detail,
    hooked: false,
  }
}
