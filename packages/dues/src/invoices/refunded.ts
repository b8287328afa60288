import type { Context } from '../context.ts'
import { transitionByKey } from '../store/membership.ts'
import { endPaid } from './end-paid.ts'
import { unusedOf } from './unused.ts'

/** What becomes of a membership whose present period was paid back whole: it goes on, or it ends. */
export const refundPolicies = ['keep', 'end'] as const
export type RefundPolicy = (typeof refundPolicies)[number]

/**
 * Ends the subscription whose payment for the present period has gone back whole, where the app wants it so. A part of it is a kindness, and
 * what was paid for a period that is over was used.
 *
 * @param key the transition `refunded`
 */
export async function endRefunded(context: Context, key: string): Promise<void> {
  const { database, onRefund, now } = context
  if (onRefund === 'keep') return
  const { charge, amount, amountRefunded } = (await transitionByKey(database, key))?.detail ?? {}
  if (typeof charge !== 'string' || amountRefunded !== amount) return
  await endPaid(context, charge, 'Its payment was refunded.', (invoice) => unusedOf(invoice, now()).isPresent)
}
