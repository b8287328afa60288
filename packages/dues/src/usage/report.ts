import type { Context } from '../context.ts'
import { beginReport, endReport, forgetTry } from '../store/usage.ts'
import { callStripe, isCountedAlready, isUndecided } from '../stripe/client.ts'

/** Stripe knows an identifier again for at least 24 hours; after that, the same use would be charged a second time. */
const certainForHours = 23

/**
 * Tells Stripe's meter of one use, for a job. The identifier is the entry's own, so that a job that runs twice is counted once. A use that
 * was sent a day ago without anybody learning what became of it is left out and logged: a member is rather charged too little than twice.
 *
 * @see https://docs.stripe.com/api/billing/meter-event/create
 */
export async function reportUsage({ database, stripe, logger }: Context, id: number): Promise<void> {
  const entry = await beginReport(database, id)
  if (!entry) return
  if (entry.triedHoursAgo !== null && entry.triedHoursAgo > certainForHours) {
    logger.error({ ...entry }, 'a use may have been counted by Stripe or not; it is not sent again')
    return endReport(database, id)
  }
  try {
    await callStripe(async () => {
      await stripe.billing.meterEvents
        .create(
          {
            event_name: entry.meter,
            identifier: entry.identifier,
            timestamp: entry.at,
            payload: { stripe_customer_id: entry.customer, value: String(entry.amount) },
          },
          { idempotencyKey: `dues-usage-${entry.identifier}` },
        )
        .catch(async (error: unknown) => {
          if (isCountedAlready(error)) return
          if (!isUndecided(error)) await forgetTry(database, id)
          throw error
        })
    })
  } catch (error) {
    logger.warn({ entry: id, err: error }, 'a use could not be reported to Stripe; it is tried again')
    throw error
  }
  await endReport(database, id)
}
