import { expect, onTestFinished, test } from 'vitest'
import { type App, anOwner, onEachApp, onOneApp } from '../../testing/app.ts'
import { isPglite, type PgliteLike } from '../store/pglite.ts'

const monthly = { plan: 'pro', interval: 'monthly' } as const
const yearly = { plan: 'pro', interval: 'yearly' } as const

/** The sessions that Stripe has of an owner, the newest first. */
async function sessionsOf({ stripe, customersOf }: App, owner: string) {
  const customers = await customersOf(owner)
  const lists = await Promise.all(customers.map(({ id }) => stripe.checkout.sessions.list({ customer: id })))
  return lists.flatMap(({ data }) => data)
}

onEachApp('a Checkout', (app) => {
  test('is what was asked for, in Stripe’s words', async () => {
    const { dues, stripe, url } = app()
    const owner = anOwner()
    const { sessionId } = await dues.checkout.start({ owner, ...monthly })
    const session = await stripe.checkout.sessions.retrieve(sessionId, { expand: ['line_items', 'customer'] })
    expect(session).toMatchObject({
      mode: 'subscription',
      status: 'open',
      allow_promotion_codes: true,
      client_reference_id: owner.id,
      success_url: `${url}/billing/success?session_id={CHECKOUT_SESSION_ID}`,
      cancel_url: `${url}/billing/cancelled`,
      amount_total: 1900,
      customer: { email: owner.email, name: owner.name, metadata: { dues_owner: owner.id } },
      line_items: { data: [{ quantity: 1, price: { lookup_key: 'dues_pro_monthly' } }] },
    })
  })

  test('is one, and for one customer, when twenty ask at once in two processes', async () => {
    const { dues, other, customersOf } = app()
    const owner = anOwner()
    const started = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? dues : other).checkout.start({ owner, ...monthly })),
    )
    expect(new Set(started.map(({ url }) => url)).size).toBe(1)
    expect(await customersOf(owner.id)).toHaveLength(1)
    expect(await sessionsOf(app(), owner.id)).toHaveLength(1)
  })

  test('is handed out again as long as it is open', async () => {
    const { dues } = app()
    const owner = anOwner()
    const first = await dues.checkout.start({ owner, ...monthly })
    expect(await dues.checkout.start({ owner, ...monthly })).toEqual(first)
  })

  test('for another price takes the place of the first', async () => {
    const { dues } = app()
    const owner = anOwner()
    const first = await dues.checkout.start({ owner, ...monthly })
    const second = await dues.checkout.start({ owner, ...yearly })
    const sessions = await sessionsOf(app(), owner.id)
    expect(sessions.map(({ id, status }) => [id, status])).toEqual([
      [second.sessionId, 'open'],
      [first.sessionId, 'expired'],
    ])
  })

  test('leaves at most one open when two prices are wanted at once', async () => {
    const { dues, other, customersOf } = app()
    const owner = anOwner()
    const wishes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) =>
        i % 2 ? dues.checkout.start({ owner, ...monthly }) : other.checkout.start({ owner, ...yearly }),
      ),
    )
    for (const wish of wishes) if (wish.status === 'rejected') expect(wish.reason).toMatchObject({ code: 'busy' })
    const open = (await sessionsOf(app(), owner.id)).filter(({ status }) => status === 'open')
    expect(open.length).toBeLessThanOrEqual(1)
    expect(await customersOf(owner.id)).toHaveLength(1)
    expect((await dues.checkout.start({ owner, ...yearly })).url).toMatch(/^http/)
  })

  test('that has expired makes room for a new one', async () => {
    const { dues, stripe } = app()
    const owner = anOwner()
    const { sessionId } = await dues.checkout.start({ owner, ...monthly })
    await stripe.checkout.sessions.expire(sessionId)
    expect((await dues.checkout.start({ owner, ...monthly })).sessionId).not.toBe(sessionId)
  })

  test('is found again by a process that died before it wrote the answer down', async () => {
    const { dues, query, customersOf } = app()
    const owner = anOwner()
    const { sessionId } = await dues.checkout.start({ owner, ...monthly })
    await query('update dues.checkout set session = null where owner = $1', [owner.id])
    await query('delete from dues.owner_customer where owner = $1', [owner.id])
    expect((await dues.checkout.start({ owner, ...monthly })).sessionId).toBe(sessionId)
    await query('delete from dues.checkout where owner = $1', [owner.id])
    await dues.checkout.start({ owner, ...monthly })
    expect(await customersOf(owner.id)).toHaveLength(1)
  })

  test('is for the customer that a process made and forgot, though Stripe has forgotten the key as well', async () => {
    const { dues, query, customersOf, advance } = app()
    const owner = { ...anOwner(), id: `o'brien\\${anOwner().id}` }
    await dues.checkout.start({ owner, ...monthly })
    await query('delete from dues.checkout where owner = $1', [owner.id])
    await query('delete from dues.owner_customer where owner = $1', [owner.id])
    await advance({ days: 2 })
    await dues.checkout.start({ owner, ...monthly })
    expect(await customersOf(owner.email.replace('@example.com', ''))).toHaveLength(1)
  })

  test('of a customer who was deleted at Stripe is for a new customer', async () => {
    const { dues, stripe, customersOf } = app()
    const owner = anOwner()
    const first = await dues.checkout.start({ owner, ...monthly })
    const [customer] = await customersOf(owner.id)
    await stripe.checkout.sessions.expire(first.sessionId)
    await stripe.customers.del(String(customer?.id))
    const { sessionId } = await dues.checkout.start({ owner, ...monthly })
    const session = await stripe.checkout.sessions.retrieve(sessionId)
    expect(session.customer).not.toBe(customer?.id)
    expect((await customersOf(owner.id)).map(({ id }) => id)).toEqual([session.customer])
  })

  test.each([
    ['gold', 'monthly', 'plan_unknown'],
    ['free', 'monthly', 'interval_unknown'],
    ['ent', 'yearly', 'interval_unknown'],
  ])('of %s %s is refused as %s', async (plan, interval, code) => {
    const { dues, customersOf } = app()
    const owner = anOwner()
    await expect(dues.checkout.start({ owner, plan, interval } as never)).rejects.toMatchObject({ code })
    expect(await customersOf(owner.id)).toEqual([])
  })
})

onEachApp('a second purchase', (app) => {
  test('is refused, and points to the switch', async () => {
    const { dues, subscribe, ask } = app()
    const { id } = anOwner()
    await subscribe(id)
    const response = await ask(id, '/checkout', { plan: 'ent', interval: 'monthly' })
    expect(response.status).toBe(409)
    expect(await response.json()).toEqual({
      error: {
        code: 'already_subscribed',
        message: 'You have Professional already. Switch the plan instead of buying a second one.',
        details: { plan: 'pro', interval: 'monthly', status: 'active' },
      },
    })
    expect((await dues.member(id)).on('pro')).toBe(true)
  })

  test.each([
    ['on trial', { trial_period_days: 7 }, 'trialing'],
    ['not paid yet', { payment_behavior: 'default_incomplete' }, 'incomplete'],
  ] as const)('is refused to somebody who is %s', async (_, how, status) => {
    const { dues, subscribe } = app()
    const owner = anOwner()
    await subscribe(owner.id, how)
    const buying = dues.checkout.start({ owner, ...monthly })
    await expect(buying).rejects.toMatchObject({ code: 'already_subscribed', details: { status } })
  })

  test('is refused though the webhook of the first never came', async () => {
    const { dues, query, subscribe } = app()
    const owner = anOwner()
    const { subscription } = await subscribe(owner.id)
    await query('delete from dues.subscription where id = $1', [subscription])
    const buying = dues.checkout.start({ owner, ...monthly })
    await expect(buying).rejects.toMatchObject({ code: 'already_subscribed' })
    expect((await dues.member(owner.id)).state).toBe('active')
  })

  test('is refused though a Checkout from before is still open', async () => {
    const { dues, subscribe } = app()
    const owner = anOwner()
    await dues.checkout.start({ owner, ...monthly })
    await subscribe(owner.id)
    const buying = dues.checkout.start({ owner, ...monthly })
    await expect(buying).rejects.toMatchObject({ code: 'already_subscribed' })
  })

  test('is none when the first is over', async () => {
    const { dues, subscribe, stripe } = app()
    const owner = anOwner()
    const { subscription } = await subscribe(owner.id)
    await stripe.subscriptions.cancel(subscription)
    expect((await dues.checkout.start({ owner, ...monthly })).url).toMatch(/^http/)
  })
})

onEachApp('a trial', (app) => {
  test('is given once for each owner', async () => {
    const { dues, stripe, subscribe } = app()
    const owner = anOwner()
    const wish = { owner, plan: 'ent', interval: 'monthly' } as const
    const first = await dues.checkout.start(wish)
    expect((await stripe.checkout.sessions.retrieve(first.sessionId)).amount_total).toBe(0)
    await stripe.checkout.sessions.expire(first.sessionId)
    const { subscription } = await subscribe(owner.id, { trial_period_days: 14 })
    await stripe.subscriptions.cancel(subscription)
    const second = await dues.checkout.start(wish)
    expect((await stripe.checkout.sessions.retrieve(second.sessionId)).amount_total).toBe(9900)
  })
})

onOneApp('a Checkout that is started while its owner comes back with a known card', (app) => {
  test('is refused, though nothing was bought yet when Stripe was asked, and none is left open', async () => {
    const { dues, another, stripe, subscribe, database } = app()
    if (typeof database === 'string' || !isPglite(database)) throw new Error('This needs a PGlite.')
    const owner = anOwner()
    const { customer } = await subscribe(owner.id)
    await dues.subscriptions.cancel(owner.id, { when: 'now' })
    let meanwhile: (() => Promise<unknown>) | null = () => dues.subscriptions.comeBack(owner.id, 'pro', 'monthly')
    const slow: PgliteLike = {
      async query(sql, params) {
        const act = sql.includes('insert into dues.checkout') ? meanwhile : null
        if (act) meanwhile = null
        await act?.()
        return database.query(sql, params)
      },
      exec: (sql) => database.exec(sql),
      transaction: (work) => database.transaction(work),
      listen: (channel, heard) => database.listen(channel, heard),
    }
    const behind = another({ database: slow })
    await behind.start({ work: false })
    onTestFinished(() => behind.stop())
    await expect(behind.checkout.start({ owner, ...monthly })).rejects.toMatchObject({ code: 'already_subscribed' })
    expect(meanwhile).toBeNull()
    expect((await stripe.checkout.sessions.list({ customer, status: 'open' })).data).toEqual([])
  })
})
