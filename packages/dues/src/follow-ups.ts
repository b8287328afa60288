import type { Context } from './context.ts'
import { endDisputed } from './invoices/disputed.ts'
import { refundEnded } from './invoices/end-refund.ts'
import { closeInvoices } from './invoices/ended.ts'
import { endRefunded } from './invoices/refunded.ts'
import type { FollowUp } from './mirror/outbox.ts'
import type { TransitionType } from './mirror/types.ts'
import { adoptCard } from './payment-methods/add.ts'
import { planForgotten } from './subscriptions/plan-again.ts'

/** After which transitions Dues has something to do by itself. */
export const followedTransitions: ReadonlyMap<TransitionType, FollowUp> = new Map([
  ['ended', 'settleEnd'],
  ['duplicateEnded', 'closeInvoices'],
  ['disputed', 'endDisputed'],
  ['disputeClosed', 'endDisputed'],
  ['refunded', 'endRefunded'],
])

/** What each of them is. Each may run twice and after a crash: it looks at what Stripe has before it does anything. */
const tasks: { readonly [task in FollowUp]: (context: Context, id: string) => Promise<void> } = {
  adoptCard,
  closeInvoices,
  endDisputed,
  endRefunded,
  planAgain: planForgotten,
  async settleEnd(context, id) {
    await refundEnded(context, id)
    await closeInvoices(context, id)
  },
}

/** Runs one, for a job. Errors: those of Stripe; the job is tried again. */
export async function runFollowUp(context: Context, task: FollowUp, id: string): Promise<void> {
  try {
    await tasks[task](context, id)
  } catch (error) {
    context.logger.warn({ task, id, err: error }, 'what follows from a transition could not be done; it is tried again')
    throw error
  }
}
