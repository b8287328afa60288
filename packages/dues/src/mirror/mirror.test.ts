import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { received } from '../../testing/deliveries.ts'
import { aMirror } from '../../testing/mirror.ts'
import { aCharge, aCustomer, anInvoice, aSubscription } from '../../testing/objects.ts'
import { onOneDatabase } from '../../testing/on-one-database.ts'
import { write } from '../store/mirror.ts'
import type { RowOf } from '../store/rows.ts'
import { createInbox } from '../webhooks/inbox.ts'

/** What the SDK answers: the object and the headers that came with it. */
function answered<T extends object>(object: T, headers: Record<string, string> = {}): Stripe.Response<T> {
  const date = new Date(1_800_000_000_000).toUTCString()
  return { ...object, lastResponse: { headers: { date, ...headers }, requestId: 'req_1', statusCode: 200 } }
}

onOneDatabase('the mirror', (open) => {
  test('a fetch shows what Stripe knows, to the owner that the metadata names', async () => {
    const { mirror, stripe, close } = await aMirror(open)
    stripe.put(aCustomer({ metadata: { dues_owner: 'user_1' } }))
    stripe.put(aSubscription({ status: 'trialing', trial_end: 1_800_600_000 }))
    await mirror.sync('customer', 'cus_1')
    await mirror.sync('subscription', 'sub_1')

    expect(await mirror.customerOf('user_1')).toMatchObject({ id: 'cus_1', owner: 'user_1', email: 'ada@example.org' })
    expect(await mirror.subscriptionsOf('user_1')).toMatchObject([
      {
        id: 'sub_1',
        owner: 'user_1',
        status: 'trialing',
        trialEnd: 1_800_600_000,
        items: [{ price: 'price_pro_monthly' }],
      },
    ])
    await close()
  })

  test('a renewal goes beside the row that it renews, and no index is told; a switch is found by what it is to', async () => {
    const { mirror, stripe, database, query, close } = await aMirror(open)
    const found = (price: string) => query('select id from dues.subscription where sold ? $1', [price])
    stripe.put(aSubscription())
    await mirror.sync('subscription', 'sub_1')
    const [row] = await query<RowOf['subscription']>('select * from dues.subscription')
    const renewed = row?.items.map((item) => ({ ...item, current_period_end: item.current_period_end + 30 * 86_400 }))
    const updates = await database.transaction(async (tx) => {
      const change = { ...(row as RowOf['subscription']), items: renewed ?? [], ticket: null }
      await write(tx, { subscription: [{ row: change, expected: Number(row?.ticket) }] })
      return tx.query(
        `select n_tup_upd::int as made, n_tup_hot_upd::int as beside from pg_stat_xact_user_tables
         where schemaname = 'dues' and relname = 'subscription'`,
      )
    })
    expect(updates).toEqual([{ made: 1, beside: 1 }])

    stripe.put(aSubscription({ price: 'price_max_monthly' }))
    await mirror.sync('subscription', 'sub_1')
    expect(await found('price_max_monthly')).toEqual([{ id: 'sub_1' }])
    expect(await found('price_pro_monthly')).toEqual([])
    await close()
  })

  test('an answer whose stamp is off by some is taken to be of both clocks; one of another day, of its stamp alone', async () => {
    const now = 1_800_000_000
    const { mirror, close } = await aMirror(open, { now: () => now })
    const read = (date: number) => {
      const { lo, hi } = mirror.reading({ ticket: 1, startedAt: performance.now(), at: now }, date)
      return [lo - now, hi - now]
    }
    expect(read(now)).toEqual([-2, 1])
    expect(read(now - 30)).toEqual([-32, 1])
    expect(read(now + 30)).toEqual([-2, 31])
    expect(read(now + 86_400)).toEqual([86_398, 86_401])
    await close()
  })

  test('a call during which this machine stood still has taken as long as it has for Stripe', async () => {
    let now = 1_800_000_000
    const { mirror, close } = await aMirror(open, { now: () => now })
    const asking = await mirror.ask()
    now += 60
    const { lo, hi } = mirror.reading(asking, now)
    expect([lo - now, hi - now]).toEqual([-61, 1])
    await close()
  })

  test('of two fetches the one that was wanted later wins, whichever answers first', async () => {
    const { mirror, stripe, query, close } = await aMirror(open)
    stripe.put(aSubscription({ status: 'active' }))
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const reading = new Promise<void>((read) => {
      stripe.beforeAnswer = () => {
        stripe.beforeAnswer = async () => undefined
        read()
        return held
      }
    })
    const slow = mirror.sync('subscription', 'sub_1')
    await reading
    stripe.put(aSubscription({ status: 'past_due' }))
    await mirror.sync('subscription', 'sub_1')
    release()
    await slow

    expect(await query('select status from dues.subscription')).toEqual([{ status: 'past_due' }])
    await close()
  })

  test('an answer that loses to a snapshot, perhaps an older one, is asked for again at once, or by who can wait later', async () => {
    const { mirror, stripe, database, query, close } = await aMirror(open)
    const inbox = createInbox({ database })
    stripe.put(aSubscription({ status: 'past_due' }))
    /** The snapshot of a moment ago, delivered while the question is on its way. */
    const overtake = (id: string) => {
      stripe.beforeAnswer = async () => {
        stripe.beforeAnswer = async () => undefined
        const event = stripe.emit('customer.subscription.updated', aSubscription({ id, status: 'active' }))
        stripe.put(aSubscription({ id, status: 'past_due' }))
        await inbox.receive(received(event))
      }
    }
    overtake('sub_1')
    await mirror.sync('subscription', 'sub_1')
    stripe.put(aSubscription({ id: 'sub_2', status: 'past_due' }))
    overtake('sub_2')
    const once = mirror.sync('subscription', 'sub_2', null, { attempts: 1 })
    await expect(once).rejects.toMatchObject({ code: 'busy' })

    expect(Object.fromEntries(stripe.asked)).toEqual({ 'subscription sub_1': 2, 'subscription sub_2': 1 })
    expect(await query('select id, status from dues.subscription order by id')).toEqual([
      { id: 'sub_1', status: 'past_due' },
      { id: 'sub_2', status: 'active' },
    ])
    await close()
  })

  test('what Stripe answers to a change is kept without another question', async () => {
    const { mirror, stripe, query, close } = await aMirror(open)
    const answer = await mirror.through('subscription', async () =>
      answered(aSubscription({ cancel_at: 1_801_000_000 })),
    )
    expect(answer.cancel_at).toBe(1_801_000_000)
    expect(await query('select cancel_at::float8 from dues.subscription')).toEqual([{ cancel_at: 1_801_000_000 }])
    expect(stripe.asked.size).toBe(0)
    await close()
  })

  test('what Stripe answers to a change is not lost to a fetch that began later and read earlier', async () => {
    const { mirror, stripe, query, close } = await aMirror(open)
    stripe.put(aSubscription())
    await mirror.through('subscription', async () => {
      await mirror.sync('subscription', 'sub_1')
      const changed = aSubscription({ cancel_at: 1_801_000_000 })
      stripe.put(changed)
      return answered(changed)
    })
    expect(await query('select cancel_at::float8 from dues.subscription')).toEqual([{ cancel_at: 1_801_000_000 }])
    await close()
  })

  test('an answer that Stripe replays for an idempotency key is old, so the object is fetched', async () => {
    const { mirror, stripe, query, close } = await aMirror(open)
    stripe.put(aSubscription({ status: 'canceled' }))
    await mirror.through('subscription', async () => answered(aSubscription(), { 'idempotent-replayed': 'true' }))
    expect(await query('select status from dues.subscription')).toEqual([{ status: 'canceled' }])
    await close()
  })

  test('an answer that Stripe has cut is fetched whole', async () => {
    const { mirror, stripe, query, close } = await aMirror(open)
    stripe.put(aSubscription({ status: 'past_due' }))
    const cut = aSubscription()
    cut.items.has_more = true
    await mirror.through('subscription', async () => answered(cut))
    expect(await query('select status from dues.subscription')).toEqual([{ status: 'past_due' }])
    await close()
  })

  test('a canceled subscription and a deleted customer do not come back', async () => {
    const { mirror, stripe, query, close } = await aMirror(open)
    stripe.put(aSubscription({ status: 'canceled' }))
    stripe.put({ ...aCustomer(), deleted: true } as unknown as Stripe.Customer)
    await mirror.sync('subscription', 'sub_1')
    await mirror.sync('customer', 'cus_1')
    stripe.put(aSubscription({ status: 'active' }))
    stripe.put(aCustomer())
    await mirror.sync('subscription', 'sub_1')
    await mirror.sync('customer', 'cus_1')

    expect(await query('select s.status, c.deleted from dues.subscription s, dues.customer c')).toEqual([
      { status: 'canceled', deleted: true },
    ])
    await close()
  })

  test('metadata with a null character, which PostgreSQL refuses, is kept without it', async () => {
    const { mirror, stripe, query, close } = await aMirror(open)
    stripe.put(aSubscription({ metadata: { note: 'a\0b' } }))
    await mirror.sync('subscription', 'sub_1')
    expect(await query('select metadata from dues.subscription')).toEqual([{ metadata: { note: 'a�b' } }])
    await close()
  })

  test('an object that Stripe does not have leaves the mirror as it is', async () => {
    const { mirror, stripe, query, close } = await aMirror(open)
    stripe.put(aSubscription())
    await mirror.sync('subscription', 'sub_1')
    stripe.forget('subscription', 'sub_1')
    await mirror.sync('subscription', 'sub_1')
    expect(await query('select id, status from dues.subscription')).toEqual([{ id: 'sub_1', status: 'active' }])
    await close()
  })

  test('a renewal is recorded when its invoice is paid, once', async () => {
    const { mirror, stripe, close } = await aMirror(open)
    stripe.put(aSubscription({ metadata: { dues_owner: 'user_1' } }))
    stripe.put(anInvoice({ status: 'open', id: 'in_2' }))
    await mirror.sync('subscription', 'sub_1')
    await mirror.sync('invoice', 'in_2')
    stripe.put(anInvoice({ status: 'paid', id: 'in_2' }))
    await mirror.sync('invoice', 'in_2')
    await mirror.sync('invoice', 'in_2')

    const recorded = await mirror.transitionsOf('user_1')
    expect(recorded.map(({ key, owner }) => [key, owner])).toEqual([
      ['sub_1:started', 'user_1'],
      ['sub_1:renewed:in_2', 'user_1'],
    ])
    await close()
  })

  test('a renewal is dated by when it was paid, and a change by the event that told of it, however late it is read', async () => {
    const { mirror, stripe, database, close } = await aMirror(open)
    const inbox = createInbox({ database })
    const owned = { metadata: { dues_owner: 'user_1' } }
    const paid = stripe.clock + 100
    await inbox.receive(received(stripe.emit('customer.subscription.created', aSubscription(owned))))
    stripe.put(anInvoice({ id: 'in_2', status_transitions: { paid_at: paid } as Stripe.Invoice.StatusTransitions }))
    // Of two events of one second nobody can tell which is the newer: the object is fetched.
    const due = aSubscription({ ...owned, status: 'past_due', latest_invoice: 'in_3' })
    await inbox.receive(received(stripe.emit('customer.subscription.updated', due)))
    const told = stripe.clock
    stripe.clock += 30 * 86_400
    await mirror.sync('invoice', 'in_2')
    await mirror.sync('subscription', 'sub_1')

    const recorded = await mirror.transitionsOf('user_1')
    expect(recorded.map(({ type, at }) => [type, at])).toEqual([
      ['started', 1_800_000_000],
      ['renewed', paid],
      ['pastDue', told],
    ])
    await close()
  })

  test('each part of a refund is told once, and a dispute once', async () => {
    const { mirror, stripe, close } = await aMirror(open)
    stripe.put(aCustomer({ metadata: { dues_owner: 'user_1' } }))
    await mirror.sync('customer', 'cus_1')
    for (const charge of [
      aCharge({ amount_refunded: 500 }),
      aCharge({ amount_refunded: 500 }),
      aCharge({ amount_refunded: 1900, disputed: true }),
    ]) {
      stripe.put(charge)
      await mirror.sync('charge', 'ch_1')
    }
    expect((await mirror.transitionsOf('user_1')).map(({ key }) => key).sort()).toEqual([
      'ch_1:disputed',
      'ch_1:refunded:1900',
      'ch_1:refunded:500',
    ])
    await close()
  })

  test('writers that meet at one row all come through, and the last ticket stays', async () => {
    const { mirror, stripe, query, close } = await aMirror(open)
    stripe.put(aSubscription())
    await Promise.all(Array.from({ length: 12 }, () => mirror.sync('subscription', 'sub_1')))
    const [row] = await query<{ status: string; count: number }>(
      "select status, (select count(*)::int from dues.transition where type = 'started') as count from dues.subscription",
    )
    expect(row).toEqual({ status: 'active', count: 1 })
    await close()
  })
})
