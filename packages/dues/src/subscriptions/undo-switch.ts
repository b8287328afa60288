import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import { dropReplan } from '../store/replans.ts'
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
    // Also what a change that died has taken from its schedule, and a job would plan again.
    const dropped = current && (await dropReplan(context.database, current.subscription.id))
    if (current?.subscription.scheduled) return releaseSchedule(context, current.subscription)
    if (dropped) return
    if (current && (await wasJustDone(context, owner, 'switchUndone'))) return
    throw new DuesError('nothing_to_undo', 'No change of your plan is planned: it goes on as it is.')
  })
}
