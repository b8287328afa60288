import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anOwner, onEachApp } from '../../testing/app.ts'

/** A period begins with the second in which Stripe was told, which is a moment after the one that was shown; a machine may be busy in between. */
const whileConfirming = 60
const secondsBetween = (shown: Date | null | undefined, made: Date | null): number =>
  shown && made ? Math.abs(made.getTime() - shown.getTime()) / 1000 : Number.NaN

onEachApp(
  'another number of seats',
  (app) => {
    test('is charged now where it is more, to the cent of what was shown, and waits where it is less', async () => {
      const { dues, stripe, subscribe, advance } = app()
      const { id } = anOwner()
      const { subscription } = await subscribe(id)
      await advance({ days: 10 })
      const preview = await dues.subscriptions.previewQuantity(id, 5)
      expect(preview).toMatchObject({ when: 'now', to: { plan: 'pro', interval: 'monthly', quantity: 5 } })
      await dues.subscriptions.setQuantity(id, 5, { prorationDate: preview.prorationDate })
      const { latest_invoice, items } = await stripe.subscriptions.retrieve(subscription, {
        expand: ['latest_invoice'],
      })
      expect(items.data[0]?.quantity).toBe(5)
      expect(latest_invoice).toMatchObject({ amount_paid: preview.dueToday, status: 'paid' })
      const fewer = await dues.subscriptions.previewQuantity(id, 4)
      expect(fewer).toMatchObject({ when: 'periodEnd', dueToday: 0, nextInvoice: { amount: 4 * 1900 } })
      await dues.subscriptions.setQuantity(id, 4)
      expect((await stripe.subscriptions.retrieve(subscription)).items.data[0]?.quantity).toBe(5)
      await advance({ months: 1 })
      expect((await stripe.subscriptions.retrieve(subscription)).items.data[0]?.quantity).toBe(4)
      const types = (await dues.subscriptions.history(id)).map(({ type }) => type)
      expect(types.filter((type) => type === 'quantityChanged')).toHaveLength(2)
    })

    test('below what is in use is refused, and nothing was changed', async () => {
      const { dues, subscribe } = app()
      const { id } = anOwner()
      await subscribe(id)
      await dues.subscriptions.setQuantity(id, 5)
      await expect(dues.subscriptions.setQuantity(id, 2)).rejects.toMatchObject({
        code: 'seat_below_usage',
        status: 409,
        details: { used: 3, wanted: 2 },
      })
      for (const quantity of [0, -1, 1.5, Number.NaN])
        await expect(dues.subscriptions.setQuantity(id, quantity)).rejects.toMatchObject({ code: 'bad_request' })
      expect((await dues.member(id)).changesTo).toBeNull()
    })

    test('leaves a planned switch planned, for as many', async () => {
      const { dues, stripe, subscribe, advance } = app()
      const { id } = anOwner()
      const { subscription } = await subscribe(id, { plan: 'ent' })
      await dues.subscriptions.switchTo(id, 'pro', 'monthly')
      const member = await dues.subscriptions.setQuantity(id, 3)
      expect(member.changesTo).toMatchObject({ plan: 'pro', interval: 'monthly' })
      await advance({ months: 1, days: 1 })
      const { items } = await stripe.subscriptions.retrieve(subscription)
      expect(items.data.map(({ price, quantity }) => [price.lookup_key, quantity])).toEqual([['dues_pro_monthly', 3]])
    })

    test('clicked twice is charged once', async () => {
      const { dues, other, stripe, subscribe } = app()
      const { id } = anOwner()
      const { customer } = await subscribe(id)
      const { prorationDate } = await dues.subscriptions.previewQuantity(id, 4)
      await Promise.all([dues, other].map((one) => one.subscriptions.setQuantity(id, 4, { prorationDate })))
      await other.subscriptions.setQuantity(id, 4, { prorationDate })
      expect((await stripe.invoices.list({ customer })).data).toHaveLength(2)
    })
  },
  { seatsInUse: () => 3 },
)

onEachApp('a switch that is told how to be billed', (app) => {
  test('can be charged with the next invoice, as the preview shows it', async () => {
    const { dues, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id)
    await advance({ days: 10 })
    const options = { charge: 'nextInvoice' } as const
    const preview = await dues.subscriptions.preview(id, 'ent', 'monthly', options)
    expect(preview).toMatchObject({ dueToday: 0, creditLeft: 0 })
    expect(preview.lines).toHaveLength(2)
    await dues.subscriptions.switchTo(id, 'ent', 'monthly', { ...options, prorationDate: preview.prorationDate })
    await advance({ months: 1 })
    const { latest_invoice } = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
    expect(latest_invoice).toMatchObject({ amount_paid: preview.nextInvoice?.amount, status: 'paid' })
  })

  test('can begin a period anew, and costs what the preview showed', async () => {
    const { dues, stripe, subscribe, advance, now } = app()
    for (const proration of ['prorated', 'none'] as const) {
      const { id } = anOwner()
      const { subscription } = await subscribe(id)
      await advance({ days: 10 })
      const options = { anchor: 'now', proration } as const
      const { dueToday, credit, nextInvoice, prorationDate } = await dues.subscriptions.preview(
        id,
        'ent',
        'monthly',
        options,
      )
      expect(credit > 0).toBe(proration === 'prorated')
      expect(dueToday).toBe(9900 - credit)
      const member = await dues.subscriptions.switchTo(id, 'ent', 'monthly', { ...options, prorationDate })
      expect(secondsBetween(nextInvoice?.at, member.renewsAt)).toBeLessThan(whileConfirming)
      expect((member.renewsAt?.getTime() ?? 0) / 1000 - now()).toBeGreaterThan(27 * 86_400)
      const { latest_invoice } = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
      expect(latest_invoice).toMatchObject({ amount_paid: dueToday })
      expect(nextInvoice?.amount).toBe(9900)
    }
  })

  test('of seats can begin a period anew, too', async () => {
    const { dues, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id)
    await advance({ days: 10 })
    const { dueToday, credit, nextInvoice, prorationDate } = await dues.subscriptions.previewQuantity(id, 3, {
      anchor: 'now',
    })
    expect(dueToday).toBe(3 * 1900 - credit)
    const member = await dues.subscriptions.setQuantity(id, 3, { anchor: 'now', prorationDate })
    expect(secondsBetween(nextInvoice?.at, member.renewsAt)).toBeLessThan(whileConfirming)
    const { latest_invoice, items } = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
    expect(latest_invoice).toMatchObject({ amount_paid: dueToday })
    expect(items.data[0]?.quantity).toBe(3)
    expect((items.data[0]?.current_period_start ?? 0) - prorationDate).toBeLessThan(whileConfirming)
  })

  test('begins no period anew where it waits for the next', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id)
    await expect(
      dues.subscriptions.switchTo(id, 'ent', 'monthly', { when: 'periodEnd', anchor: 'now' }),
    ).rejects.toMatchObject({ code: 'bad_request' })
  })

  test('can be without prorations: nothing for what is left of this period', async () => {
    const { dues, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    await advance({ days: 10 })
    expect(await dues.subscriptions.preview(id, 'ent', 'monthly', { proration: 'none' })).toMatchObject({
      dueToday: 0,
      lines: [],
      nextInvoice: { amount: 9900 },
    })
    const member = await dues.subscriptions.switchTo(id, 'ent', 'monthly', { proration: 'none' })
    expect(member.plan).toBe('ent')
    expect((await stripe.invoices.list({ customer })).data).toHaveLength(1)
  })
})

onEachApp('a new period with nothing else changed', (app) => {
  test('costs what the preview showed, whatever day it is, and all to come are counted from it', async () => {
    const { dues, stripe, subscribe, advance, now } = app()
    const starting = now()
    // Less than the least that Stripe charges would go onto the next invoice: so a day at least.
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seconds: fc.integer({ min: 86_400, max: 3 * 86_400 }),
          proration: fc.constantFrom('prorated', 'none'),
        }),
        async ({ seconds, proration }) => {
          const { id } = anOwner()
          const { subscription } = await subscribe(id)
          await advance({ seconds })
          const shown = await dues.subscriptions.previewAnchor(id, { proration })
          expect(shown).toMatchObject({ when: 'now', to: { plan: 'pro', interval: 'monthly', quantity: 1 } })
          expect(shown.dueToday).toBe(1900 - shown.credit)
          expect(shown.credit > 0).toBe(proration === 'prorated')
          const { prorationDate } = shown
          const member = await dues.subscriptions.resetAnchor(id, { proration, prorationDate })
          expect(secondsBetween(shown.nextInvoice?.at, member.renewsAt)).toBeLessThan(whileConfirming)
          const made = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
          expect(made.latest_invoice).toMatchObject({ status: 'paid', amount_paid: shown.dueToday })
          expect(made.billing_cycle_anchor).toBeGreaterThanOrEqual(prorationDate)
          expect(made.billing_cycle_anchor - prorationDate).toBeLessThan(whileConfirming)
        },
      ),
      { numRuns: 6 },
    )
    expect(now()).toBeGreaterThan(starting)
  })

  test('clicked twice is begun once, and a planned change waits for its end', async () => {
    const { dues, other, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id, { plan: 'ent' })
    await dues.subscriptions.switchTo(id, 'pro', 'monthly')
    await advance({ days: 10 })
    const { prorationDate } = await dues.subscriptions.previewAnchor(id)
    const click = (one: typeof dues) => one.subscriptions.resetAnchor(id, { prorationDate })
    await Promise.all([dues, other].map(click))
    const member = await click(other)
    expect(member).toMatchObject({ plan: 'ent', changesTo: { plan: 'pro', at: member.renewsAt } })
    expect((await stripe.invoices.list({ customer })).data).toHaveLength(2)
    await dues.subscriptions.resetAnchor(id)
    expect((await stripe.invoices.list({ customer })).data).toHaveLength(2)
  })

  test('that cannot be paid leaves the old one as it was; on trial there is none to begin', async () => {
    const { dues, subscribe, advance, payWith } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    const { renewsAt } = await dues.member(id)
    await advance({ days: 2 })
    await payWith(customer, 'pm_card_chargeCustomerFail')
    await expect(dues.subscriptions.resetAnchor(id)).rejects.toMatchObject({ code: 'payment_failed' })
    expect((await dues.member(id)).renewsAt).toEqual(renewsAt)
    const { id: trying } = anOwner()
    await subscribe(trying, { trial_period_days: 14 })
    await expect(dues.subscriptions.resetAnchor(trying)).rejects.toMatchObject({ code: 'bad_request' })
  })
})

onEachApp('a trial', (app) => {
  test('is made longer and shorter, and is charged when it ends', async () => {
    const { dues, subscribe, advance, now } = app()
    const { id } = anOwner()
    await subscribe(id, { trial_period_days: 14 })
    const until = new Date((now() + 30 * 86_400) * 1000)
    expect(await dues.subscriptions.moveTrialEnd(id, until)).toMatchObject({ state: 'trialing', trialEndsAt: until })
    const sooner = new Date((now() + 5 * 86_400) * 1000)
    expect(await dues.subscriptions.moveTrialEnd(id, sooner)).toMatchObject({ trialEndsAt: sooner })
    await advance({ days: 6 })
    expect(await dues.member(id)).toMatchObject({ state: 'active' })
    expect((await dues.subscriptions.history(id)).filter(({ type }) => type === 'trialChanged')).toHaveLength(2)
  })

  test('is ended now and charged, once, however often it is clicked', async () => {
    const { dues, other, stripe, subscribe } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id, { trial_period_days: 14 })
    await Promise.all([dues, other, dues].map((one) => one.subscriptions.endTrial(id)))
    expect((await other.subscriptions.endTrial(id)).state).toBe('active')
    const { data } = await stripe.invoices.list({ customer })
    expect(data.map(({ amount_paid }) => amount_paid).sort()).toEqual([0, 1900])
  })

  test('goes on when the card is declined', async () => {
    const { dues, subscribe, payWith } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id, { trial_period_days: 14 })
    await payWith(customer, 'pm_card_chargeCustomerFail')
    await expect(dues.subscriptions.endTrial(id)).rejects.toMatchObject({ code: 'payment_failed' })
    expect((await dues.member(id)).trialing()).toBe(true)
  })

  test('that is none, and a day that is past, are refused', async () => {
    const { dues, subscribe, now } = app()
    const { id } = anOwner()
    await subscribe(id)
    const later = new Date((now() + 86_400) * 1000)
    await expect(dues.subscriptions.moveTrialEnd(id, later)).rejects.toMatchObject({ code: 'not_on_trial' })
    await expect(dues.subscriptions.moveTrialEnd(id, new Date(0))).rejects.toMatchObject({ code: 'bad_request' })
    await expect(dues.subscriptions.endTrial(anOwner().id)).rejects.toMatchObject({ code: 'not_on_trial' })
  })
})

onEachApp('a discount', (app) => {
  test('by a promotion code, however it is written around, lowers the next invoice, and can be taken away', async () => {
    const { dues, stripe, subscribe } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id)
    const coupon = await stripe.coupons.create({ percent_off: 50, duration: 'forever' })
    const code = `HALF${id.replace('_', '')}`
    await stripe.promotionCodes.create({ code, promotion: { type: 'coupon', coupon: coupon.id } })
    await dues.subscriptions.applyDiscount(id, { promotionCode: ` ${code} ` })
    expect((await stripe.invoices.createPreview({ subscription })).total).toBe(950)
    await dues.subscriptions.removeDiscount(id)
    await dues.subscriptions.removeDiscount(id)
    expect((await stripe.invoices.createPreview({ subscription })).total).toBe(1900)
  })

  test('by a coupon leaves a planned switch planned, and goes on with it', async () => {
    const { dues, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id, { plan: 'ent' })
    const { id: coupon } = await stripe.coupons.create({ percent_off: 50, duration: 'forever' })
    await dues.subscriptions.switchTo(id, 'pro', 'monthly')
    expect((await dues.subscriptions.applyDiscount(id, { coupon })).changesTo?.plan).toBe('pro')
    await advance({ months: 1, days: 1 })
    const { latest_invoice } = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
    expect(latest_invoice).toMatchObject({ amount_paid: 950 })
  })

  test('that there is not, or not any more, is refused', async () => {
    const { dues, stripe, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id)
    for (const discount of [{ promotionCode: 'NOSUCH' }, { promotionCode: ' ' }, { coupon: 'nosuch' }])
      await expect(dues.subscriptions.applyDiscount(id, discount)).rejects.toMatchObject({
        code: 'discount_invalid',
        status: 422,
      })
    expect(stripe).toBeDefined()
  })
})
