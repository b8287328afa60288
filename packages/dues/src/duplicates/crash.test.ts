import Stripe from 'stripe'
import { expect, test } from 'vitest'
import { onEachDatabase, type TestDatabase } from '../../../../testing/databases.ts'
import { anOwner, plans } from '../../testing/app.ts'
import { dyingDatabase } from '../../testing/dying-database.ts'
import { startTestStripe } from '../../testing/stripe.ts'
import { createCatalogue } from '../catalogue/catalogue.ts'
import { resolvePrices } from '../catalogue/resolve.ts'
import { createDues } from '../dues.ts'
import { isLive } from '../entitlements/membership.ts'
import { silentLogger } from '../logger.ts'
import { createMirror } from '../mirror/mirror.ts'
import type { Job, Outbox } from '../mirror/outbox.ts'
import { type Database, openDatabase } from '../store/database.ts'
import type { DuplicateMoney } from '../store/duplicates.ts'
import { stripeReader } from '../stripe/reader.ts'
import { endDuplicates } from './end.ts'

/** A database and a Stripe with nobody at work, and processes that can be made to die at any statement and any call. */
async function aStand(open: () => Promise<TestDatabase>, duplicates: DuplicateMoney) {
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
    hooked: new Set(['ended', 'duplicateEnded'] as const),
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
    /** Somebody with two subscriptions, whom the mirror knows. */
    async somebodyTwice() {
      const { id } = anOwner()
      const metadata = { dues_owner: id }
      const card = 'pm_card_visa'
      const { id: customer } = await stripe.customers.create({
        payment_method: card,
        invoice_settings: { default_payment_method: card },
        metadata,
      })
      const items = [{ price: catalogue.priceId(catalogue.offer('pro', 'monthly')) }]
      const { mirror } = process(database, stripe)
      for (let n = 0; n < 2; n++) {
        const subscription = await stripe.subscriptions.create({ customer, items, metadata })
        await mirror.sync('subscription', subscription.id)
      }
      return { id, customer }
    },
    /** All that is left behind by somebody's duplicate: at Stripe, in the database, and for the hooks. */
    async outcomeFor({ id, customer }: { id: string; customer: string }) {
      const { data: subscriptions } = await stripe.subscriptions.list({ customer, status: 'all' })
      const { data: charges } = await stripe.charges.list({ customer })
      const refunds = await Promise.all(charges.map((charge) => stripe.refunds.list({ charge: charge.id })))
      const { data: credits } = await stripe.customers.listBalanceTransactions(customer)
      const transitions = await opened.query<{ key: string; type: string }>(
        'select key, type from dues.transition where customer = $1 order by ticket',
        [customer],
      )
      const jobs = await opened.query("select job from made where job ->> 'transition' = any($1::text[])", [
        transitions.map(({ key }) => key),
      ])
      const open = await opened.query('select 1 as n from dues.duplicate where owner = $1 and settled_at is null', [id])
      return {
        live: subscriptions.filter(isLive).length,
        refunds: refunds.flatMap(({ data }) => data.map(({ amount }) => amount)),
        credits: credits.map(({ amount }) => amount),
        transitions: transitions.map(({ type }) => type),
        jobs: jobs.length,
        open: open.length,
      }
    },
    async close() {
      await dues.stop()
      await local.stop()
      await database.close()
      await opened.close()
    },
  }
}

const settled = { live: 1, transitions: ['started', 'started', 'duplicateEnded'], jobs: 1, open: 0 }
const given = {
  refund: { ...settled, refunds: [1900], credits: [] },
  credit: { ...settled, refunds: [], credits: [-1900] },
}

onEachDatabase('a process that ends a duplicate', (open) => {
  test.for(['refund', 'credit'] as const)(
    'and dies, at any step, is followed by one that ends it once (%s)',
    async (money) => {
      const stand = await aStand(open, money)
      let deaths = 0
      for (let steps = 0; ; steps++) {
        const somebody = await stand.somebodyTwice()
        const process = stand.mortal()
        process.dieAfter(steps)
        const died = await endDuplicates(process, somebody.id).then(
          () => false,
          () => true,
        )
        if (died) await endDuplicates(stand.immortal, somebody.id)
        expect({ steps, ...(await stand.outcomeFor(somebody)) }).toEqual({ steps, ...given[money] })
        if (!died) break
        deaths += 1
      }
      expect(deaths).toBeGreaterThan(30)
      await stand.close()
    },
  )

  test.for(['refund', 'credit'] as const)(
    'is joined by others at the same moment, and it ends once (%s)',
    async (money) => {
      const stand = await aStand(open, money)
      const somebody = await stand.somebodyTwice()
      const together = () => Promise.allSettled([1, 2, 3].map(() => endDuplicates(stand.mortal(), somebody.id)))
      // Who finds Stripe busy with the same request of another tries again, as its job would.
      for (let round = 0; round < 10; round++) {
        const all = await together()
        if (all.every(({ status }) => status === 'fulfilled')) break
      }
      expect(await stand.outcomeFor(somebody)).toEqual(given[money])
      await stand.close()
    },
  )

  test('does nothing for somebody whose other subscription ended meanwhile', async () => {
    const stand = await aStand(open, 'refund')
    const somebody = await stand.somebodyTwice()
    const { stripe } = stand.immortal
    const [newer] = (await stripe.subscriptions.list({ customer: somebody.customer })).data
    await stripe.subscriptions.cancel(newer?.id ?? '')
    await endDuplicates(stand.immortal, somebody.id)
    expect(await stand.outcomeFor(somebody)).toMatchObject({ live: 1, refunds: [], credits: [], open: 0 })
    await stand.close()
  })

  test('that died before it ended the older lets it be when the newer is ended by its owner', async () => {
    const stand = await aStand(open, 'refund')
    const { stripe } = stand.immortal
    let interrupted = 0
    for (let steps = 0; ; steps++) {
      const somebody = await stand.somebodyTwice()
      const process = stand.mortal()
      process.dieAfter(steps)
      const died = await endDuplicates(process, somebody.id).then(
        () => false,
        () => true,
      )
      const live = (await stripe.subscriptions.list({ customer: somebody.customer })).data
      if (!died || live.length < 2) break
      const [row] = await stand.query<{ kept: string }>('select kept from dues.duplicate where owner = $1', [
        somebody.id,
      ])
      if (row === undefined) continue
      interrupted += 1
      await stripe.subscriptions.cancel(row.kept)
      await endDuplicates(stand.immortal, somebody.id)
      expect(await stand.outcomeFor(somebody)).toMatchObject({ live: 1, refunds: [], open: 0 })
      const [left] = (await stripe.subscriptions.list({ customer: somebody.customer })).data
      expect(left?.metadata).toEqual({ dues_owner: somebody.id })
    }
    expect(interrupted).toBeGreaterThan(2)
    await stand.close()
  })
})
