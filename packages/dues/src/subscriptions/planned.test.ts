import { expect, test } from 'vitest'
import { anOwner, noAddOns, onEachApp } from '../../testing/app.ts'
import { until } from '../../testing/engine.ts'

onEachApp('a switch down', (app) => {
  test('waits for the end of the period that was paid for, and is seen until then', async () => {
    const { dues, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { customer, subscription } = await subscribe(id, { plan: 'ent' })
    await advance({ days: 10 })
    const { renewsAt } = await dues.member(id)
    const preview = await dues.subscriptions.preview(id, 'pro', 'monthly')
    expect(preview).toMatchObject({
      when: 'periodEnd',
      at: renewsAt,
      lines: [],
      credit: 0,
      dueToday: 0,
      creditLeft: 0,
      nextInvoice: { amount: 1900, at: renewsAt },
    })
    const member = await dues.subscriptions.switchTo(id, 'pro', 'monthly')
    const changesTo = { plan: 'pro', interval: 'monthly', addOns: noAddOns, at: renewsAt }
    expect(member).toMatchObject({ plan: 'ent', state: 'active', renewsAt, endsAt: null, changesTo })
    expect(member.toJSON().changesTo).toEqual({ ...changesTo, at: renewsAt?.toISOString() })
    expect((await stripe.invoices.list({ customer })).data).toHaveLength(1)
    expect((await dues.subscriptions.history(id)).map(({ type, after }) => [type, after?.changesTo])).toEqual([
      ['switchScheduled', changesTo],
      ['started', null],
    ])

    await advance({ days: 25 })
    expect(await dues.member(id)).toMatchObject({ plan: 'pro', interval: 'monthly', state: 'active', changesTo: null })
    const { latest_invoice } = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
    expect(latest_invoice).toMatchObject({ status: 'paid', amount_paid: 1900, billing_reason: 'subscription_cycle' })
    const types = (await dues.subscriptions.history(id)).map(({ type }) => type)
    expect(types.sort()).toEqual(['renewed', 'started', 'switchScheduled', 'switched'])
  })

  test('of the interval alone waits, too', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id, { interval: 'yearly' })
    const member = await dues.subscriptions.switchTo(id, 'pro', 'monthly')
    expect(member).toMatchObject({ interval: 'yearly', changesTo: { interval: 'monthly', at: member.renewsAt } })
  })

  test('goes on by itself after its first period, free of the schedule', async () => {
    const { dues, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id, { plan: 'ent' })
    await dues.subscriptions.switchTo(id, 'pro', 'monthly')
    await advance({ months: 1, days: 1 })
    await advance({ months: 1, days: 1 })
    expect(await stripe.subscriptions.retrieve(subscription)).toMatchObject({ status: 'active', schedule: null })
    expect(await dues.member(id)).toMatchObject({ plan: 'pro', state: 'active', changesTo: null })
  })

  test('keeps the member’s discount', async () => {
    const { dues, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { id: coupon } = await stripe.coupons.create({ percent_off: 50, duration: 'forever' })
    const { subscription } = await subscribe(id, { plan: 'ent', discounts: [{ coupon }] })
    expect((await dues.subscriptions.preview(id, 'pro', 'monthly')).nextInvoice?.amount).toBe(950)
    await dues.subscriptions.switchTo(id, 'pro', 'monthly')
    await advance({ months: 1, days: 1 })
    const { latest_invoice } = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
    expect(latest_invoice).toMatchObject({ amount_paid: 950 })
  })

  test('that is clicked twice at once, in two processes, and once more, is one', async () => {
    const { dues, other, stripe, subscribe } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id, { plan: 'ent' })
    await Promise.all([dues, other, dues].map((one) => one.subscriptions.switchTo(id, 'pro', 'monthly')))
    const member = await other.subscriptions.switchTo(id, 'pro', 'monthly')
    expect(member.changesTo?.plan).toBe('pro')
    const { data } = await stripe.subscriptionSchedules.list({ customer })
    expect(data.map(({ status, phases }) => [status, phases.length])).toEqual([['active', 2]])
    const history = await dues.subscriptions.history(id)
    expect(history.filter(({ type }) => type === 'switchScheduled')).toHaveLength(1)
  })

  test('can be planned otherwise: the last wish counts', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id, { plan: 'ent' })
    await dues.subscriptions.switchTo(id, 'pro', 'monthly')
    const member = await dues.subscriptions.switchTo(id, 'pro', 'yearly')
    expect(member.changesTo).toMatchObject({ plan: 'pro', interval: 'yearly' })
  })

  test('is made at once for somebody on trial, who has paid nothing yet', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id, { plan: 'ent', trial_period_days: 14 })
    const member = await dues.subscriptions.switchTo(id, 'pro', 'monthly')
    expect(member).toMatchObject({ plan: 'pro', state: 'trialing', changesTo: null })
  })

  test('cannot wait for the end of a membership that ends with it', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id, { plan: 'ent' })
    await dues.subscriptions.cancel(id)
    await expect(dues.subscriptions.switchTo(id, 'pro', 'monthly', { when: 'periodEnd' })).rejects.toMatchObject({
      code: 'membership_ending',
      status: 409,
    })
  })
})

onEachApp('a planned switch', (app) => {
  test('is taken back, twice at once as well, and leaves no trace', async () => {
    const { dues, other, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id, { plan: 'ent' })
    await dues.subscriptions.switchTo(id, 'pro', 'monthly')
    const members = await Promise.all([dues, other, dues].map((one) => one.subscriptions.undoSwitch(id)))
    expect(members.map(({ plan, changesTo }) => [plan, changesTo])).toEqual(members.map(() => ['ent', null]))
    expect((await stripe.subscriptions.retrieve(subscription)).schedule).toBeNull()
    const types = (await dues.subscriptions.history(id)).map(({ type }) => type)
    expect(types).toEqual(['switchUndone', 'switchScheduled', 'started'])
    await advance({ months: 1, days: 1 })
    expect(await dues.member(id)).toMatchObject({ plan: 'ent', state: 'active' })
    await expect(dues.subscriptions.undoSwitch(id)).rejects.toMatchObject({ code: 'nothing_to_undo', status: 409 })
  })

  test('can be planned again after it was taken back', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id, { plan: 'ent' })
    await dues.subscriptions.switchTo(id, 'pro', 'monthly')
    await dues.subscriptions.undoSwitch(id)
    expect((await dues.subscriptions.switchTo(id, 'pro', 'monthly')).changesTo?.plan).toBe('pro')
  })

  test('gives way to a switch that is made now', async () => {
    const { dues, subscribe, advance } = app()
    const { id } = anOwner()
    await subscribe(id)
    await dues.subscriptions.switchTo(id, 'pro', 'yearly', { when: 'periodEnd' })
    const member = await dues.subscriptions.switchTo(id, 'ent', 'monthly')
    expect(member).toMatchObject({ plan: 'ent', changesTo: null })
    await advance({ months: 1, days: 1 })
    expect(await dues.member(id)).toMatchObject({ plan: 'ent', interval: 'monthly' })
  })

  test('is said to be off when the switch that took its place was not paid', async () => {
    const { dues, subscribe, payWith } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    await dues.subscriptions.switchTo(id, 'pro', 'yearly', { when: 'periodEnd' })
    await payWith(customer, 'pm_card_chargeCustomerFail')
    await expect(dues.subscriptions.switchTo(id, 'ent', 'monthly')).rejects.toMatchObject({
      code: 'payment_failed',
      message: expect.stringContaining('is not planned any more'),
    })
    expect(await dues.member(id)).toMatchObject({ plan: 'pro', interval: 'monthly', changesTo: null })
  })

  test('goes with a cancellation, and does not come back with it', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id, { plan: 'ent' })
    await dues.subscriptions.switchTo(id, 'pro', 'monthly')
    const cancelled = await dues.subscriptions.cancel(id)
    expect(cancelled).toMatchObject({ plan: 'ent', changesTo: null })
    expect(cancelled.cancelling()).toBe(true)
    expect(await dues.subscriptions.resume(id)).toMatchObject({ plan: 'ent', changesTo: null, endsAt: null })
  })

  test('ends with a membership that is ended now', async () => {
    const { dues, stripe, subscribe } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id, { plan: 'ent' })
    await dues.subscriptions.switchTo(id, 'pro', 'monthly')
    expect(await dues.subscriptions.cancel(id, { when: 'now' })).toMatchObject({ state: 'canceled', changesTo: null })
    const { data } = await stripe.subscriptionSchedules.list({ customer })
    expect(data.map(({ status }) => status)).not.toContain('active')
  })

  test('in place of another that is planned is previewed by itself, and is what is charged then', async () => {
    const { dues, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id, { plan: 'ent' })
    await dues.subscriptions.switchTo(id, 'pro', 'monthly')
    const options = { when: 'periodEnd', quantity: 3 } as const
    const { nextInvoice } = await dues.subscriptions.preview(id, 'pro', 'monthly', options)
    expect(nextInvoice?.amount).toBe(3 * 1900)
    await dues.subscriptions.switchTo(id, 'pro', 'monthly', options)
    await advance({ months: 1, days: 1 })
    const { latest_invoice } = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
    expect(latest_invoice).toMatchObject({ status: 'paid', amount_paid: 3 * 1900 })
  })

  test('takes up seats and add-ons that two processes add at one moment, now or for then', async () => {
    const { dues, other, stripe, subscribe } = app()
    const { data: prices } = await stripe.prices.list({ limit: 100 })
    const names = new Map(prices.map(({ id, lookup_key }) => [id, lookup_key]))
    for (const when of ['now', 'periodEnd', 'now', 'periodEnd'] as const) {
      const { id } = anOwner()
      const { subscription } = await subscribe(id, { plan: 'ent' })
      await dues.subscriptions.switchTo(id, 'pro', 'monthly')
      await Promise.all([
        dues.subscriptions.setQuantity(id, 3),
        other.subscriptions.setAddOns(id, { storage: 2 }, { when }),
      ])
      const { items, schedule } = await stripe.subscriptions.retrieve(subscription, { expand: ['schedule'] })
      const then = typeof schedule === 'object' ? schedule?.phases[1]?.items : undefined
      expect({
        when,
        now: items.data.map(({ price, quantity }) => `${price.lookup_key} ${quantity}`).sort(),
        planned: then?.map(({ price, quantity }) => `${names.get(String(price))} ${quantity}`).sort(),
      }).toEqual({
        when,
        now: [...(when === 'now' ? ['dues_addon_storage_monthly 2'] : []), 'dues_ent_monthly 3'],
        planned: ['dues_addon_storage_monthly 2', 'dues_pro_monthly 3'],
      })
    }
  })

  test('made in the dashboard is seen by its events alone, and is taken back like one of ours', async () => {
    const { dues, stripe, subscribe, settled } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id, { plan: 'ent' })
    const { data } = await stripe.prices.list({ lookup_keys: ['dues_pro_yearly'] })
    const schedule = await stripe.subscriptionSchedules.create({ from_subscription: subscription })
    const [current] = schedule.phases
    if (!current) throw new Error('no phase')
    const { start_date, end_date } = current
    await stripe.subscriptionSchedules.update(schedule.id, {
      phases: [
        { start_date, end_date, items: current.items.map(({ price }) => ({ price: String(price) })) },
        { items: data.map(({ id: price }) => ({ price })), duration: { interval: 'year' } },
      ],
    })
    await settled()
    expect((await dues.member(id)).changesTo).toEqual({
      plan: 'pro',
      interval: 'yearly',
      addOns: noAddOns,
      at: new Date(end_date * 1000),
    })
    await stripe.subscriptionSchedules.release(schedule.id)
    await settled()
    expect((await dues.member(id)).changesTo).toBeNull()
  })

  test('that no event told of is found by reconcile', async () => {
    const { dues, stripe, subscribe, settled, query } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id, { plan: 'ent' })
    const { changesTo } = await dues.subscriptions.switchTo(id, 'pro', 'monthly')
    await settled()
    let found: unknown
    // A fetch that its own events have asked for may be quicker to mend it; there are only so many.
    await until(async () => {
      await query(`update dues.subscription set scheduled = null, schedule = null where id = '${subscription}'`)
      found = (await dues.reconcile()).drift.find(({ object }) => object === subscription)
      return found !== undefined
    }, 'reconcile finds what is not there')
    expect(found).toMatchObject({ mended: true, difference: { scheduled: expect.anything() } })
    expect((await dues.member(id)).changesTo).toEqual(changesTo)
    expect((await stripe.subscriptions.retrieve(subscription)).schedule).not.toBeNull()
  })
})
