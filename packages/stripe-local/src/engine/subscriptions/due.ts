import type { Account } from '../../account.ts'
import type { AnyObject } from '../../kinds.ts'
import { defineDue } from '../agenda.ts'
import { day } from '../calendar.ts'
import { asPreview, previewRenewal } from '../invoices/preview.ts'
import { markSent, notesOf, wasSent } from '../notes.ts'
import { dueSchedule } from '../schedules/phases.ts'
import { invoicePendingItems } from './bill-pending.ts'
import { endSubscription } from './cancel.ts'
import { expireIncomplete } from './expire.ts'
import { nextPeriodEnd, type Subscription } from './items.ts'
import { billPeriod } from './renew.ts'
import { endTrial } from './trial.ts'
import { expireWaiting, patience } from './waiting.ts'

/** One thing that happens to a subscription in time. */
type Happening = { at: number; run: (account: Account, subscription: Subscription) => void }

const trialNotice = 3 * day

/**
 * Everything that will happen to a subscription by itself, as it is now. The earliest comes first; of those at the same time the one that
 * stands first here: an end that was scheduled comes before the renewal that it prevents.
 */
function happenings(account: Account, subscription: Subscription): Happening[] {
  const { id, status, items, cancel_at, trial_end, created, pause_collection, pending_update } = subscription
  const list: Happening[] = []
  if (subscription.ended_at !== null) return list
  const add = (at: number, run: Happening['run']): void => void list.push({ at, run })

  if (pending_update) add(pending_update.expires_at, expireWaiting)
  if (status === 'incomplete') {
    add(created + patience, expireIncomplete)
    return list
  }
  if (cancel_at !== null) add(cancel_at, endAsScheduled)
  if (pause_collection?.resumes_at) add(pause_collection.resumes_at, resumeCollection)
  if (status === 'paused') return list

  if (status === 'trialing' && trial_end !== null) {
    if (!wasSent(account, id, 'trial_will_end', trial_end))
      add(Math.max(created, trial_end - trialNotice), tellOfTrialEnd)
    add(trial_end, endTrial)
  }
  if (subscription.next_pending_invoice_item_invoice !== null) {
    add(subscription.next_pending_invoice_item_invoice, invoicePendingItems)
  }
  const end = nextPeriodEnd(items.data)
  const notice = end - account.settings.upcomingDays * day
  const begins = Math.min(...items.data.map((item) => item.current_period_start))
  const goesOn = cancel_at === null || cancel_at > end
  if (goesOn && notice > begins && !wasSent(account, id, 'upcoming', end)) add(notice, tellOfRenewal)
  if (status !== 'trialing') add(end, renew)
  return list
}

/** The first of the earliest. */
const next = (list: readonly Happening[]): Happening | undefined =>
  list.reduce<Happening | undefined>((first, each) => (first && first.at <= each.at ? first : each), undefined)

defineDue({
  kind: 'subscription',
  dueAt: (account, subscription) => next(happenings(account, subscription))?.at ?? null,
  run: (account, subscription) => next(happenings(account, subscription))?.run(account, subscription),
})

/** A period has ended. What a schedule has planned for this time comes first: the next period is billed by the new phase. */
function renew(account: Account, subscription: Subscription): void {
  dueSchedule(account, subscription, account.now)
  const current = account.get('subscription', subscription.id)
  if (current.ended_at === null && nextPeriodEnd(current.items.data) <= account.now) billPeriod(account, current)
}

/** The date that was set has come. Time that was paid for beyond it is credited, unless that was declined. */
function endAsScheduled(account: Account, subscription: Subscription): void {
  const unused = subscription.items.data.some((item) => item.current_period_end > account.now)
  const prorate =
    unused && (notesOf(account, subscription.id).proratesAtEnd ?? true) && subscription.status !== 'trialing'
  endSubscription(account, subscription.id, { scheduled: true, prorate })
}

function resumeCollection(account: Account, subscription: Subscription): void {
  account.change('customer.subscription.updated', 'subscription', subscription.id, { pause_collection: null })
}

function tellOfTrialEnd(account: Account, subscription: Subscription): void {
  markSent(account, subscription.id, 'trial_will_end', subscription.trial_end ?? 0)
  account.emit('customer.subscription.trial_will_end', subscription)
}

function tellOfRenewal(account: Account, subscription: Subscription): void {
  markSent(account, subscription.id, 'upcoming', nextPeriodEnd(subscription.items.data))
  const upcoming = previewRenewal(account, subscription)
  if (!upcoming) return
  // It does not exist yet, so it has no id.
  const { id: _id, ...shown } = asPreview(upcoming)
  account.emit('invoice.upcoming', shown as object as AnyObject)
}
