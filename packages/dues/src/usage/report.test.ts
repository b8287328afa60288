import { describe, expect, onTestFinished, test } from 'vitest'
import { anOwner, onEachApp, plans } from '../../testing/app.ts'
import { dyingDatabase } from '../../testing/dying-database.ts'
import { until } from '../../testing/engine.ts'
import { onOneDatabase } from '../../testing/on-one-database.ts'
import { createCatalogue } from '../catalogue/catalogue.ts'
import type { Context } from '../context.ts'
import { answer } from '../entitlements/membership.ts'
import { moments, subscriptionOf } from '../entitlements/truth-table.ts'
import { silentLogger } from '../logger.ts'
import type { Job } from '../mirror/outbox.ts'
import { usd } from '../money.ts'
import { openDatabase } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { reportUsage } from './report.ts'
import { type UsageContext, useFeature } from './use.ts'

const metered = {
  ...plans,
  pro: { ...plans.pro, prices: { ...plans.pro.prices, monthly: { ...usd(1), meter: 'projects' } } },
} as unknown as typeof plans

onEachApp(
  'a metered feature',
  (app) => {
    /** What Stripe's meter has counted for a customer, this hour. */
    async function countedAt(customer: string): Promise<number> {
      const { stripe, now } = app()
      const [meter] = (await stripe.billing.meters.list()).data
      const minute = now() - (now() % 60)
      const { data } = await stripe.billing.meters.listEventSummaries(meter?.id ?? '', {
        customer,
        start_time: minute - 3600,
        end_time: minute + 3600,
      })
      return data[0]?.aggregated_value ?? 0
    }

    test('is counted by Stripe as well, each use once, and less what was given back', async () => {
      const { dues, subscribe } = app()
      const { id } = anOwner()
      const { customer } = await subscribe(id)
      await dues.usage.use(id, 'projects', 7, { key: 'job_1' })
      await dues.usage.use(id, 'projects', 7, { key: 'job_1' })
      await dues.usage.use(id, 'projects', 4)
      await dues.usage.release(id, 'projects', 2, { key: 'job_1' })
      await until(async () => (await countedAt(customer)) === 9, 'Stripe has counted 9')
    })

    test('that is refused is not told to Stripe', async () => {
      const { dues, subscribe, query } = app()
      const { id } = anOwner()
      await subscribe(id)
      await expect(dues.usage.use(id, 'projects', 101)).rejects.toMatchObject({ code: 'limit_reached' })
      expect(await query('select id from dues.usage_entry where owner = $1', [id])).toEqual([])
    })

    test('is free to who has it by another price or a grant', async () => {
      const { dues, subscribe, query } = app()
      const [yearly, granted] = [anOwner(), anOwner()]
      await subscribe(yearly.id, { interval: 'yearly' })
      await dues.grants.give(granted.id, 'pro', { reason: 'a friend' })
      for (const { id } of [yearly, granted]) {
        await dues.usage.use(id, 'projects')
        expect(await query('select id from dues.usage_entry where owner = $1', [id])).toEqual([])
      }
    })
  },
  { plans: metered },
)

const answers = (catalogue: ReturnType<typeof createCatalogue>) => {
  const subscription = subscriptionOf({ subscription: { status: 'active' } } as Parameters<typeof subscriptionOf>[0])
  return answer(
    { subscriptions: subscription ? [subscription] : [], grants: [], now: moments.now, graceDays: 7 },
    catalogue,
  )
}

onOneDatabase('telling Stripe of a use', (open) => {
  /** A use that waits to be reported, a Stripe that answers as it is told, and what it was asked. */
  async function aUse() {
    const opened = await open()
    const database = openDatabase(opened.database)
    await migrate(database)
    onTestFinished(() => database.close())
    const catalogue = createCatalogue({
      pro: { name: 'Pro', prices: { monthly: { ...usd(1), meter: 'calls' } }, features: { calls: Infinity } },
    })
    catalogue.learn(catalogue.offers.map((offer) => ({ offer, id: 'price_pro', product: 'dues_pro' })))
    const counted = new Map<string, string>()
    const asked: string[] = []
    let answerWith: 'counted' | 'refused' | 'lost' = 'counted'
    const stripeError = (type: string, statusCode: number | undefined, message: string) =>
      Object.assign(new Error(message), { type, statusCode })
    const stripe = {
      billing: {
        meterEvents: {
          create: async ({ identifier, payload }: { identifier: string; payload: { value: string } }) => {
            asked.push(identifier)
            if (answerWith === 'refused') throw stripeError('StripeInvalidRequestError', 400, 'No active meter.')
            if (counted.has(identifier))
              throw stripeError(
                'StripeInvalidRequestError',
                400,
                `An event already exists with identifier ${identifier}.`,
              )
            counted.set(identifier, payload.value)
            if (answerWith === 'lost') throw stripeError('StripeConnectionError', undefined, 'socket hang up')
          },
        },
      },
    }
    const shared = { stripe, catalogue, logger: silentLogger, now: () => moments.now, counted: {}, paths: {} }
    const jobs: Job[] = []
    const context = {
      ...shared,
      database,
      outbox: { hooked: new Set(), enqueue: async (_: unknown, made: readonly Job[]) => void jobs.push(...made) },
      membership: async () => answers(catalogue),
    } as unknown as UsageContext
    return {
      context,
      database,
      query: opened.query,
      counted,
      asked,
      jobs,
      stripeAnswers: (next: typeof answerWith) => {
        answerWith = next
      },
      use: () => useFeature(context, { owner: 'owner_1', feature: 'calls', amount: 5 }),
      report: async () => {
        const [job] = jobs
        if (job?.name === 'usage') await reportUsage(context as Context, job.entry)
      },
    }
  }

  test('whose answer was lost tells of the same again, and Stripe counts it once', async () => {
    const { use, report, counted, asked, stripeAnswers } = await aUse()
    await use()
    stripeAnswers('lost')
    await expect(report()).rejects.toMatchObject({ code: 'stripe_unavailable' })
    stripeAnswers('counted')
    await report()
    await report()
    expect([...counted.values()]).toEqual(['5'])
    expect(asked).toEqual([asked[0], asked[0]])
  })

  test('whose answer was lost a day ago is left out: Stripe has forgotten by then whether it was counted', async () => {
    const { use, report, query, counted, stripeAnswers } = await aUse()
    await use()
    stripeAnswers('lost')
    await expect(report()).rejects.toThrow()
    await query("update dues.usage_entry set tried_at = now() - interval '24 hours'")
    counted.clear()
    await report()
    expect(counted.size).toBe(0)
    expect(await query('select id from dues.usage_entry where reported_at is null')).toEqual([])
  })

  test('that Stripe refused is tried for as long as it takes', async () => {
    const { use, report, query, counted, stripeAnswers } = await aUse()
    await use()
    stripeAnswers('refused')
    await expect(report()).rejects.toMatchObject({ code: 'stripe_refused' })
    expect(await query('select tried_at from dues.usage_entry')).toEqual([{ tried_at: null }])
    stripeAnswers('counted')
    await report()
    expect([...counted.values()]).toEqual(['5'])
  })

  describe('when the process dies', () => {
    test('at any statement, the use is counted with its job, or not at all', async () => {
      const { context, database, query } = await aUse()
      await query('create table made (job jsonb)')
      const dying = dyingDatabase(database)
      const outbox = {
        hooked: new Set(),
        enqueue: async (tx: typeof database, made: readonly Job[]) => {
          for (const job of made) await tx.query('insert into made values ($1::jsonb)', [JSON.stringify(job)])
        },
      }
      const mortal = { ...context, database: dying, outbox } as unknown as UsageContext
      let deaths = 0
      for (let statements = 0; ; statements++) {
        dying.dieAfter(statements)
        const died = await useFeature(mortal, { owner: 'owner_1', feature: 'calls', amount: 1 }).then(
          () => false,
          () => true,
        )
        const [there] = await query(
          `select (select count(*)::int from dues.usage) as counters, (select count(*)::int from dues.usage_entry) as entries,
             (select count(*)::int from made) as jobs`,
        )
        const expected = died ? 0 : 1
        expect(there).toEqual({ counters: expected, entries: expected, jobs: expected })
        if (!died) break
        deaths += 1
      }
      expect(deaths).toBeGreaterThan(2)
    })
  })
})
