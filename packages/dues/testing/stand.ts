import Stripe from 'stripe'
import type { TestDatabase } from '../../../testing/databases.ts'
import { createCatalogue } from '../src/catalogue/catalogue.ts'
import { resolvePrices } from '../src/catalogue/resolve.ts'
import type { Context } from '../src/context.ts'
import { createDues } from '../src/dues.ts'
import { followedTransitions, runFollowUp } from '../src/follow-ups.ts'
import { silentLogger } from '../src/logger.ts'
import { createMirror } from '../src/mirror/mirror.ts'
import type { Job, Outbox } from '../src/mirror/outbox.ts'
import type { TransitionType } from '../src/mirror/types.ts'
import { type Database, openDatabase } from '../src/store/database.ts'
import type { DuplicateMoney } from '../src/store/duplicates.ts'
import { stripeReader } from '../src/stripe/reader.ts'
import { anOwner, plans } from './app.ts'
import { dyingDatabase } from './dying-database.ts'
import { startTestStripe } from './stripe.ts'

type Process = Context

/** Who is subscribed, by whom Stripe and the database know them. */
export type Somebody = { readonly id: string; readonly customer: string; readonly subscription: string }

/** A database and a Stripe with nobody at work, and processes that can be made to die at any statement and any call. */
export async function aStand(
  open: () => Promise<TestDatabase>,
  { duplicates = 'refund', hooked = [] }: { duplicates?: DuplicateMoney; hooked?: readonly TransitionType[] } = {},
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
    followUps: followedTransitions,
    enqueue: async (tx, jobs: readonly Job[]) => {
      for (const job of jobs) await tx.query('insert into made values ($1::jsonb)', [JSON.stringify(job)])
    },
  }
  const catalogue = createCatalogue(plans, {})
  await resolvePrices(stripe, catalogue)

  /** A process: what it remembers goes with it. */
  const process = (own: Database, client: Stripe, clock = now): Process => ({
    stripe: client,
    database: own,
    catalogue,
    outbox,
    mirror: createMirror({ database: own, stripe: stripeReader(client), outbox, now: clock }),
    logger: silentLogger,
    now: clock,
    duplicates,
    ensurePrices: async () => undefined,
    changed: () => undefined,
    graceDays: 7,
    onDispute: 'keep',
    onRefund: 'keep',
    endedInvoices: 'void',
    seatsInUse: async () => 0,
    counted: {},
    checkout: {},
    baseUrl: 'http://localhost',
    basePath: '/billing',
    paths: { pricing: '/pricing', account: '/account', signIn: '/sign-in' },
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
  const immortal = process(database, stripe)
  const hooksOf = async (customer: string) =>
    opened.query<{ type: string }>(
      `select t.type from made join dues.transition t on t.key = job ->> 'transition' where t.customer = $1 order by t.ticket`,
      [customer],
    )

  return {
    immortal,
    mortal,
    query: opened.query,
    stripe,
    catalogue,
    /** Somebody with so many subscriptions, whom the mirror knows. */
    async somebody({
      plan = 'pro',
      card = 'pm_card_visa',
      ...more
    }: { plan?: string; card?: string } & Omit<
      Stripe.SubscriptionCreateParams,
      'customer' | 'items'
    > = {}): Promise<Somebody> {
      const { id } = anOwner()
      const metadata = { dues_owner: id, ...(more.metadata || {}) }
      const { id: customer } = await stripe.customers.create({
        payment_method: card,
        invoice_settings: { default_payment_method: card },
        metadata: { dues_owner: id },
      })
      const items = [{ price: catalogue.priceId(catalogue.offer(plan, 'monthly')) }]
      const made = await stripe.subscriptions.create({ customer, items, ...more, metadata })
      await immortal.mirror.sync('subscription', made.id)
      return { id, customer, subscription: made.id }
    },
    /** Hooks that were left to be run for a customer, by the type of their transition. */
    hooksFor: hooksOf,
    /**
     * Lets a process do something and die, one step later each time, until it lives through all of it. `after` sees what each death has left.
     * With `failures` that many steps fail, and the process lives on.
     *
     * @returns how often it died
     */
    async dieAtEachStep<Who>(
      prepare: () => Promise<Who>,
      act: (process: Process, who: Who) => Promise<unknown>,
      after: (who: Who, left: { steps: number; died: boolean }) => Promise<void>,
      failures?: number,
    ): Promise<number> {
      for (let steps = 0; ; steps++) {
        const who = await prepare()
        const one = mortal()
        one.dieAfter(steps, failures)
        const died = await act(one, who).then(
          () => false,
          () => true,
        )
        await after(who, { steps, died })
        if (!died) return steps
      }
    },
    /** Does what Dues was left to do by itself, an hour later: whoever has died does it no more. */
    async followUps(): Promise<void> {
      const later = process(database, stripe, () => now() + 3600)
      const made = await opened.query<{ job: Job }>(
        "with taken as (delete from made where job ->> 'name' = 'followUp' returning job) select job from taken",
      )
      for (const { job } of made) if (job.name === 'followUp') await runFollowUp(later, job.task, job.id)
    },
    async close() {
      await dues.stop()
      await local.stop()
      await database.close()
      await opened.close()
    },
  }
}
