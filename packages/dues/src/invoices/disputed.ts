import type { Context } from '../context.ts'
import { transitionByKey } from '../store/membership.ts'
import { endPaid } from './end-paid.ts'

/**
 * What becomes of a membership of which a payment is disputed: it goes on, it ends as soon as somebody disputes, or when the bank has
 * decided for them.
 */
export const disputePolicies = ['keep', 'end', 'endWhenLost'] as const
export type DisputePolicy = (typeof disputePolicies)[number]

/**
 * Ends the subscription that a disputed payment was for, where the app wants it so.
 *
 * @param key the transition `disputed` or `disputeClosed`
 */
export async function endDisputed(context: Context, key: string): Promise<void> {
  const { database, onDispute } = context
  if (onDispute === 'keep') return
  const transition = await transitionByKey(database, key)
  const ends = onDispute === 'end' ? transition?.type === 'disputed' : transition?.detail.status === 'lost'
  const charge = transition?.detail.charge
  if (ends && typeof charge === 'string') await endPaid(context, charge, 'A payment was disputed.')
}
