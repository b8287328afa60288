import type { TransitionRow } from '../store/mirror.ts'
import type { Content, InvoiceRow, RowOf, SubscriptionRow } from '../store/rows.ts'
import { transition } from './transitions.ts'
import type { MirroredKind } from './types.ts'

/** What an event tells that no row shows: the row is the same before and after. */
export type Telling = 'trialWillEnd' | 'actionRequired'

/**
 * The transition of a telling. Its key is made of what it is about, so that a snapshot event and a thin one that tell
 * the same come to the same transition. None when what it is about has passed: the trial was cancelled, the invoice paid.
 */
export function tell<Kind extends MirroredKind>(
  telling: Telling,
  kind: Kind,
  content: Content<RowOf[Kind]>,
  subscription: Content<SubscriptionRow> | null,
  at: number,
): TransitionRow[] {
  if (telling === 'trialWillEnd' && kind === 'subscription') {
    const told = content as Content<SubscriptionRow>
    if (told.status !== 'trialing') return []
    const ends = { before: told, after: told, at }
    return [transition('trialWillEnd', [told.id, 'trialWillEnd', told.trial_end], told.customer, ends)]
  }
  if (telling === 'actionRequired' && kind === 'invoice') {
    const told = content as Content<InvoiceRow>
    if (told.status === 'paid' || told.status === 'void') return []
    return [
      transition('actionRequired', [told.id, 'actionRequired'], told.customer, {
        before: subscription,
        after: subscription,
        at,
        subscription: told.subscription,
        detail: {
          invoice: told.id,
          url: told.hosted_invoice_url,
          amount: told.amount_remaining,
          currency: told.currency,
        },
      }),
    ]
  }
  return []
}
