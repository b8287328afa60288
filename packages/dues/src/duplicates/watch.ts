import { type Logger, silentLogger } from '../logger.ts'
import type { Outbox } from '../mirror/outbox.ts'
import type { Database } from '../store/database.ts'
import { claimSuspects, hasSuspects } from '../store/duplicates.ts'

/**
 * Makes what looks for owners whom the database has noticed with two live subscriptions, and makes a job for each. A look is a question to
 * a table that is empty; every process takes turns at it, so that a duplicate found by a process that died is seen to by another.
 */
export function createDuplicateWatch({
  database,
  outbox,
  logger = silentLogger,
  everySeconds = 2,
}: {
  database: Database
  outbox: Outbox
  logger?: Logger
  everySeconds?: number | undefined
}) {
  let timer: NodeJS.Timeout | undefined
  let stopped = true
  let looking: Promise<void> = Promise.resolve()

  const look = async () => {
    if (!(await hasSuspects(database))) return
    await database.transaction(async (tx) => {
      const owners = await claimSuspects(tx)
      await outbox.enqueue(
        tx,
        owners.map((owner) => ({ name: 'duplicates', owner })),
      )
    })
  }

  const again = () => {
    timer = setTimeout(() => {
      looking = look()
        .catch((error: unknown) => {
          logger.warn({ err: error }, 'nobody could look for double subscriptions; it is tried again')
        })
        .then(() => {
          if (!stopped) again()
        })
    }, everySeconds * 1_000)
    timer.unref()
  }

  return {
    start() {
      stopped = false
      again()
    },
    /** Lets a look that is under way finish. */
    async stop() {
      stopped = true
      clearTimeout(timer)
      await looking
    },
  }
}
