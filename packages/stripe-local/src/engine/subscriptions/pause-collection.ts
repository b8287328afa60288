import type Stripe from 'stripe'
import type { Account } from '../../account.ts'
import { withinFiveYears } from '../../protocol/values.ts'
import { markUncollectible, voidInvoice } from '../invoices/close.ts'
import { finalizeInvoice } from '../invoices/finalize.ts'
import type { Invoice } from '../invoices/totals.ts'
import type { Subscription } from './items.ts'

/** `pause_collection`: invoices are made and not collected; the status stays as it is. An empty string ends it. */
export const pauseCollectionOf = (
  param: Stripe.Emptyable<Stripe.SubscriptionUpdateParams.PauseCollection>,
  now: number,
): Subscription['pause_collection'] => {
  if (!param) return null
  const { behavior, resumes_at } = param
  if (resumes_at !== undefined) withinFiveYears(resumes_at, now, 'pause_collection[resumes_at]')
  return { behavior, resumes_at: resumes_at ?? null }
}

/** What becomes of an invoice while collection is paused. https://docs.stripe.com/billing/subscriptions/pause-payment */
export function holdBack(
  account: Account,
  invoice: Invoice,
  pause: NonNullable<Subscription['pause_collection']>,
): void {
  if (pause.behavior === 'keep_as_draft') return
  const open = finalizeInvoice(account, invoice.id, { autoAdvance: false })
  if (open.status !== 'open') return
  if (pause.behavior === 'void') voidInvoice(account, open.id)
  else markUncollectible(account, open.id, 'subscription_paused')
}
