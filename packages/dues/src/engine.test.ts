import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { secret, signed } from '../testing/deliveries.ts'
import { anEngine, fastJobs, until } from '../testing/engine.ts'
import { createFakeStripe } from '../testing/fake-stripe.ts'
import { aCustomer, anInvoice, aSubscription } from '../testing/objects.ts'
import { onOneDatabase } from '../testing/on-one-database.ts'
import { createEngine } from './engine.ts'
import { DuesError } from './errors.ts'
import type { OwnedTransition } from './jobs/jobs.ts'
import { defaultRetries } from './jobs/queues.ts'
import { openDatabase } from './store/database.ts'

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

  test('an event, what it changes, its transition and the job of its hook are one transaction, which those that come together share', async () => {
    const opened = await open()
    const database = openDatabase(opened.database)
    const stripe = createFakeStripe()
    const engine = createEngine({
      database,
      stripe,
      webhookSecrets: [secret],
      now: () => stripe.clock,
      jobs: fastJobs,
      hooks: { started: () => undefined },
    })
    // Nobody takes the jobs: they stay as they were made.
    await engine.start({ work: false })
    const bodies = Array.from({ length: 20 }, (_, n) =>
      JSON.stringify(stripe.emit('customer.subscription.created', aSubscription({ ...owned, id: `sub_${n}` }))),
    )
    await Promise.all(bodies.map((body) => engine.receive(body, signed(body))))
    const made = await opened.query<{ event: string; row: string; transition: string; job: string }>(
      `select i.xmin::text as event, s.xmin::text as row, t.xmin::text as transition, j.xmin::text as job
       from dues.subscription s join dues.inbox i on i.object = s.id join dues.transition t on t.subscription = s.id
         join dues_jobs.job j on j.name = 'hook' and j.data ->> 'transition' = t.key`,
    )
    expect(made).toHaveLength(20)
    for (const { event, row, transition, job } of made) expect([row, transition, job]).toEqual([event, event, event])
    expect(new Set(made.map(({ event }) => event)).size).toBeLessThan(5)
    await engine.stop()
    await database.close()
    await opened.close()
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

  test('a hook that throws waits twice as long each time, and of several each for a time of its own', async () => {
    const jobs = { ...fastJobs, retries: { ...fastJobs.retries, hook: defaultRetries.hook } }
    const { stripe, deliver, query, close } = await anEngine(open, {
      jobs,
      hooks: { started: () => Promise.reject(new Error('the mail server is down')) },
    })
    for (let n = 0; n < 8; n++)
      await deliver(stripe.emit('customer.subscription.created', aSubscription({ ...owned, id: `sub_${n}` })))
    for (const [tries, least] of [5, 10].entries()) {
      const failed = () =>
        query<{ seconds: number }>(
          `select extract(epoch from start_after - started_on)::float8 as seconds from dues_jobs.job
           where name = 'hook' and state = 'retry' and retry_count = $1`,
          [tries],
        )
      await until(async () => (await failed()).length === 8, 'all of them to fail')
      const waits = (await failed()).map(({ seconds }) => seconds)
      // From when it was taken: a moment of it is the hook itself.
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(least - 0.1)
      expect(Math.max(...waits)).toBeLessThan(2 * least + 2)
      expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(least / 50)
      await query("update dues_jobs.job set start_after = now() where name = 'hook'")
    }
    await close()
  })

  test('a fetch that never works ends as a dead job, holds nobody up, and can be revived', async () => {
    const { engine, stripe, deliver, query, close } = await anEngine(open)
    let broken = true
    stripe.beforeAnswer = async (_, id) => {
      if (broken && id === 'sub_1') throw new Error('no such shape')
    }
    for (const id of ['sub_1', 'sub_2'])
      await deliver(stripe.emit('customer.subscription.created', aSubscription({ id, test_clock: 'clock_1' })))
    await until(async () => (await engine.jobs.deadJobs()).length === 1, 'the dead job')
    expect(await engine.jobs.deadJobs()).toMatchObject([
      { queue: 'dead-fetch', data: { kind: 'subscription', object: 'sub_1' }, reason: 'no such shape' },
    ])
    expect(await query('select id from dues.subscription')).toEqual([{ id: 'sub_2' }])
    expect(await engine.health()).toMatchObject({ status: 'degraded', inbox: { waiting: 1 }, deadJobs: 1 })
    broken = false
    expect(await engine.jobs.revive()).toBe(1)
    await until(async () => (await engine.health()).inbox.waiting === 0, 'the revived fetch')
    expect(await query('select id from dues.subscription order by id')).toEqual([{ id: 'sub_1' }, { id: 'sub_2' }])
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

  test('what happened while no process ran is read at the next start', async () => {
    const { engine, stripe, another, query, close } = await anEngine(open)
    await engine.stop()
    stripe.clock += 60
    stripe.emit('customer.subscription.created', aSubscription(owned))
    const next = await another()
    await until(async () => (await query('select id from dues.subscription')).length === 1, 'the events to be read')
    await next.stop()
    await close()
  })

  test('the events are read, the mirror is compared and the inbox is pruned on schedule', async () => {
    const { engine, stripe, deliver, another, query, close } = await anEngine(open)
    expect(await query('select name, cron, timezone from dues_jobs.schedule order by name')).toEqual([
      { name: 'cursor', cron: '*/10 * * * *', timezone: 'UTC' },
      { name: 'prune', cron: '47 4 * * *', timezone: 'UTC' },
      { name: 'reconcile', cron: '17 3 * * *', timezone: 'UTC' },
    ])
    const events = ['old', 'dead', 'waiting', 'new'].map((id) => stripe.emit('customer.created', aCustomer({ id })))
    for (const event of events) await deliver(event)
    const [old, dead, waiting] = events.map(({ id }) => id)
    await query("update dues.inbox set received_at = now() - interval '36 days' where id = any($1)", [
      [old, dead, waiting],
    ])
    await query("update dues.inbox set state = 'dead' where id = $1", [dead])
    await query("update dues.inbox set state = 'waiting' where id = $1", [waiting])
    await engine.stop()
    // Stripe lists events for thirty days.
    stripe.log.splice(0, 3)
    // Nobody was told of this one: only comparing finds it.
    stripe.put(aSubscription())
    stripe.asked.clear()
    // As pg-boss does when its hour has come.
    await query(
      "insert into dues_jobs.job (name, policy) select n, 'exclusive' from unnest(array['cursor', 'prune', 'reconcile']) n",
    )
    const next = await another()
    const left = () =>
      query("select name from dues_jobs.job where name in ('cursor', 'prune', 'reconcile') and state <> 'completed'")
    await until(async () => (await left()).length === 0, 'the three jobs')
    expect(await query('select id from dues.inbox order by id')).toEqual(events.slice(1).map(({ id }) => ({ id })))
    expect(await query('select id from dues.subscription')).toEqual([{ id: 'sub_1' }])
    // At start, and by the job.
    expect(stripe.asked.get('list event')).toBe(2)
    await next.stop()
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

  test('stopping waits for the hook that is under way, and takes no other', async () => {
    const begun: string[] = []
    let end = () => {}
    const { engine, stripe, deliver, query, close } = await anEngine(open, {
      jobs: { ...fastJobs, hookWorkers: 1 },
      hooks: {
        started: async ({ key }) => {
          begun.push(key)
          await new Promise<void>((resolve) => {
            end = resolve
          })
        },
      },
    })
    for (const id of ['sub_1', 'sub_2'])
      await deliver(stripe.emit('customer.subscription.created', aSubscription({ ...owned, id })))
    await until(() => begun.length > 0, 'the hook to begin')
    let stopped = false
    const stopping = engine.stop().then(() => {
      stopped = true
    })
    const state = async () =>
      (await query<{ state: string }>("select state::text from dues_jobs.job where name = 'hook' order by 1")).map(
        (job) => job.state,
      )
    expect([await state(), stopped]).toEqual([['active', 'created'], false])
    end()
    await stopping
    expect([await state(), begun.length]).toEqual([['completed', 'created'], 1])
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
