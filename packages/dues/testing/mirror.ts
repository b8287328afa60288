import type { TestDatabase } from '../../../testing/databases.ts'
import { createMirror, type MirrorOptions } from '../src/mirror/mirror.ts'
import { openDatabase } from '../src/store/database.ts'
import { migrate } from '../src/store/migrate.ts'
import { createFakeStripe, type FakeStripe } from './fake-stripe.ts'

/** A migrated database, a fake Stripe and a mirror between them. */
export async function aMirror(
  open: () => Promise<TestDatabase>,
  options: Partial<MirrorOptions> & { stripe?: FakeStripe } = {},
) {
  const opened = await open()
  const database = openDatabase(opened.database)
  await migrate(database)
  const stripe = options.stripe ?? createFakeStripe()
  const mirror = createMirror({ ...options, database, stripe })
  return {
    database,
    stripe,
    mirror,
    query: opened.query,
    async close() {
      await database.close()
      await opened.close()
    },
  }
}
