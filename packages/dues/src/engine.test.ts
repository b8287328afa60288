import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { anEngine, until } from '../testing/engine.ts'
import { aCustomer, anInvoice, aSubscription } from '../testing/objects.ts'
import { onOneDatabase } from '../testing/on-one-database.ts'
import { DuesError } from './errors.ts'
import type { OwnedTransition } from './jobs/jobs.ts'

const owned = { metadata: { dues_owner: 'user_1' } }

onOneDatabase('the engine', (open) => {
  test('a hook runs with the transition, its owner and a stable key', async () => {
    const told: OwnedTransition[] = []
    const { stripe, deliver, close } = await anEngine(open, { hooks: { started: (t) => void told.push(t) } })
    await deliver(stripe.emit('customer.subscription.created', aSubscription(owned)))
    await until(() => told.length > 0, 'the hook')
    expect(told[0]).toMatchObject({
      key: 'sub_1:started',
      type: 'started',
      owner: 'user_1',
      before: null,
      after: { id: 'sub_1', status: 'active' },
    })
    await close()
  })

  test('a hook that throws is tried again alone, with the same key, and holds neither the mirror nor others up', async () => {
    const tries: string[] = []
    const ended: string[] = []
    const { stripe, deliver, query, close } = await anEngine(open, {
      hooks: {
        started: ({ key }) => {
          tries.push(key)
          if (tries.length < 3) throw new Error('the mail server is down')
        },
        ended: ({ key }) => void ended.push(key),
      },
    })
    await deliver(stripe.emit('customer.subscription.created', aSubscription(owned)))
    stripe.clock += 1
    await deliver(stripe.emit('customer.subscription.deleted', aSubscription({ ...owned, status: 'canceled' })))
    expect(await query('select status from dues.subscription')).toEqual([{ status: 'canceled' }])
    await until(() => tries.length === 3 && ended.length === 1, 'all tries')
    expect(tries).toEqual(['sub_1:started', 'sub_1:started', 'sub_1:started'])
    expect(ended).toEqual(['sub_1:ended'])
    await close()
  })

  test('a hook that never works ends as a dead job with its reason, and can be revived', async () => {
    let broken = true
    const ran: string[] = []
    const { engine, stripe, deliver, close } = await anEngine(open, {
      hooks: {
        started: ({ key }) => {
          if (broken) throw new Error('no such template')
          ran.push(key)
        },
      },
    })
    await deliver(stripe.emit('customer.subscription.created', aSubscription(owned)))
    await until(async () => (await engine.jobs.deadJobs()).length === 1, 'the dead job')
    expect(await engine.jobs.deadJobs()).toMatchObject([
      { queue: 'dead-hook', data: { transition: 'sub_1:started' }, reason: 'no such template' },
    ])
    expect(await engine.health()).toMatchObject({ deadJobs: 1 })
    broken = false
    for (const nobodys of [[], ['none'], [randomUUID()]]) expect(await engine.jobs.revive(nobodys)).toBe(0)
    expect(await engine.jobs.revive()).toBe(1)
    await until(() => ran.length === 1, 'the revived hook')
    await close()
  })

  test('hooks of a membership whose owner is not known yet run when the owner is', async () => {
    const told: string[] = []
    const { stripe, deliver, query, close } = await anEngine(open, {
      hooks: { started: ({ owner, key }) => void told.push(`${owner} ${key}`) },
    })
    await deliver(stripe.emit('customer.subscription.created', aSubscription()))
    expect(await query('select hooked from dues.transition')).toEqual([{ hooked: false }])
    await deliver(stripe.emit('customer.updated', aCustomer(owned)))
    await until(() => told.length > 0, 'the hook')
    expect(told).toEqual(['user_1 sub_1:started'])
    await close()
  })

  test('an ambiguous event is fetched at once, and its job finds nothing left to do', async () => {
    const { stripe, deliver, query, close } = await anEngine(open)
    const first = stripe.emit('customer.subscription.created', aSubscription({ status: 'incomplete' }))
    const second = stripe.emit('customer.subscription.updated', aSubscription({ status: 'active' }))
    await deliver(second)
    await deliver(first)
    await until(
      async () => (await query("select 1 as n from dues.inbox where state = 'waiting'")).length === 0,
      'the fetch',
    )
    expect(await query('select status from dues.subscription')).toEqual([{ status: 'active' }])
    expect(stripe.asked.get('subscription sub_1')).toBe(1)
    await close()
  })

  test('while Stripe is down deliveries are taken, and what they ask is asked when it is back', async () => {
    const { stripe, engine, deliver, query, close } = await anEngine(open)
    await deliver(stripe.emit('customer.subscription.created', aSubscription({ status: 'incomplete' })))
    stripe.failure = new DuesError('stripe_unavailable', 'down')
    const receipt = await deliver(stripe.emit('customer.subscription.updated', aSubscription({ status: 'active' })))
    expect(receipt.outcome).toBe('waiting')
    await until(() => (stripe.asked.get('subscription sub_1') ?? 0) > 0, 'the failing fetch')
    expect(await engine.health()).toMatchObject({ inbox: { waiting: 1 } })
    stripe.failure = null
    await until(async () => (await engine.health()).inbox.waiting === 0, 'the fetch by its job')
    expect(await query('select status from dues.subscription')).toEqual([{ status: 'active' }])
    await close()
  })

  test('an event that was never delivered is found in the list of events', async () => {
    const { engine, stripe, query, close } = await anEngine(open)
    stripe.clock += 60
    stripe.emit('customer.subscription.created', aSubscription({ ...owned, start_date: stripe.clock }))
    stripe.emit('payout.created', { id: 'po_1', object: 'payout' })
    expect(await engine.readEvents()).toEqual({ found: 1 })
    expect(await engine.readEvents()).toEqual({ found: 0 })
    expect(await query('select s.id, i.type from dues.subscription s, dues.inbox i')).toEqual([
      { id: 'sub_1', type: 'customer.subscription.created' },
    ])
    await close()
  })

  test('a membership that is older than Dues is taken over without a welcome', async () => {
    const told: string[] = []
    const { stripe, deliver, query, close } = await anEngine(open, {
      hooks: { started: ({ key }) => void told.push(key), ended: ({ key }) => void told.push(key) },
    })
    const old = { ...owned, start_date: stripe.clock - 86_400 }
    stripe.clock += 1
    await deliver(stripe.emit('customer.subscription.updated', aSubscription(old)))
    stripe.clock += 1
    await deliver(stripe.emit('customer.subscription.deleted', aSubscription({ ...old, status: 'canceled' })))
    await until(() => told.length > 0, 'the hook')
    expect(told).toEqual(['sub_1:ended'])
    expect(await query('select key from dues.transition')).toEqual([{ key: 'sub_1:ended' }])
    await close()
  })

  test('two processes run each hook once', async () => {
    const told: string[] = []
    const hooks = { started: ({ key }: OwnedTransition) => void told.push(key) }
    const { stripe, deliver, another, query, close } = await anEngine(open, { hooks })
    const other = await another()
    for (let n = 0; n < 10; n++) {
      await deliver(stripe.emit('customer.subscription.created', aSubscription({ ...owned, id: `sub_${n}` })))
    }
    await until(() => told.length >= 10, 'all hooks')
    await until(
      async () =>
        (await query("select 1 as n from dues_jobs.job where name = 'hook' and state < 'completed'")).length === 0,
      'the queue to be empty',
    )
    expect(told.toSorted()).toEqual(Array.from({ length: 10 }, (_, n) => `sub_${n}:started`))
    await other.stop()
    await close()
  })

  test('what happened while this machine was suspended is not lost to an answer from before, though its event came between', async () => {
    const { engine, stripe, deliver, query, close } = await anEngine(open)
    const before = aSubscription()
    const first = await engine.mirror.ask()
    const second = await engine.mirror.ask()
    const date = stripe.clock
    stripe.clock += 30
    const event = stripe.emit('customer.subscription.updated', aSubscription({ status: 'past_due' }))
    stripe.clock += 30
    // What was asked first is read only now; what was asked after it was read before all this, and is late.
    await engine.mirror.apply('subscription', aSubscription({ status: 'past_due' }), { ...first, date: stripe.clock })
    await deliver(event)
    await engine.mirror.apply('subscription', before, { ...second, date })
    await until(async () => (await engine.health()).inbox.waiting === 0, 'nothing waits')
    expect(await query('select status from dues.subscription')).toEqual([{ status: 'past_due' }])
    await close()
  })

  test('chosen events can be run again', async () => {
    const { engine, stripe, deliver, query, close } = await anEngine(open)
    const event = stripe.emit('invoice.created', anInvoice({ status: 'open' }))
    await deliver(event)
    stripe.put(anInvoice({ status: 'paid' }))
    expect(await engine.replay([event.id, 'evt_unknown'])).toBe(1)
    expect(await query('select status from dues.invoice')).toEqual([{ status: 'paid' }])
    await close()
  })

  test('what a stopped process left is done by the next one', async () => {
    const told: string[] = []
    const first = await anEngine(open, {
      hooks: { started: () => Promise.reject(new Error('shutting down')) },
      jobs: {
        retries: {
          fetch: { limit: 9, firstSeconds: 0, longestSeconds: 0 },
          hook: { limit: 99, firstSeconds: 0, longestSeconds: 0 },
        },
        pollSeconds: 0.5,
      },
    })
    await first.deliver(first.stripe.emit('customer.subscription.created', aSubscription(owned)))
    await first.engine.stop()
    const second = await first.another({ hooks: { started: ({ key }) => void told.push(key) } })
    await until(() => told.length === 1, 'the hook in the other process')
    await second.stop()
    await first.close()
  })
})
