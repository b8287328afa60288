import Stripe from 'stripe'
import type { TestDatabase } from '../../../testing/databases.ts'
import { createCatalogue } from '../src/catalogue/catalogue.ts'
import { resolvePrices } from '../src/catalogue/resolve.ts'
import { createDues } from '../src/dues.ts'
import { silentLogger } from '../src/logger.ts'
import { createMirror } from '../src/mirror/mirror.ts'
import type { Job, Outbox } from '../src/mirror/outbox.ts'
import type { TransitionType } from '../src/mirror/types.ts'
import { type Database, openDatabase } from '../src/store/database.ts'
import type { DuplicateMoney } from '../src/store/duplicates.ts'
import { stripeReader } from '../src/stripe/reader.ts'
import { plans } from './app.ts'
import { dyingDatabase } from './dying-database.ts'
import { startTestStripe } from './stripe.ts'

/** A database and a Stripe with nobody at work, and processes that can be made to die at any statement and any call. */
export async function aStand(
  open: () => Promise<TestDatabase>,
  { duplicates = 'refund', hooked }: { duplicates?: DuplicateMoney; hooked: readonly TransitionType[] },
) {
  const opened = await open()
  const { local, stripe, secretKey, now } = await startTestStripe()
  const dues = createDues({
    stripe: { secretKey, webhookSecret: 'whsec_stand', apiBase: local.url },
    database: opened.database,
    plans,
    identify: () => null,
    logger: silentLogger,
    now: () => new Date(now() * 1000),
  })
  await dues.catalogue.push()
  await dues.start({ work: false })
  const database = openDatabase(opened.database)
  // Jobs as rows of a table of the test's own, so that they can be counted together with what caused them.
  await database.query('create table made (job jsonb)')
  const outbox: Outbox = {
    hooked: new Set(hooked),
    enqueue: async (tx, jobs: readonly Job[]) => {
      for (const job of jobs) await tx.query('insert into made values ($1::jsonb)', [JSON.stringify(job)])
    },
  }
  const catalogue = createCatalogue(plans, {})
  await resolvePrices(stripe, catalogue)

  /** A process: what it remembers goes with it. */
  const process = (own: Database, client: Stripe) => ({
    stripe: client,
    database: own,
    catalogue,
    outbox,
    mirror: createMirror({ database: own, stripe: stripeReader(client), outbox, now }),
    logger: silentLogger,
    now,
    duplicates,
  })
  const mortal = () => {
    const dying = dyingDatabase(database)
    // A call to Stripe can be the last before it is sent, and after it was carried out.
    const fetcher: typeof fetch = async (...call) => {
      await dying.step()
      const answer = await fetch(...call)
      await dying.step()
      return answer
    }
    const client = new Stripe(secretKey, {
      host: 'localhost',
      port: local.port,
      protocol: 'http',
      maxNetworkRetries: 0,
      httpClient: Stripe.createFetchHttpClient(fetcher),
    })
    return { ...process(dying, client), dieAfter: dying.dieAfter }
  }

  return {
    immortal: process(database, stripe),
    mortal,
    query: opened.query,
    stripe,
    catalogue,
    /** Hooks that were left to be run for a customer, by the type of their transition. */
    hooksFor: async (customer: string) =>
      opened.query<{ type: string }>(
        `select t.type from made join dues.transition t on t.key = job ->> 'transition' where t.customer = $1 order by t.ticket`,
        [customer],
      ),
    async close() {
      await dues.stop()
      await local.stop()
      await database.close()
      await opened.close()
    },
  }
}
