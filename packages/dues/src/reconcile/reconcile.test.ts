import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { anEngine, until } from '../../testing/engine.ts'
import { aCustomer, anInvoice, aSubscription } from '../../testing/objects.ts'
import { onOneDatabase } from '../../testing/on-one-database.ts'
import { DuesError } from '../errors.ts'

onOneDatabase('reconcile', (open) => {
  test('finds what differs, says how, mends it, and then finds nothing', async () => {
    const { engine, stripe, deliver, query, close } = await anEngine(open)
    await deliver(stripe.emit('customer.created', aCustomer()))
    await deliver(stripe.emit('customer.subscription.created', aSubscription()))
    stripe.clock += 10
    stripe.put(aSubscription({ status: 'past_due', latest_invoice: 'in_2' }))
    stripe.put(aSubscription({ id: 'sub_2', status: 'canceled' }))
    stripe.put(anInvoice({ id: 'in_2', status: 'open' }))

    const report = await engine.reconcile()
    expect(report).toMatchObject({ compared: 4, drifted: 3, resumed: false })
    expect(report.drift).toEqual([
      { kind: 'subscription', object: 'sub_2', difference: { id: { mirror: null, stripe: 'sub_2' } }, mended: true },
      {
        kind: 'subscription',
        object: 'sub_1',
        difference: {
          status: { mirror: 'active', stripe: 'past_due' },
          latest_invoice: { mirror: 'in_1', stripe: 'in_2' },
        },
        mended: true,
      },
      { kind: 'invoice', object: 'in_2', difference: { id: { mirror: null, stripe: 'in_2' } }, mended: true },
    ])
    expect(await query('select id, status from dues.subscription order by id')).toEqual([
      { id: 'sub_1', status: 'past_due' },
      { id: 'sub_2', status: 'canceled' },
    ])
    expect(await engine.reconcile()).toMatchObject({ compared: 4, drifted: 0, drift: [] })
    expect(await engine.health()).toMatchObject({ lastReconcile: { compared: 4, drifted: 0 } })
    await close()
  })

  test('asked only to look, it changes nothing', async () => {
    const { engine, stripe, query, close } = await anEngine(open)
    stripe.put(aSubscription())
    expect(await engine.reconcile({ mend: false })).toMatchObject({ drifted: 1, drift: [{ mended: false }] })
    expect(await query('select id from dues.subscription')).toEqual([])
    await close()
  })

  test('what the mirror has and Stripe does not list is asked for: deleted, paid, or gone', async () => {
    const told: string[] = []
    const { engine, stripe, deliver, query, close } = await anEngine(open, {
      hooks: { ended: ({ owner, after }) => void told.push(`${owner} ${after}`) },
    })
    await deliver(stripe.emit('customer.created', aCustomer({ metadata: { dues_owner: 'user_1' } })))
    await deliver(stripe.emit('customer.subscription.created', aSubscription()))
    await deliver(stripe.emit('invoice.created', anInvoice({ status: 'open' })))
    stripe.clock += 10
    stripe.forget('subscription', 'sub_1')
    const { list } = stripe
    stripe.put({ id: 'cus_1', object: 'customer', deleted: true } as Stripe.DeletedCustomer)
    stripe.put(anInvoice({ status: 'paid' }))
    // Stripe lists neither deleted customers nor, when asked for open ones, paid invoices.
    stripe.list = async (kind, from) => {
      const page = await list(kind, from)
      return kind === 'subscription' ? page : { ...page, value: [] }
    }
    const { drift } = await engine.reconcile()
    expect(drift).toMatchObject([
      { kind: 'customer', object: 'cus_1', difference: { deleted: { mirror: false, stripe: true } } },
      { kind: 'subscription', object: 'sub_1', difference: { id: { mirror: 'sub_1', stripe: null } }, mended: true },
      { kind: 'invoice', object: 'in_1', difference: { status: { mirror: 'open', stripe: 'paid' } } },
    ])
    expect(await query('select id from dues.subscription')).toEqual([])
    await until(() => told.length > 0, 'the hook of the end')
    expect(told).toEqual(['user_1 null'])
    await close()
  })

  test('a run that was stopped goes on where it was', async () => {
    const { engine, stripe, close } = await anEngine(open)
    for (let n = 0; n < 250; n++) stripe.put(aSubscription({ id: `sub_${n}`, start_date: stripe.clock - n }))
    const stop = new AbortController()
    const pages: number[] = []
    const first = await engine.reconcile({
      signal: stop.signal,
      onProgress: ({ compared }) => {
        pages.push(compared)
        if (compared === 100) stop.abort()
      },
    })
    expect(first).toMatchObject({ compared: 100, drifted: 100 })
    const listed = stripe.asked.get('list subscription')
    const second = await engine.reconcile()
    expect(second).toMatchObject({ run: first.run, compared: 250, drifted: 250, resumed: true })
    expect(stripe.asked.get('list subscription')).toBe((listed ?? 0) + 2)
    await close()
  })

  test('a look that was stopped is not gone on with by a mending: what it passed would stay as it is', async () => {
    const { engine, stripe, query, close } = await anEngine(open)
    for (let n = 0; n < 150; n++) stripe.put(aSubscription({ id: `sub_${n}` }))
    const stop = new AbortController()
    const onProgress = ({ compared }: { compared: number }) => compared === 100 && stop.abort()
    const looked = await engine.reconcile({ mend: false, signal: stop.signal, onProgress })
    expect(looked).toMatchObject({ compared: 100, drifted: 100, finished: false })
    expect(await engine.reconcile()).toMatchObject({ compared: 150, resumed: false, finished: true })
    expect(await query('select count(*)::int as n from dues.subscription')).toEqual([{ n: 150 }])
    await close()
  })

  test('Stripe going away in the middle loses nothing of the run', async () => {
    const { engine, stripe, query, close } = await anEngine(open)
    for (let n = 0; n < 150; n++) stripe.put(aSubscription({ id: `sub_${n}` }))
    const onProgress = ({ compared }: { compared: number }) => {
      if (compared === 100) stripe.failure = new DuesError('stripe_unavailable', 'down')
    }
    await expect(engine.reconcile({ onProgress })).rejects.toMatchObject({ code: 'stripe_unavailable' })
    stripe.failure = null
    expect(await engine.reconcile()).toMatchObject({ compared: 150, resumed: true })
    expect(await query('select count(*)::int as n from dues.subscription')).toEqual([{ n: 150 }])
    await close()
  })

  test('a page whose last object was deleted meanwhile begins its kind anew', async () => {
    const { engine, stripe, query, close } = await anEngine(open)
    for (let n = 0; n < 150; n++) stripe.put(aCustomer({ id: `cus_${n}`, created: stripe.clock - n }))
    const { list } = stripe
    let gone = true
    stripe.list = async (kind, from) => {
      if (kind === 'customer' && from.after !== null && gone) {
        gone = false
        throw new DuesError('stripe_refused', 'No such customer', { details: { stripeCode: 'resource_missing' } })
      }
      return list(kind, from)
    }
    await engine.reconcile()
    expect(await query('select count(*)::int as n from dues.customer')).toEqual([{ n: 150 }])
    await close()
  })

  test('a second that is cut by the end of a page is not taken for missing', async () => {
    const { engine, stripe, close } = await anEngine(open)
    for (let n = 0; n < 250; n++) stripe.put(aSubscription({ id: `sub_${n}` }))
    await engine.reconcile()
    stripe.asked.clear()
    expect(await engine.reconcile()).toMatchObject({ compared: 250, drifted: 0 })
    expect([...stripe.asked.keys()].filter((asked) => asked.startsWith('subscription '))).toEqual([])
    await close()
  })

  test('memberships that are older than Dues are taken over without running a hook', async () => {
    const told: string[] = []
    const { engine, stripe, query, close } = await anEngine(open, {
      hooks: { started: ({ key }) => void told.push(key), ended: ({ key }) => void told.push(key) },
    })
    for (const [n, status] of (['active', 'canceled', 'past_due', 'trialing'] as const).entries()) {
      const metadata = { dues_owner: `user_${n}` }
      stripe.put(
        aSubscription({ id: `sub_${n}`, customer: `cus_${n}`, status, metadata, start_date: stripe.clock - 1000 }),
      )
    }
    await engine.reconcile()
    expect(await query('select count(*)::int as n from dues.subscription')).toEqual([{ n: 4 }])
    expect(await query('select key from dues.transition')).toEqual([])
    await close()
    expect(told).toEqual([])
  })
})

onOneDatabase('the reading of events', (open) => {
  test('takes several pages, and goes on where it was stopped', async () => {
    const { engine, stripe, query, close } = await anEngine(open)
    for (let n = 0; n < 250; n++) stripe.emit('customer.created', aCustomer({ id: `cus_${n}` }))
    const { events } = stripe
    let calls = 0
    stripe.events = async (from) => {
      calls += 1
      if (calls === 2) throw new DuesError('stripe_unavailable', 'down')
      return events(from)
    }
    await expect(engine.readEvents()).rejects.toMatchObject({ code: 'stripe_unavailable' })
    expect(await query('select count(*)::int as n from dues.customer')).toEqual([{ n: 100 }])
    expect(await engine.readEvents()).toEqual({ found: 150 })
    expect(await query('select count(*)::int as n from dues.customer')).toEqual([{ n: 250 }])
    await close()
  })

  test('what happens while it reads is read by the next', async () => {
    const { engine, stripe, query, close } = await anEngine(open)
    stripe.emit('customer.created', aCustomer({ id: 'cus_a' }))
    const { events } = stripe
    stripe.events = async (from) => {
      const page = await events(from)
      stripe.events = events
      stripe.clock += 5_000
      stripe.emit('customer.created', aCustomer({ id: 'cus_b' }))
      return page
    }
    expect(await engine.readEvents()).toEqual({ found: 1 })
    expect(await engine.readEvents()).toEqual({ found: 1 })
    expect(await query('select id from dues.customer order by id')).toEqual([{ id: 'cus_a' }, { id: 'cus_b' }])
    await close()
  })

  test('a pass whose place is gone from the list begins anew', async () => {
    const { engine, stripe, query, close } = await anEngine(open)
    for (let n = 0; n < 150; n++) stripe.emit('customer.created', aCustomer({ id: `cus_${n}` }))
    const { events } = stripe
    let gone = true
    stripe.events = async (from) => {
      if (from.after === null || !gone) return events(from)
      gone = false
      throw new DuesError('stripe_refused', 'No such event', { details: { stripeCode: 'resource_missing' } })
    }
    await engine.readEvents()
    expect(await query('select count(*)::int as n from dues.customer')).toEqual([{ n: 150 }])
    await close()
  })
})
