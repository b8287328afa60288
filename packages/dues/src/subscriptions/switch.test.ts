import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anOwner, onEachApp } from '../../testing/app.ts'

const day = 86_400

onEachApp('a switch', (app) => {
  test('costs what the preview showed, to the cent', async () => {
    const { dues, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id)
    await advance({ days: 10 })
    const member = await dues.member(id)
    const preview = await member.preview('ent', 'monthly')
    expect(preview).toMatchObject({
      from: { plan: 'pro', interval: 'monthly' },
      to: { plan: 'ent', interval: 'monthly' },
      currency: 'usd',
      creditLeft: 0,
    })
    expect(preview.lines.map(({ proration }) => proration)).toEqual([true, true])
    expect(preview.dueToday).toBe(preview.lines.reduce((sum, { amount }) => sum + amount, 0))
    const switched = await member.switchTo('ent', 'monthly', { prorationDate: preview.prorationDate })
    expect(switched).toMatchObject({ plan: 'ent', interval: 'monthly', state: 'active' })
    const { latest_invoice } = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
    expect(latest_invoice).toMatchObject({
      status: 'paid',
      amount_paid: preview.dueToday,
      billing_reason: 'subscription_update',
    })
  })

  test('down, now, leaves credit, and the next invoice is of the new plan', async () => {
    const { dues, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id, { plan: 'ent' })
    await advance({ days: 10 })
    const preview = await dues.subscriptions.preview(id, 'pro', 'monthly', { when: 'now' })
    expect(preview.dueToday).toBe(0)
    expect(preview.creditLeft).toBeGreaterThan(0)
    expect(preview.credit).toBeGreaterThan(preview.creditLeft)
    const renewal = (await dues.member(id)).renewsAt
    expect(preview.nextInvoice).toEqual({ amount: 1900, at: renewal })
    await dues.subscriptions.switchTo(id, 'pro', 'monthly', { when: 'now', prorationDate: preview.prorationDate })
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -preview.creditLeft })
  })

  test('changes the subscription that there is: never a second one, never an end', async () => {
    const { dues, stripe, subscribe } = app()
    const { id } = anOwner()
    const { customer, subscription } = await subscribe(id)
    await dues.subscriptions.switchTo(id, 'ent', 'monthly')
    await dues.subscriptions.switchTo(id, 'pro', 'yearly', { when: 'now' })
    const { data } = await stripe.subscriptions.list({ customer, status: 'all' })
    expect(data.map(({ id, cancel_at, cancel_at_period_end }) => [id, cancel_at, cancel_at_period_end])).toEqual([
      [subscription, null, false],
    ])
    expect(data[0]?.items.data.map(({ price, quantity }) => [price.lookup_key, quantity])).toEqual([
      ['dues_pro_yearly', 1],
    ])
  })

  test('leaves an end that was set where it is, and shows no next invoice', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id)
    const { endsAt } = await dues.subscriptions.cancel(id)
    expect((await dues.subscriptions.preview(id, 'ent', 'monthly')).nextInvoice).toBeNull()
    const member = await dues.subscriptions.switchTo(id, 'ent', 'monthly')
    expect(member.plan).toBe('ent')
    expect(member.cancelling()).toBe(true)
    expect(member.endsAt).toEqual(endsAt)
  })

  test('on trial costs nothing and keeps the trial', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id, { trial_period_days: 14 })
    const { trialEndsAt } = await dues.member(id)
    expect(await dues.subscriptions.preview(id, 'ent', 'monthly')).toMatchObject({ dueToday: 0, credit: 0 })
    const member = await dues.subscriptions.switchTo(id, 'ent', 'monthly')
    expect(member).toMatchObject({ plan: 'ent', state: 'trialing', trialEndsAt })
  })

  test('that is confirmed again and again is charged once, and is never a failure', async () => {
    const { dues, other, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    await advance({ days: 3 })
    const { prorationDate } = await dues.subscriptions.preview(id, 'ent', 'monthly')
    const confirm = (one: typeof dues) => one.subscriptions.switchTo(id, 'ent', 'monthly', { prorationDate })
    const members = await Promise.all([dues, other, dues, other].map(confirm))
    members.push(await confirm(other))
    expect(members.map(({ plan }) => plan)).toEqual(members.map(() => 'ent'))
    const { data } = await stripe.invoices.list({ customer })
    expect(data.filter(({ billing_reason }) => billing_reason === 'subscription_update')).toHaveLength(1)
  })
})

onEachApp('a switch whose payment fails', (app) => {
  test('leaves the old plan, says why, and says where to pay', async () => {
    const { dues, subscribe, payWith, ask } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    await payWith(customer, 'pm_card_chargeCustomerFail')
    const response = await ask(id, '/switch', { plan: 'ent', interval: 'monthly' })
    expect(response.status).toBe(402)
    expect(await response.json()).toEqual({
      error: {
        code: 'payment_failed',
        message: expect.stringMatching(/declined.*You keep Professional\./),
        details: {
          payUrl: expect.stringMatching(/^http/),
          invoice: expect.stringMatching(/^in_/),
          declineCode: expect.any(String),
          stripeCode: 'card_declined',
        },
      },
    })
    expect(await dues.member(id)).toMatchObject({ plan: 'pro', state: 'active' })
  })

  test('can be made again with another card, and is charged once', async () => {
    const { dues, stripe, subscribe, payWith, settled } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    await payWith(customer, 'pm_card_chargeCustomerFail')
    await expect(dues.subscriptions.switchTo(id, 'ent', 'monthly')).rejects.toMatchObject({ code: 'payment_failed' })
    await payWith(customer, 'pm_card_mastercard')
    expect((await dues.subscriptions.switchTo(id, 'ent', 'monthly')).plan).toBe('ent')
    await settled()
    const { data } = await stripe.invoices.list({ customer })
    const updates = data.filter(({ billing_reason }) => billing_reason === 'subscription_update')
    expect(updates.map(({ status }) => status).sort()).toEqual(['paid', 'void'])
    expect((await dues.member(id)).plan).toBe('ent')
  })

  test('waits for the bank when it asks for 3D Secure, and happens when the invoice is paid', async () => {
    const { dues, stripe, subscribe, payWith, settled } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    await payWith(customer, 'pm_card_threeDSecure2Required')
    const refused = await dues.subscriptions.switchTo(id, 'ent', 'monthly').catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'action_required', details: { payUrl: expect.stringMatching(/^http/) } })
    expect((await dues.member(id)).plan).toBe('pro')
    await payWith(customer, 'pm_card_visa')
    await stripe.invoices.pay((refused as { details: { invoice: string } }).details.invoice)
    await settled()
    expect((await dues.member(id)).plan).toBe('ent')
  })
})

onEachApp('a switch is refused', (app) => {
  test('without a subscription', async () => {
    const { dues } = app()
    const { id } = anOwner()
    await expect(dues.subscriptions.preview(id, 'pro', 'monthly')).rejects.toMatchObject({ code: 'not_subscribed' })
    await expect(dues.subscriptions.switchTo(id, 'pro', 'monthly')).rejects.toMatchObject({ code: 'not_subscribed' })
  })

  test('to what somebody is on, and nothing is charged', async () => {
    const { dues, stripe, subscribe } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    await expect(dues.subscriptions.switchTo(id, 'pro', 'monthly')).rejects.toMatchObject({
      code: 'already_on_plan',
      message: 'You are on Professional, monthly, already. Nothing was changed.',
    })
    expect((await stripe.invoices.list({ customer })).data).toHaveLength(1)
  })

  test('with a date of the member’s own choosing', async () => {
    const { dues, subscribe, advance, now } = app()
    const { id } = anOwner()
    await subscribe(id, { plan: 'ent' })
    await advance({ days: 20 })
    for (const prorationDate of [now() - 20 * day, now() - 3601, now() + 3600, Number.NaN, 1.5])
      await expect(dues.subscriptions.switchTo(id, 'pro', 'monthly', { prorationDate })).rejects.toMatchObject({
        code: 'preview_expired',
      })
    expect((await dues.member(id)).plan).toBe('ent')
  })

  test('while a renewal is unpaid', async () => {
    const { dues, subscribe, payWith, advance } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    await payWith(customer, 'pm_card_chargeCustomerFail')
    await advance({ months: 1, days: 1 })
    expect((await dues.member(id)).pastDue()).toBe(true)
    await expect(dues.subscriptions.switchTo(id, 'ent', 'monthly')).rejects.toMatchObject({
      code: 'payment_failed',
      details: { status: 'past_due', payUrl: expect.stringMatching(/^http/) },
    })
  })
})

onEachApp('what a preview shows is what is charged', (app) => {
  test('for any change, at any time of the period, with any coupon', async () => {
    const { dues, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { subscription, customer } = await subscribe(id)
    const coupons = await Promise.all(
      [
        { percent_off: 33, duration: 'forever' } as const,
        { amount_off: 700, currency: 'usd', duration: 'once' } as const,
      ].map((coupon) => stripe.coupons.create(coupon)),
    )
    const steps = fc.record({
      offer: fc.constantFrom(['pro', 'monthly'], ['pro', 'yearly'], ['ent', 'monthly']),
      quantity: fc.integer({ min: 1, max: 7 }),
      hours: fc.integer({ min: 1, max: 100 }),
      coupon: fc.constantFrom(null, null, ...coupons.map((coupon) => coupon.id)),
      proration: fc.constantFrom('prorated', 'prorated', 'none'),
      storage: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
      support: fc.constantFrom(undefined, 0, 1),
    })
    await fc.assert(
      fc.asyncProperty(steps, async ({ offer: [plan, interval], quantity, hours, coupon, proration, ...wanted }) => {
        await advance({ seconds: hours * 3600 })
        const to = [plan, interval] as ['pro', 'monthly']
        const had = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
        const before = await dues.member(id)
        const addOns = plan === 'ent' ? { storage: wanted.storage } : wanted
        const then = { ...before.addOns, ...JSON.parse(JSON.stringify(addOns)), ...(plan === 'ent' && { support: 0 }) }
        const isSame = before.plan === plan && before.interval === interval && had.items.data[0]?.quantity === quantity
        fc.pre(!isSame || !isDeepStrictEqual(then, before.addOns))
        await stripe.subscriptions.update(subscription, { discounts: coupon === null ? '' : [{ coupon }] })
        const options = { when: 'now', quantity, proration, addOns } as const
        const preview = await dues.subscriptions.preview(id, ...to, options)
        const owing = await stripe.customers.retrieve(customer)
        const member = await dues.subscriptions.switchTo(id, ...to, {
          ...options,
          prorationDate: preview.prorationDate,
        })
        expect([member.addOns, preview.to.addOns]).toEqual([then, then])
        const { latest_invoice } = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
        if (typeof latest_invoice !== 'object' || typeof had.latest_invoice !== 'object')
          throw new Error('not expanded')
        const charged = latest_invoice?.id === had.latest_invoice?.id ? 0 : latest_invoice?.amount_paid
        expect(charged).toBe(preview.dueToday)
        const after = await stripe.customers.retrieve(customer)
        if (!('deleted' in owing) && !('deleted' in after) && preview.creditLeft > 0)
          expect(owing.balance - after.balance).toBe(preview.creditLeft)
      }),
      { numRuns: 30 },
    )
  })

  test('for any change that waits for the period’s end', async () => {
    const { dues, stripe, subscribe, advance, now } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id, { plan: 'ent' })
    const steps = fc.record({
      offer: fc.constantFrom(['pro', 'monthly'], ['ent', 'monthly'], ['pro', 'yearly']),
      quantity: fc.integer({ min: 1, max: 7 }),
      days: fc.integer({ min: 1, max: 20 }),
      storage: fc.integer({ min: 0, max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(steps, async ({ offer: [plan, interval], quantity, days, storage }) => {
        await advance({ days })
        const to = [plan, interval] as ['pro', 'monthly']
        const { items } = await stripe.subscriptions.retrieve(subscription)
        const [item] = items.data
        const isSame = item?.price.lookup_key === `dues_${plan}_${interval}` && item.quantity === quantity
        fc.pre(!isSame || (await dues.member(id)).addOns.storage !== storage)
        const options = { when: 'periodEnd', quantity, addOns: { storage } } as const
        const preview = await dues.subscriptions.preview(id, ...to, options)
        expect(preview).toMatchObject({ dueToday: 0, credit: 0, lines: [], nextInvoice: { at: preview.at } })
        await dues.subscriptions.switchTo(id, ...to, options)
        // An hour after the period began, Stripe finalizes its invoice.
        await advance({ seconds: preview.at.getTime() / 1000 - now() + 2 * 3600 })
        const after = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
        expect(after.latest_invoice).toMatchObject({ status: 'paid', amount_paid: preview.nextInvoice?.amount })
        expect(await dues.member(id)).toMatchObject({ plan, interval, addOns: { storage }, changesTo: null })
      }),
      { numRuns: 6 },
    )
  })
})
