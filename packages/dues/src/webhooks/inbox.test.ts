import fc from 'fast-check'
import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import type { TestDatabase } from '../../../../testing/databases.ts'
import { aThinEvent, received } from '../../testing/deliveries.ts'
import { aMirror } from '../../testing/mirror.ts'
import { aCharge, aCustomer, anInvoice, aSubscription } from '../../testing/objects.ts'
import { onOneDatabase } from '../../testing/on-one-database.ts'
import { beginCursor } from '../store/cursor.ts'
import type { Wanted } from './fold.ts'
import { createInbox, type InboxOptions } from './inbox.ts'

/** An inbox that has begun, so that it guesses from its memory, and whose fetches run when the test says so. */
async function anInbox(open: () => Promise<TestDatabase>, options: Partial<InboxOptions> = {}) {
  const parts = await aMirror(open)
  const { database, mirror, stripe } = parts
  await beginCursor(database, 'events', { began: 0 })
  const wanted: Wanted[] = []
  const inbox = createInbox({ database, onWanted: (more) => wanted.push(...more), ...options })
  const start = stripe.clock
  return {
    ...parts,
    inbox,
    wanted,
    /** Makes an event at so many seconds after the start. */
    at(seconds: number, type: string, object: { id?: string; object: string }) {
      stripe.clock = start + seconds
      return stripe.emit(type, object)
    },
    deliver: (...events: object[]) => Promise.all(events.map((event) => inbox.receive(received(event)))),
    async fetchWanted() {
      for (const { kind, object, account } of wanted.splice(0)) {
        if (kind === 'dispute' || kind === 'checkout.session' || kind === 'subscription_schedule') continue
        await mirror.sync(kind, object, account)
      }
    },
    status: async () =>
      (await parts.query<{ status: string }>('select status from dues.subscription order by id')).map((r) => r.status),
  }
}

/** Every order of some things. */
const orders = <Thing>(things: Thing[]): Thing[][] =>
  things.length < 2
    ? [things]
    : things.flatMap((thing, n) => orders(things.toSpliced(n, 1)).map((others) => [thing, ...others]))

const updated = 'customer.subscription.updated'
const created = 'customer.subscription.created'
const deleted = 'customer.subscription.deleted'

onOneDatabase('the inbox', (open) => {
  test('a delivery is on disk and in the mirror when it is acknowledged', async () => {
    const { at, deliver, query, close } = await anInbox(open)
    const event = at(0, created, aSubscription({ metadata: { dues_owner: 'user_1' } }))
    expect(await deliver(event)).toEqual([{ event: event.id, outcome: 'applied' }])
    expect(await query('select id, type, state, payload from dues.inbox')).toEqual([
      { id: event.id, type: created, state: 'applied', payload: JSON.stringify(event) },
    ])
    expect(
      await query(
        'select s.id, s.status, o.owner from dues.subscription s join dues.owner_customer o using (customer)',
      ),
    ).toEqual([{ id: 'sub_1', status: 'active', owner: 'user_1' }])
    await close()
  })

  test('a repeat changes nothing, and is acknowledged', async () => {
    const { at, deliver, query, close } = await anInbox(open)
    const event = at(0, created, aSubscription())
    await deliver(event)
    const before = await query('select * from dues.subscription')
    expect(await deliver(event, event)).toEqual([
      { event: event.id, outcome: 'duplicate' },
      { event: event.id, outcome: 'duplicate' },
    ])
    expect(await query('select * from dues.subscription')).toEqual(before)
    expect(await query('select key from dues.transition')).toEqual([{ key: 'sub_1:started' }])
    await close()
  })

  test('an older event after a newer one changes nothing and asks nobody', async () => {
    const { at, deliver, status, wanted, close } = await anInbox(open)
    const older = at(0, created, aSubscription({ status: 'incomplete' }))
    const newer = at(5, updated, aSubscription({ status: 'active' }))
    await deliver(newer)
    expect(await deliver(older)).toMatchObject([{ outcome: 'applied' }])
    expect(await status()).toEqual(['active'])
    expect(wanted).toEqual([])
    await close()
  })

  test('created and updated in one second, in the wrong order, is a question for Stripe', async () => {
    const { at, deliver, status, wanted, fetchWanted, query, close } = await anInbox(open)
    const first = at(0, created, aSubscription({ status: 'incomplete' }))
    const second = at(0, updated, aSubscription({ status: 'active' }))
    await deliver(second)
    expect(await deliver(first)).toMatchObject([{ outcome: 'waiting' }])
    expect(wanted).toEqual([{ kind: 'subscription', object: 'sub_1', account: null }])
    await fetchWanted()
    expect(await status()).toEqual(['active'])
    expect(await query("select id from dues.inbox where state <> 'applied'")).toEqual([])
    await close()
  })

  test('two events of one second that show the same need no question', async () => {
    const { at, deliver, wanted, close } = await anInbox(open)
    await deliver(at(0, 'invoice.paid', anInvoice()))
    await deliver(at(0, 'invoice.payment_succeeded', anInvoice()))
    expect(wanted).toEqual([])
    await close()
  })

  test('an update after the deletion does not bring a member back', async () => {
    const { at, deliver, status, wanted, close } = await anInbox(open)
    const early = at(0, updated, aSubscription({ status: 'active' }))
    const gone = at(1, deleted, aSubscription({ status: 'canceled' }))
    const tied = { ...early, id: 'evt_tied', created: gone.created }
    const late = { ...early, id: 'evt_late', created: gone.created + 1 }
    await deliver(gone)
    await deliver(early)
    await deliver(tied)
    await deliver(late)
    expect(await status()).toEqual(['canceled'])
    expect(wanted).toEqual([])
    await close()
  })

  test('a deletion is believed at once, even where its second cannot be told from an update', async () => {
    const { at, deliver, status, wanted, close } = await anInbox(open)
    await deliver(at(0, updated, aSubscription({ status: 'active' })))
    await deliver(at(0, deleted, aSubscription({ status: 'canceled' })))
    expect(await status()).toEqual(['canceled'])
    expect(wanted).toHaveLength(1)
    await close()
  })

  test('eight at once, all different and some twice, end as Stripe has it', async () => {
    const { at, inbox, deliver, fetchWanted, query, close } = await anInbox(open)
    const statuses = ['incomplete', 'active', 'past_due', 'active', 'past_due', 'active', 'unpaid', 'active'] as const
    const events = statuses.map((status, i) =>
      at(Math.floor(i / 2), i === 0 ? created : updated, aSubscription({ status })),
    )
    await deliver(...events.toReversed(), ...events.slice(2, 5))
    await inbox.drain()
    await fetchWanted()
    expect(await query('select status, (select count(*)::int from dues.inbox) as n from dues.subscription')).toEqual([
      { status: 'active', n: 8 },
    ])
    await close()
  })

  test('deliveries to several processes at once are each applied once', async () => {
    const one = await anInbox(open)
    const other = createInbox({ database: one.database, onWanted: (more) => one.wanted.push(...more) })
    const events = Array.from({ length: 24 }, (_, i) =>
      one.at(i, i === 0 ? created : updated, aSubscription({ metadata: { n: String(i) } })),
    )
    const receipts = await Promise.all(
      events.flatMap((event) => [one.inbox.receive(received(event)), other.receive(received(event))]),
    )
    await one.fetchWanted()
    expect(receipts.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(24)
    expect(await one.query('select metadata from dues.subscription')).toEqual([{ metadata: { n: '23' } }])
    await one.close()
  })

  test('what one process remembers is not written over what another has written since', async () => {
    const { at, deliver, inbox, database, query, close } = await anInbox(open)
    const other = createInbox({ database, onWanted: () => expect.unreachable() })
    await deliver(at(0, created, aSubscription({ metadata: { n: '0' } })))
    const between = at(10, updated, aSubscription({ metadata: { n: '10' } }))
    await other.receive(received(at(20, updated, aSubscription({ metadata: { n: '20' } }))))
    // Newer than what is remembered, older than what is there.
    expect(await inbox.receive(received(between))).toMatchObject({ outcome: 'applied' })
    expect(await query('select metadata from dues.subscription')).toEqual([{ metadata: { n: '20' } }])
    await close()
  })

  test('an answer stamped by a clock that is behind does not let an older event of the same second over it', async () => {
    const { at, deliver, stripe, fetchWanted, query, close } = await anInbox(open)
    const updates = [1, 2, 3].map((n) => at(5, updated, aSubscription({ metadata: { n: String(n) } })))
    const [stale, tied, newest] = updates as [object, object, object]
    await deliver(newest)
    await deliver(tied)
    stripe.clock -= 3
    await fetchWanted()
    expect(await deliver(stale)).toMatchObject([{ outcome: 'waiting' }])
    await fetchWanted()
    expect(await query('select metadata from dues.subscription')).toEqual([{ metadata: { n: '3' } }])
    await close()
  })

  test('a thin event is fetched, and tells what its snapshot twin tells', async () => {
    const { deliver, stripe, fetchWanted, query, close } = await anInbox(open)
    stripe.put(aSubscription({ status: 'trialing', trial_end: 1_800_200_000 }))
    const about = { id: 'sub_1', type: 'subscription' }
    const trialWillEnd = aThinEvent('v1.customer.subscription.trial_will_end', about)
    expect(await deliver(trialWillEnd)).toMatchObject([{ outcome: 'waiting' }])
    await fetchWanted()
    const twin = stripe.emit(
      'customer.subscription.trial_will_end',
      stripe.current('subscription', 'sub_1') as Stripe.Subscription,
    )
    await deliver(twin)
    expect(await query('select key from dues.transition order by ticket')).toEqual([
      { key: 'sub_1:started' },
      { key: 'sub_1:trialWillEnd:1800200000' },
    ])
    await close()
  })

  test('an object under a test clock is always fetched', async () => {
    const { at, deliver, wanted, close } = await anInbox(open)
    await deliver(at(0, created, aSubscription({ test_clock: 'clock_1' })))
    expect(wanted).toEqual([{ kind: 'subscription', object: 'sub_1', account: null }])
    await close()
  })

  test('an event of a Connect account is fetched from that account', async () => {
    const { at, deliver, wanted, query, close } = await anInbox(open)
    await deliver({ ...at(0, created, aSubscription()), account: 'acct_1' })
    await deliver({ ...at(0, updated, aSubscription({ status: 'past_due' })), account: 'acct_1' })
    expect(wanted).toEqual([{ kind: 'subscription', object: 'sub_1', account: 'acct_1' }])
    expect(await query('select account from dues.subscription')).toEqual([{ account: 'acct_1' }])
    await close()
  })

  test('an unknown type, an upcoming invoice and a thin event of no interest are kept and change nothing', async () => {
    const { at, deliver, wanted, query, close } = await anInbox(open)
    const { id: _, ...upcoming } = anInvoice()
    const receipts = await deliver(
      at(0, 'tomorrow.invented', { id: 'x_1', object: 'x' }),
      at(0, 'invoice.upcoming', upcoming),
      aThinEvent('v1.charge.succeeded', { id: 'ch_1', type: 'charge' }),
      aThinEvent('v2.core.health', null),
    )
    expect(receipts.map(({ outcome }) => outcome)).toEqual(['applied', 'applied', 'applied', 'applied'])
    expect(wanted).toEqual([])
    expect(await query('select count(*)::int as n from dues.inbox')).toEqual([{ n: 4 }])
    await close()
  })

  test('a deleted customer stays known, and stays deleted', async () => {
    const { at, deliver, query, close } = await anInbox(open)
    await deliver(at(0, 'customer.created', aCustomer()))
    await deliver(at(1, 'customer.deleted', aCustomer()))
    await deliver(at(2, 'customer.updated', aCustomer({ email: 'back@example.org' })))
    expect(await query('select email, deleted from dues.customer')).toEqual([
      { email: 'ada@example.org', deleted: true },
    ])
    await close()
  })

  test('a Checkout that is ours says whose its customer is and fetches the subscription that is not known yet', async () => {
    const { at, deliver, wanted, query, close } = await anInbox(open)
    const session = {
      id: 'cs_1',
      object: 'checkout.session',
      customer: 'cus_1',
      subscription: 'sub_1',
      client_reference_id: 'user_1',
      metadata: { dues_owner: 'user_1' },
    }
    const foreign = {
      ...session,
      id: 'cs_2',
      customer: 'cus_2',
      subscription: null,
      client_reference_id: '42',
      metadata: {},
    }
    await deliver(at(0, 'checkout.session.completed', session), at(0, 'checkout.session.completed', foreign))
    expect(wanted).toEqual([{ kind: 'subscription', object: 'sub_1', account: null }])
    expect(await query('select customer, owner, current from dues.owner_customer')).toEqual([
      { customer: 'cus_1', owner: 'user_1', current: true },
    ])
    await close()
  })

  test('of several customers of one owner the first is current, and none is forgotten', async () => {
    const { at, deliver, query, close } = await anInbox(open)
    const metadata = { dues_owner: 'user_1' }
    await deliver(...['cus_b', 'cus_a', 'cus_c'].map((id) => at(0, 'customer.created', aCustomer({ id, metadata }))))
    await deliver(at(0, 'customer.created', aCustomer({ id: 'cus_0', metadata })))
    expect(await query('select customer, current from dues.owner_customer order by customer')).toEqual([
      { customer: 'cus_0', current: false },
      { customer: 'cus_a', current: true },
      { customer: 'cus_b', current: false },
      { customer: 'cus_c', current: false },
    ])
    await close()
  })

  test('a refund is told once for each part, and a dispute leads to its charge', async () => {
    const { at, deliver, wanted, fetchWanted, stripe, query, close } = await anInbox(open)
    await deliver(at(1, 'charge.refunded', aCharge({ amount_refunded: 1900 })))
    await deliver(at(0, 'charge.refunded', aCharge({ amount_refunded: 500 })))
    await deliver(at(2, 'charge.dispute.created', { id: 'dp_1', object: 'dispute', charge: 'ch_1' } as Stripe.Dispute))
    expect(wanted).toEqual([{ kind: 'charge', object: 'ch_1', account: null }])
    stripe.put(aCharge({ amount_refunded: 1900, disputed: true }))
    await fetchWanted()
    expect(
      (await query<{ key: string }>('select key from dues.transition order by key')).map(({ key }) => key),
    ).toEqual(['ch_1:disputed', 'ch_1:refunded:1900', 'ch_1:refunded:500'])
    await close()
  })

  test('a dispute and its end are told the same, in whatever order their events come and whenever they are fetched', async () => {
    const { at, deliver, fetchWanted, stripe, query, close } = await anInbox(open)
    const names = ['created', 'funds_withdrawn', 'updated', 'closed'] as const
    let runs = 0
    const run = async (order: readonly number[], fetchedAfter: readonly number[]) => {
      runs += 1
      const charge = aCharge({ id: `ch_${runs}`, amount_refunded: 500, disputed: true })
      const dispute = (status: Stripe.Dispute.Status) => {
        const about = { charge: charge.id, reason: 'fraudulent', amount: 1900, created: 7 }
        return { id: `dp_${runs}`, object: 'dispute', status, ...about } as Stripe.Dispute
      }
      let sent = 0
      for (const [place, which] of order.entries()) {
        // Stripe is as far as the latest of what it has told.
        sent = Math.max(sent, which)
        if (place === 1) await deliver(at(1, 'charge.refunded', charge))
        const disputes = [dispute(sent === names.length - 1 ? 'lost' : 'needs_response')]
        stripe.put({ ...charge, disputes } as Stripe.Charge)
        const status = names[which] === 'closed' ? 'lost' : 'needs_response'
        await deliver(at(which, `charge.dispute.${names[which]}`, dispute(status)))
        if (fetchedAfter.includes(place)) await fetchWanted()
      }
      await fetchWanted()
      const told = await query(
        "select type, key, detail, before from dues.transition where detail ->> 'charge' = $1 order by type",
        [charge.id],
      )
      return JSON.stringify(told).replaceAll(`_${runs}`, '')
    }
    const expected = await run([0, 1, 2, 3], [0, 1, 2, 3])
    expect(JSON.parse(expected)).toMatchObject([
      { key: 'dp:disputeClosed:lost', detail: { status: 'lost', dispute: 'dp', reason: 'fraudulent', amount: 1900 } },
      { key: 'ch:disputed', detail: { dispute: 'dp', amount: 1900 } },
      { key: 'ch:refunded:500' },
    ])
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
        fc.subarray([0, 1, 2, 3]),
        async (order, fetchedAfter) => {
          expect(await run(order, fetchedAfter)).toBe(expected)
        },
      ),
      { numRuns: 40 },
    )
    await close()
  })

  test('a life is told the same in each of the 120 orders of its events: what was bought, paid and ended, and when', async () => {
    const { at, deliver, query, stripe, close } = await anInbox(open)
    const start = stripe.clock
    const lives = orders([0, 1, 2, 3, 4])
    for (const [n, order] of lives.entries()) {
      const one = { id: `sub_${n}`, customer: `cus_${n}`, start_date: start, created: start }
      const paid_at = start + 3
      const life = [
        () => at(0, created, aSubscription(one)),
        () => at(1, updated, aSubscription({ ...one, cancel_at_period_end: true, canceled_at: start + 1 })),
        () => at(2, updated, aSubscription(one)),
        () => {
          const status_transitions = { paid_at } as Stripe.Invoice.StatusTransitions
          return at(
            3,
            'invoice.paid',
            anInvoice({ id: `in_${n}`, customer: `cus_${n}`, subscription: `sub_${n}`, status_transitions }),
          )
        },
        () => at(4, deleted, aSubscription({ ...one, status: 'canceled', ended_at: start + 4 })),
      ].map((make) => make())
      for (const event of order) await deliver(life[event] ?? {})
    }
    const told = await query<{ subscription: string; told: string[] }>(
      `select subscription, array_agg(type || ' ' || at - $1::bigint order by at) as told from dues.transition
       where type not in ('cancelling', 'resumed') group by 1`,
      [start],
    )
    expect(told.map((one) => one.told)).toEqual(lives.map(() => ['started 0', 'renewed 3', 'ended 4']))
    // What lay between is told where it was seen before its end, as ever with the same words.
    const between = await query<{ told: string }>(
      `select distinct type || ' ' || at - $1::bigint as told from dues.transition
       where type in ('cancelling', 'resumed') order by 1`,
      [start],
    )
    expect(between.map((one) => one.told)).toEqual(['cancelling 1', 'resumed 2'])
    expect(await query("select 1 as n from dues.subscription where status <> 'canceled'")).toEqual([])
    await close()
  })

  test('a snapshot of another shape is fetched instead of guessed at', async () => {
    const { at, deliver, wanted, close } = await anInbox(open)
    const cut = aSubscription()
    cut.items.has_more = true
    expect(await deliver(at(0, created, cut))).toMatchObject([{ outcome: 'waiting' }])
    expect(wanted).toHaveLength(1)
    await close()
  })

  test('an event that comes while a table is locked or the disk is full is refused and comes again, and is not kept as dead', async () => {
    const { at, deliver, status, database, query, close } = await anInbox(open)
    for (const sqlstate of ['57014', '55P03', '53100', '58030', '42501']) {
      await database.query(`create or replace function refuse() returns trigger language plpgsql as $$
        begin raise exception 'not now' using errcode = '${sqlstate}'; end $$`)
      await database.query(
        'create trigger refuse before insert on dues.subscription for each row execute function refuse()',
      )
      const event = at(0, created, aSubscription({ id: `sub_${sqlstate}` }))
      await expect(deliver(event)).rejects.toMatchObject({ code: 'database_unavailable', status: 503 })
      expect(await query('select id from dues.inbox where id = $1', [event.id])).toEqual([])
      await database.query('drop trigger refuse on dues.subscription')
      expect(await deliver(event)).toMatchObject([{ outcome: 'applied' }])
    }
    expect(await status()).toEqual(Array(5).fill('active'))
    await close()
  })

  test('an event that cannot even be kept as dead is refused alone', async () => {
    const { at, deliver, inbox, database, close } = await anInbox(open)
    await database.query(`create or replace function refuse() returns trigger language plpgsql as $$
      begin if new.type = 'poison' then raise exception 'poison'; end if; return new; end $$`)
    await database.query('create trigger poison before insert on dues.inbox for each row execute function refuse()')
    const events = [
      at(0, created, aSubscription()),
      at(0, 'poison', aSubscription()),
      at(0, 'invoice.paid', anInvoice()),
    ]
    const receipts = await Promise.allSettled(events.map((event) => inbox.receive(received(event))))
    expect(receipts.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    await expect(deliver(events[1] ?? {})).rejects.toThrow('poison')
    await database.query('drop trigger poison on dues.inbox')
    await close()
  })

  test('an event that cannot be applied is kept as dead, holds nobody up, and gets another try when it comes again', async () => {
    const { at, deliver, query, status, database, close } = await anInbox(open)
    await database.query(`create or replace function refuse() returns trigger language plpgsql as $$
      begin if new.customer = 'cus_poison' then raise exception 'poison'; end if; return new; end $$`)
    await database.query(
      'create trigger poison before insert on dues.subscription for each row execute function refuse()',
    )
    const poison = at(0, created, aSubscription({ id: 'sub_2', customer: 'cus_poison' }))
    const receipts = await deliver(at(0, created, aSubscription()), poison, at(0, 'invoice.paid', anInvoice()))
    expect(receipts.map(({ outcome }) => outcome)).toEqual(['applied', 'dead', 'applied'])
    expect(await query("select id, error from dues.inbox where state = 'dead'")).toEqual([
      { id: poison.id, error: 'poison' },
    ])

    await database.query('drop trigger poison on dues.subscription')
    expect(await deliver(poison)).toMatchObject([{ outcome: 'applied' }])
    expect(await status()).toEqual(['active', 'active'])
    expect(await query('select state, attempts, error from dues.inbox where id = $1', [poison.id])).toEqual([
      { state: 'applied', attempts: 1, error: null },
    ])
    await close()
  })

  test('what another concern does with an event happens in the same transaction, or not at all', async () => {
    let broken = true
    const { at, deliver, query, database, close } = await anInbox(open, {
      reactions: {
        'checkout.session.expired': async (tx, session) => {
          await tx.query('insert into seen values ($1)', [session.id])
          if (broken) throw new Error('broken')
        },
      },
    })
    await database.query('create table seen (id text)')
    const event = at(0, 'checkout.session.expired', { id: 'cs_1', object: 'checkout.session' })
    expect(await deliver(event)).toMatchObject([{ outcome: 'dead' }])
    expect(await query('select id from seen')).toEqual([])
    broken = false
    expect(await deliver(event)).toMatchObject([{ outcome: 'applied' }])
    expect(await query('select id from seen')).toEqual([{ id: 'cs_1' }])
    await close()
  })
})
