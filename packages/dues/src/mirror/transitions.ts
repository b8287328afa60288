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
type Standing = 'none' | 'good' | 'due' | 'paused' | 'over' | 'expired'

const standings: Record<string, Standing> = {
  incomplete: 'none',
  incomplete_expired: 'expired',
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

/** Whether an item is an add-on, which only the catalogue knows. */
export type IsAddOn = (item: { readonly price: string; readonly product: string }) => boolean

/**
 * What became of the items. What came or went while all that is left stayed as it was is beside the plan, though no add-on of the catalogue;
 * any other change of prices is a switch, whatever became of the add-ons with it.
 */
function itemsChange(before: Subscription, after: Subscription, isAddOn: IsAddOn): TransitionType | null {
  const had = new Map(before.items.filter((item) => !isAddOn(item)).map(({ price, quantity }) => [price, quantity]))
  const has = new Map(after.items.filter((item) => !isAddOn(item)).map(({ price, quantity }) => [price, quantity]))
  const kept = [...has.keys()].filter((price) => had.has(price))
  if (kept.length < Math.min(had.size, has.size)) return 'switched'
  if (had.size !== has.size) return 'addOnsChanged'
  if (kept.some((price) => had.get(price) !== has.get(price))) return 'quantityChanged'
  return addOnsOf(before, isAddOn) === addOnsOf(after, isAddOn) ? null : 'addOnsChanged'
}

/** The add-ons as a name for them: two rows that have the same have the same name. */
const addOnsOf = ({ items }: Subscription, isAddOn: IsAddOn): string =>
  items
    .filter(isAddOn)
    .map(({ price, quantity }) => `${price}x${quantity ?? ''}`)
    .sort()
    .join()

/** What is planned, as a name for it: two rows that plan the same have the same. */
const planOf = ({ scheduled }: Subscription): string | null =>
  scheduled && [scheduled.at, ...scheduled.items.map(({ price, quantity }) => `${price}x${quantity ?? ''}`)].join('-')

/**
 * What became of a subscription between two rows. `mark` is the event or the ticket of the write and makes the key of
 * a change that Stripe gives no name; `at` is Stripe's second, for a change of which the row does not say when it was.
 *
 * Stripe cancels an `incomplete` one to `incomplete_expired`, so one that was last seen `incomplete` and is `canceled` now was paid in
 * between: it began and ended.
 */
export function subscriptionTransitions(
  before: Subscription | null,
  after: Subscription,
  { mark, at, isAddOn = () => false }: { mark: string | number; at: number; isAddOn?: IsAddOn },
): TransitionRow[] {
  const was = standingOf(before)
  const is = standingOf(after)
  const found: TransitionRow[] = []
  const record = (type: TransitionType, name: string | number | null = mark, when: number | null = at) => {
    found.push(transition(type, [after.id, type, name], after.customer, { before, after, at: when ?? at }))
  }

  if (is === 'none' || was === 'expired') return found
  if (is === 'expired') {
    record('expired', null, after.ended_at)
    return found
  }
  // A first sight of something canceled has missed its start. What was not paid at first began when it was paid, whenever that was.
  if (was === 'none') record('started', null, before === null || is === 'over' ? after.created : at)
  if (is === 'over') {
    if (was !== 'over' && !after.metadata[duplicateOfKey]) record('ended', null, after.ended_at)
    return found
  }
  const changed = was === 'none' || before === null ? null : itemsChange(before, after, isAddOn)
  if (changed) record(changed)
  const planned = planOf(after)
  if (planned !== null && (before === null || planOf(before) !== planned)) record('switchScheduled')
  // What was planned has happened, or has been dropped.
  if (planned === null && before !== null && planOf(before) !== null && changed === null) record('switchUndone')
  if (
    is === 'good' &&
    before?.status === 'trialing' &&
    after.status === 'trialing' &&
    before.trial_end !== after.trial_end
  )
    record('trialChanged')
  if (is === 'due' && was !== 'due') record('pastDue', after.latest_invoice ?? mark)
  if (is === 'good' && was === 'due') record('recovered', after.latest_invoice ?? mark)
  if (is === 'paused' && was !== 'paused') record('paused')
  if (hasEnd(after) && !hasEnd(before)) record('cancelling', mark, after.canceled_at)
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
