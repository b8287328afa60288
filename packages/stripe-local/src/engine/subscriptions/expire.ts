import type { Account } from '../../account.ts'
import { voidInvoice } from '../invoices/close.ts'
import type { Subscription } from './items.ts'

/**
 * Ends what was never paid for: it is `incomplete_expired` and not `canceled`, whether 23 hours went by or somebody canceled it, the
 * invoice is void, and the event is an update. Real Stripe's events show it so of both.
 */
export function expireIncomplete(
  account: Account,
  subscription: Subscription,
  canceled: Pick<Subscription, 'canceled_at' | 'cancellation_details'> | null = null,
): Subscription {
  const invoice = subscription.latest_invoice ? account.find('invoice', subscription.latest_invoice) : undefined
  if (invoice?.status === 'open') voidInvoice(account, invoice.id)
  return account.change('customer.subscription.updated', 'subscription', subscription.id, {
    ...canceled,
    ended_at: account.now,
    status: 'incomplete_expired',
  })
}
