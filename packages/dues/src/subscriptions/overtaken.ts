import type { Context } from '../context.ts'
import { isLive } from '../entitlements/membership.ts'
import { DuesError } from '../errors.ts'

/**
 * Makes a change of what an owner has. Where Stripe refuses it because the subscription ended there in the moment since it was looked at
 * (by the dashboard, the portal, another window), the change is tried once more on what there is now: that knows what to say.
 */
export async function unlessOvertaken<Result>(
  context: Context,
  owner: string,
  change: () => Promise<Result>,
): Promise<Result> {
  const { mirror } = context
  const live = async () => (await mirror.subscriptionsOf(owner)).filter(isLive)
  const before = await live()
  try {
    return await change()
  } catch (error) {
    if (!(error instanceof DuesError) || error.code !== 'stripe_refused') throw error
    const found = await live()
    for (const { id } of found) await mirror.sync('subscription', id)
    const now = new Map((await live()).map(({ id, status }) => [id, status]))
    const known = new Set([...before, ...found].map(({ id }) => id))
    if ([...known].every((id) => now.has(id)) && found.every(({ id, status }) => now.get(id) === status)) throw error
    return change()
  }
}
