import type { Account } from '../../account.ts'
import { dryRun } from '../dry-run.ts'
import { dueSchedule } from '../schedules/phases.ts'
import { nextPeriodEnd, type Subscription } from '../subscriptions/items.ts'
import { billPeriod } from '../subscriptions/renew.ts'
import { settle } from '../totals.ts'
import { pendingItems } from './create.ts'

import type { Invoice } from './totals.ts'

/**
 * The invoice that a subscription will have at the end of its current period, made by the renewal itself and undone. Undefined when there will be
 * none: the subscription ends before, is paused, or has nothing to bill.
 */
export const previewRenewal = (account: Account, subscription: Subscription): Invoice | undefined =>
  dryRun(account, (quiet) => draftRenewal(quiet, subscription.id))

/** The same, within a dry run: what it does has to be undone. */
export function draftRenewal(account: Account, id: string): Invoice | undefined {
  const subscription = account.get('subscription', id)
  if (subscription.ended_at !== null || subscription.status === 'paused') return
  const end =
    subscription.status === 'trialing'
      ? (subscription.trial_end ?? account.now)
      : nextPeriodEnd(subscription.items.data)
  return account.at(end, () => {
    dueSchedule(account, subscription, end)
    const current = account.get('subscription', id)
    if (current.ended_at !== null) return undefined
    if (current.cancel_at !== null && current.cancel_at <= end) return undefined
    if (nextPeriodEnd(current.items.data) <= end) {
      billPeriod(
        account,
        { ...current, pause_collection: null },
        current.status === 'trialing' ? { status: 'active' } : {},
      )
    }
    const { latest_invoice } = account.get('subscription', id)
    return latest_invoice && latest_invoice !== subscription.latest_invoice
      ? account.get('invoice', latest_invoice)
      : undefined
  })
}

/** A draft as a preview shows it: with an id of its own kind, and with what will be left of the customer's balance. */
export function asPreview(invoice: Invoice, prorationDate?: number): Invoice {
  const id = `upcoming_${invoice.id}`
  const { endingBalance } = settle(invoice.total, invoice.starting_balance, invoice.currency)
  const details = invoice.parent?.subscription_details
  return {
    ...invoice,
    id,
    automatically_finalizes_at: null,
    billing_reason: 'upcoming',
    ending_balance: endingBalance,
    lines: {
      ...invoice.lines,
      data: invoice.lines.data.map((line) => ({ ...line, invoice: id })),
      url: `/v1/invoices/upcoming/lines`,
    },
    ...(invoice.parent &&
      details &&
      prorationDate !== undefined && {
        parent: { ...invoice.parent, subscription_details: { ...details, subscription_proration_date: prorationDate } },
      }),
    webhooks_delivered_at: null,
  }
}

/** Leaves only what recurs: for `preview_mode=recurring`, within a dry run. */
export function dropPending(account: Account, customer: string, subscription: string): void {
  for (const item of pendingItems(account, customer, subscription)) account.remove('invoiceitem', item.id)
}
