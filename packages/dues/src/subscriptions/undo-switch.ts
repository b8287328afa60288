import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import { callStripe } from '../stripe/client.ts'
import { currentAtStripe } from './current.ts'
import { wasJustDone } from './just-done.ts'
import { releaseSchedule } from './schedule.ts'

/**
 * Takes back a change that was planned for the end of the period. An end of the membership that was planned with it stays.
 *
 * @see https://docs.stripe.com/api/subscription_schedules/release
 */
export async function undoSwitch(context: Context, owner: string): Promise<void> {
  await callStripe(async () => {
    const current = await currentAtStripe(context, owner)
    if (current?.subscription.scheduled) return releaseSchedule(context, current.subscription)
    if (current && (await wasJustDone(context, owner, 'switchUndone'))) return
    throw new DuesError('nothing_to_undo', 'No change of your plan is planned: it goes on as it is.')
  })
}
