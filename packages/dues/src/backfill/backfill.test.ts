import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { openPostgres } from '../../../../testing/databases.ts'
import { anEngine, until } from '../../testing/engine.ts'
import { aCustomer, aSubscription } from '../../testing/objects.ts'
import { onOneDatabase } from '../../testing/on-one-database.ts'
import { DuesError } from '../errors.ts'

type Engine = Awaited<ReturnType<typeof anEngine>>

/** Members of an app that had no Dues: `user_n` is only in the app's own metadata. */
function members(
  { stripe }: Engine,
  count: number,
  make: (n: number) => object = (n) => ({ metadata: { uid: `user_${n}` } }),
) {
  for (let n = 0; n < count; n++) {
    const id = `cus_${String(n).padStart(5, '0')}`
    stripe.put(aCustomer({ id, email: `user_${n}@example.com`, created: 1_000 + n, ...make(n) }))
    stripe.put(aSubscription({ id: `sub_${n}`, customer: id, start_date: 1_000 + n, metadata: {} }))
  }
}

const owners = ({ query }: Engine) =>
  query<{ customer: string; owner: string; current: boolean }>(
    'select customer, owner, current from dues.owner_customer order by customer',
  )

onOneDatabase('a backfill', (open) => {
  describe('takes over who was a member before Dues', () => {
    test('by what the app kept in their metadata, without running a hook', async () => {
      const told: string[] = []
      const app = await anEngine(open, { hooks: { started: ({ key }) => void told.push(key) } })
      members(app, 250)
      const report = await app.engine.backfill({ by: { metadata: 'uid' }, perSecond: 1_000 })
      expect(report).toMatchObject({ finished: true, resumed: false, compared: 500, changed: 500, adopted: 250 })
      expect(report).toMatchObject({ owned: 250, unknown: 0, leftOut: 0 })
      expect(await owners(app)).toHaveLength(250)
      expect((await app.engine.mirror.subscriptionsOf('user_7')).map(({ id }) => id)).toEqual(['sub_7'])
      expect(await app.query("select id, email from dues.owner where id = 'user_7'")).toEqual([
        { id: 'user_7', email: 'user_7@example.com' },
      ])
      expect(told).toEqual([])
      expect(await app.query('select 1 from dues.drift')).toEqual([])
      expect(await app.engine.backfill({ by: { metadata: 'uid' }, perSecond: 1_000 })).toMatchObject({
        changed: 0,
        adopted: 0,
        owned: 250,
      })
      await app.close()
    })

    test('by the metadata of the subscription, where the customer says nothing', async () => {
      const app = await anEngine(open)
      app.stripe.put(aCustomer({ id: 'cus_a', metadata: {} }))
      app.stripe.put(aSubscription({ id: 'sub_a', customer: 'cus_a', metadata: { uid: 'ada' } }))
      await app.engine.backfill({ by: { metadata: 'uid' } })
      expect(await owners(app)).toEqual([{ customer: 'cus_a', owner: 'ada', current: true }])
      await app.close()
    })

    test('by a function of the app, and says who is nobody’s, those who pay first', async () => {
      const app = await anEngine(open, {
        ownerOf: async ({ email }) => (email === 'user_1@example.com' ? null : `of ${email}`),
      })
      members(app, 3)
      app.stripe.put(aCustomer({ id: 'cus_none', email: 'user_1@example.com', metadata: {} }))
      const report = await app.engine.backfill()
      expect(report).toMatchObject({ adopted: 2, unknown: 2, unknownLive: 1 })
      expect(report.unknowns).toEqual([
        { customer: 'cus_00001', email: 'user_1@example.com', live: 1 },
        { customer: 'cus_none', email: 'user_1@example.com', live: 0 },
      ])
      await app.close()
    })

    test('by the reference of their Checkouts, the newest word about a customer', async () => {
      const app = await anEngine(open)
      members(app, 2, () => ({ metadata: {} }))
      for (const [id, customer, reference] of [
        ['cs_1', 'cus_00000', 'user_of_old'],
        ['cs_2', 'cus_00000', 'user_0'],
        ['cs_3', null, 'nobody'],
        ['cs_4', 'cus_00001', null],
      ])
        app.stripe.put({
          id,
          object: 'checkout.session',
          customer,
          client_reference_id: reference,
        } as unknown as Stripe.Checkout.Session)
      expect(await app.engine.backfill({ by: 'client_reference_id' })).toMatchObject({ adopted: 1, unknown: 1 })
      expect(await owners(app)).toEqual([{ customer: 'cus_00000', owner: 'user_0', current: true }])
      await app.close()
    })
  })

  test('a dry run shows the same and makes nobody an owner', async () => {
    const app = await anEngine(open)
    members(app, 120)
    const by = { metadata: 'uid' }
    expect(await app.engine.backfill({ by, dryRun: true })).toMatchObject({ adopted: 120, owned: 0, unknown: 0 })
    expect(await owners(app)).toEqual([])
    expect(await app.engine.backfill({ by })).toMatchObject({ adopted: 120, owned: 120, resumed: false })
    await app.close()
  })

  test('the customer who pays is current, of several of one owner', async () => {
    const app = await anEngine(open)
    for (const [id, created] of [
      ['cus_1', 1],
      ['cus_2', 2],
      ['cus_3', 3],
    ] as const)
      app.stripe.put(aCustomer({ id, created, metadata: { uid: 'ada' } }))
    app.stripe.put(aSubscription({ id: 'sub_2', customer: 'cus_2', metadata: {} }))
    await app.engine.backfill({ by: { metadata: 'uid' } })
    expect((await owners(app)).filter(({ current }) => current)).toEqual([
      { customer: 'cus_2', owner: 'ada', current: true },
    ])
    await app.close()
  })

  test('who would have two live subscriptions is left out and named, until it is said that Dues may end one', async () => {
    const ended: string[] = []
    const app = await anEngine(open, { endDuplicates: async (owner) => void ended.push(owner) })
    members(app, 3, (n) => ({ metadata: { uid: n === 2 ? 'bob' : 'ada' } }))
    const by = { metadata: 'uid' }
    const report = await app.engine.backfill({ by })
    expect(report).toMatchObject({
      adopted: 1,
      leftOut: 2,
      unknown: 0,
      duplicates: [{ owner: 'ada', live: 2, customers: ['cus_00001', 'cus_00000'] }],
    })
    expect((await owners(app)).map(({ owner }) => owner)).toEqual(['bob'])
    expect(await app.query('select owner from dues.suspect')).toEqual([])
    expect(await app.engine.backfill({ by, withDuplicates: true })).toMatchObject({ adopted: 2, leftOut: 0 })
    await until(() => ended.includes('ada'), 'the duplicate to be seen to')
    await app.close()
  })

  test('stopped anywhere, it goes on there and comes to the same', async () => {
    const app = await anEngine(open)
    members(app, 620)
    const by = { metadata: 'uid' }
    const seen = new Set<string>()
    let runs = 0
    for (;;) {
      const stop = new AbortController()
      const report = await app.engine.backfill({
        by,
        perSecond: 1_000,
        signal: stop.signal,
        onProgress: ({ doing, done }) => {
          const here = `${doing} ${done}`
          if (!seen.has(here)) stop.abort()
          seen.add(here)
        },
      })
      runs += 1
      expect(report.resumed).toBe(runs > 1)
      if (!report.finished) continue
      expect(report).toMatchObject({ compared: 1240, adopted: 620, owned: 620, unknown: 0 })
      break
    }
    expect(runs).toBeGreaterThan(15)
    expect(app.stripe.asked.get('list customer')).toBe(7)
    await app.close()
  })

  test('Stripe saying that it is asked too often is waited out', async () => {
    const app = await anEngine(open)
    members(app, 150)
    const { list } = app.stripe
    let refusals = 2
    app.stripe.list = async (kind, from) => {
      if (kind === 'subscription' && refusals-- > 0)
        throw new DuesError('stripe_unavailable', 'too many requests', { details: { retryAfter: '0.01' } })
      return list(kind, from)
    }
    expect(await app.engine.backfill({ by: { metadata: 'uid' } })).toMatchObject({ finished: true, adopted: 150 })
    await app.close()
  })

  test('an answer that is no owner is refused, with the customer’s name', async () => {
    const app = await anEngine(open, { ownerOf: () => 7 as unknown as string })
    members(app, 1)
    await expect(app.engine.backfill()).rejects.toMatchObject({
      code: 'settings_invalid',
      message: expect.stringContaining('ownerOf answered 7 for cus_00000'),
    })
    await app.close()
  })

  test('what happened since Dues began runs its hooks once somebody tells whose it is', async () => {
    const told: string[] = []
    const app = await anEngine(open, { hooks: { started: ({ owner }) => void told.push(owner) } })
    await app.deliver(app.stripe.emit('customer.created', aCustomer({ id: 'cus_new', metadata: { uid: 'new' } })))
    app.stripe.clock += 2
    const { clock } = app.stripe
    await app.deliver(
      app.stripe.emit(
        'customer.subscription.created',
        aSubscription({ id: 'sub_new', customer: 'cus_new', metadata: {}, start_date: clock }),
      ),
    )
    await app.engine.backfill({ by: { metadata: 'uid' } })
    await until(() => told.length > 0, 'the hook')
    expect(told).toEqual(['new'])
    await app.close()
  })
})

/** What is in use once everything that nobody needs any more is gone, in megabytes. */
function megabytesInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / 2 ** 20
}

test('the memory that a backfill takes does not grow with the account', async () => {
  const app = await anEngine(openPostgres)
  const count = 1_500
  // An account that is made as it is listed, the newest first: nothing of its 30 MB is kept on this side.
  app.stripe.list = async (kind, { after, limit }) => {
    const from = kind === 'invoice' ? count : after === null ? 0 : Number(after.split('_')[1]) + 1
    const value = Array.from({ length: Math.min(limit, count - from) }, (_, at) => {
      const n = from + at
      const description = randomBytes(5_000).toString('hex')
      return kind === 'customer'
        ? aCustomer({ id: `cus_${n}`, created: 10_000 - n, metadata: { uid: `user_${n}` }, description })
        : aSubscription({ id: `sub_${n}`, customer: `cus_${n}`, start_date: 10_000 - n, metadata: {}, description })
    })
    return { value: value as never[], date: app.stripe.clock, hasMore: from + value.length < count }
  }
  const inUse: number[] = []
  const report = await app.engine.backfill({
    by: { metadata: 'uid' },
    perSecond: 1_000,
    onProgress: ({ doing, done }) => void (done % 500 === 0 && doing !== 'linking' && inUse.push(megabytesInUse())),
  })
  expect(report).toMatchObject({ finished: true, compared: 2 * count, owned: count })
  expect(inUse.length).toBeGreaterThan(5)
  expect(Math.max(...inUse) - (inUse[0] ?? 0)).toBeLessThan(6)
  await app.close()
})
