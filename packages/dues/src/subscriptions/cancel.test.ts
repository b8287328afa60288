import { expect, test } from 'vitest'
import { anOwner, onEachApp } from '../../testing/app.ts'

onEachApp('a cancellation', (app) => {
  test('at period end leaves what was paid for, with the reason at Stripe', async () => {
    const { dues, stripe, subscribe } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id)
    const { renewsAt } = await dues.member(id)
    const member = await dues.subscriptions.cancel(id, { feedback: 'too_expensive', comment: 'Until next year.' })
    expect(member).toMatchObject({ plan: 'pro', state: 'active', endsAt: renewsAt, renewsAt: null })
    expect(member.onGracePeriod()).toBe(true)
    expect(await stripe.subscriptions.retrieve(subscription)).toMatchObject({
      cancel_at_period_end: true,
      cancellation_details: { feedback: 'too_expensive', comment: 'Until next year.' },
    })
  })

  test('ends the membership when the period does', async () => {
    const { dues, subscribe, advance } = app()
    const { id } = anOwner()
    await subscribe(id)
    await dues.subscriptions.cancel(id)
    await advance({ months: 1, days: 1 })
    const member = await dues.member(id)
    expect(member).toMatchObject({ plan: 'free', state: 'canceled' })
    expect(member.ended()).toBe(true)
  })

  test('now ends it at once, with nothing paid back', async () => {
    const { dues, stripe, subscribe } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    const member = await dues.subscriptions.cancel(id, { when: 'now', feedback: 'unused' })
    expect(member).toMatchObject({ plan: 'free', state: 'canceled' })
    expect((await stripe.invoices.list({ customer })).data).toHaveLength(1)
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: 0 })
  })

  test('now, with credit, leaves what was not used in the balance', async () => {
    const { dues, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    await advance({ days: 10 })
    const { credit } = await dues.subscriptions.preview(id, 'ent', 'monthly', { when: 'now' })
    expect(await dues.subscriptions.cancel(id, { when: 'now', unused: 'credit' })).toMatchObject({ state: 'canceled' })
    const { balance } = (await stripe.customers.retrieve(customer)) as { balance: number }
    expect(credit).toBeGreaterThan(0)
    expect(-balance - credit).toBeLessThanOrEqual(1)
  })

  test('now, with an invoice, asks for what was pending', async () => {
    const { dues, stripe, subscribe } = app()
    const { id } = anOwner()
    const { customer, subscription } = await subscribe(id)
    await stripe.invoiceItems.create({ customer, subscription, amount: 500, currency: 'usd' })
    await dues.subscriptions.cancel(id, { when: 'now', invoice: true })
    const { data } = await stripe.invoices.list({ customer })
    expect(data.map(({ total }) => total).sort()).toEqual([1900, 500])
  })

  test('on a day ends the membership on that day, can be moved, and can be taken back', async () => {
    const { dues, subscribe, advance, now } = app()
    const { id } = anOwner()
    await subscribe(id)
    const day = (days: number) => new Date((now() + days * 86_400) * 1000)
    const [first, second] = [day(12), day(5)]
    expect(await dues.subscriptions.cancel(id, { when: first })).toMatchObject({ endsAt: first, renewsAt: null })
    expect(await dues.subscriptions.resume(id)).toMatchObject({ endsAt: null })
    await dues.subscriptions.cancel(id)
    expect(await dues.subscriptions.cancel(id, { when: second })).toMatchObject({ endsAt: second })
    await advance({ days: 6 })
    expect((await dues.member(id)).ended()).toBe(true)
  })

  test('on a day that is past is refused', async () => {
    const { dues, subscribe, now } = app()
    const { id } = anOwner()
    await subscribe(id)
    for (const when of [new Date((now() - 60) * 1000), new Date(Number.NaN)])
      await expect(dues.subscriptions.cancel(id, { when })).rejects.toMatchObject({ code: 'bad_request' })
    expect((await dues.member(id)).cancelling()).toBe(false)
  })

  test.each(['periodEnd', 'now'] as const)('%s, twice at once in two processes, is one', async (when) => {
    const { dues, other, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id)
    await Promise.all([dues, other, dues].map((one) => one.subscriptions.cancel(id, { when })))
    await other.subscriptions.cancel(id, { when })
    const member = await dues.member(id)
    expect([member.cancelling(), member.ended()]).toEqual(when === 'now' ? [false, true] : [true, false])
  })

  test('of what has been over for a while is refused', async () => {
    const { dues, subscribe, advance } = app()
    const { id } = anOwner()
    await subscribe(id)
    await dues.subscriptions.cancel(id, { when: 'now' })
    await advance({ seconds: 120 })
    await expect(dues.subscriptions.cancel(id)).rejects.toMatchObject({ code: 'nothing_to_cancel' })
  })

  test('of a first payment that is not finished ends it at once', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id, { payment_behavior: 'default_incomplete' })
    expect((await dues.subscriptions.cancel(id)).ended()).toBe(true)
  })

  test('of nothing is refused', async () => {
    const { dues } = app()
    const { id } = anOwner()
    await expect(dues.subscriptions.cancel(id)).rejects.toMatchObject({ code: 'nothing_to_cancel' })
  })
})

onEachApp('to resume', (app) => {
  test('takes a cancellation back', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id)
    const { renewsAt } = await dues.member(id)
    await dues.subscriptions.cancel(id)
    const member = await dues.subscriptions.resume(id)
    expect(member).toMatchObject({ state: 'active', renewsAt, endsAt: null })
    expect(member.cancelling()).toBe(false)
  })

  test('takes back an end that the customer portal set, which is a cancel_at alone', async () => {
    const { dues, stripe, subscribe, settled } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id)
    const { renewsAt } = await dues.member(id)
    const periodEnd = Math.floor((renewsAt?.getTime() ?? 0) / 1000)
    await stripe.subscriptions.update(subscription, { cancel_at: periodEnd })
    await settled()
    expect((await dues.member(id)).canResume()).toBe(true)
    await dues.subscriptions.resume(id)
    const { cancel_at, cancel_at_period_end } = await stripe.subscriptions.retrieve(subscription)
    expect({ cancel_at, cancel_at_period_end }).toEqual({ cancel_at: null, cancel_at_period_end: false })
  })

  test('twice at once is once', async () => {
    const { dues, other, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id)
    await dues.subscriptions.cancel(id)
    const members = await Promise.all([dues, other, dues].map((one) => one.subscriptions.resume(id)))
    expect(members.map((member) => member.cancelling())).toEqual([false, false, false])
  })

  test('is refused when nothing is set to end, and when it is over', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await expect(dues.subscriptions.resume(id)).rejects.toMatchObject({ code: 'nothing_to_resume' })
    await subscribe(id)
    await expect(dues.subscriptions.resume(id)).rejects.toMatchObject({ code: 'nothing_to_resume' })
    await dues.subscriptions.cancel(id, { when: 'now' })
    await expect(dues.subscriptions.resume(id)).rejects.toMatchObject({ code: 'period_over' })
  })
})

onEachApp('the customer portal', (app) => {
  test('is opened for the owner’s own customer, and leads back to the account page', async () => {
    const { dues, subscribe, url } = app()
    const { id } = anOwner()
    await subscribe(id)
    expect((await dues.subscriptions.portal(id)).url).toMatch(/^http/)
    await expect(dues.subscriptions.portal(id, { returnTo: 'https://evil.example' })).rejects.toMatchObject({
      code: 'bad_request',
    })
    expect((await dues.subscriptions.portal(id, { returnTo: `${url}/members` })).url).toMatch(/^http/)
  })

  test('is refused to somebody who bought nothing', async () => {
    const { dues } = app()
    const { id } = anOwner()
    await expect(dues.subscriptions.portal(id)).rejects.toMatchObject({ code: 'not_subscribed' })
  })
})
