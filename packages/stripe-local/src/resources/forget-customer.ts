import type { Account } from '../account.ts'
import type { Kind } from '../kinds.ts'

/** Kinds that belong to a customer and go when a test clock takes its customers with it. */
const kinds = [
  'subscription',
  'subscription_schedule',
  'invoice',
  'invoiceitem',
  'payment_intent',
  'setup_intent',
] as const

/** Removes a customer of a deleted test clock, and what it had, without a trace: there are no events for these. */
export function forgetCustomer(account: Account, id: string): void {
  for (const kind of kinds)
    for (const object of account.store.by(kind, 'customer', id)) forget(account, kind, object.id)
  account.remove('customer', id)
}

function forget(account: Account, kind: Kind, id: string): void {
  account.remove(kind, id)
  if (account.find('local.billing', id)) account.remove('local.billing', id)
}
