import { expect, test } from 'vitest'
import { anOwner, onEachApp } from '../../testing/app.ts'

onEachApp('a pause', (app) => {
  test('charges nothing and gives no access for as long as it lasts', async () => {
    const { dues, stripe, subscribe, advance } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    const member = await dues.subscriptions.pause(id)
    expect(member).toMatchObject({ plan: 'free', state: 'paused', renewsAt: null })
    expect([member.paused(), member.subscribed()]).toEqual([true, false])
    await advance({ months: 3 })
    expect((await stripe.invoices.list({ customer })).data).toHaveLength(1)
    expect((await dues.member(id)).paused()).toBe(true)
  })

  test('is over when the member says so, and the time that was left pays for the time after', async () => {
    const { dues, stripe, subscribe, advance, now } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id)
    await advance({ days: 10 })
    await dues.subscriptions.pause(id)
    await advance({ days: 45 })
    const member = await dues.subscriptions.unpause(id)
    expect(member).toMatchObject({ plan: 'pro', state: 'active' })
    expect(member.renewsAt?.getTime()).toBeGreaterThan((now() + 27 * 86_400) * 1000)
    const { latest_invoice } = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
    const paid = (latest_invoice as { amount_paid: number }).amount_paid
    // About 20 of 30 days were left of 19 dollars.
    expect(paid).toBeGreaterThan(500)
    expect(paid).toBeLessThan(800)
    expect((await dues.subscriptions.history(id)).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['paused', 'resumed']),
    )
  })

  test('can give up what was left of the period', async () => {
    const { dues, stripe, subscribe } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id)
    await dues.subscriptions.pause(id, { unused: 'none' })
    await dues.subscriptions.unpause(id)
    const { latest_invoice } = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
    expect(latest_invoice).toMatchObject({ amount_paid: 1900 })
  })

  test('and its end, each clicked twice at once in two processes and once more, are one', async () => {
    const { dues, other, stripe, subscribe } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    await Promise.all([dues, other, dues].map((one) => one.subscriptions.pause(id)))
    expect((await other.subscriptions.pause(id)).paused()).toBe(true)
    await Promise.all([dues, other, dues].map((one) => one.subscriptions.unpause(id)))
    expect((await other.subscriptions.unpause(id)).state).toBe('active')
    const { data } = await stripe.invoices.list({ customer })
    expect(data.filter(({ status }) => status === 'paid')).toHaveLength(2)
    const types = (await dues.subscriptions.history(id)).map(({ type }) => type)
    expect(types.filter((type) => type === 'paused' || type === 'resumed').sort()).toEqual(['paused', 'resumed'])
  })

  test('goes on while the payment for its end fails, and says where to pay', async () => {
    const { dues, subscribe, payWith } = app()
    const { id } = anOwner()
    const { customer } = await subscribe(id)
    await dues.subscriptions.pause(id, { unused: 'none' })
    await payWith(customer, 'pm_card_chargeCustomerFail')
    await expect(dues.subscriptions.unpause(id)).rejects.toMatchObject({
      code: 'payment_failed',
      details: { payUrl: expect.stringMatching(/^http/) },
    })
    expect((await dues.member(id)).paused()).toBe(true)
    await payWith(customer, 'pm_card_visa')
    expect((await dues.subscriptions.unpause(id)).state).toBe('active')
  })

  test('takes a planned switch away', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id, { plan: 'ent' })
    await dues.subscriptions.switchTo(id, 'pro', 'monthly')
    expect(await dues.subscriptions.pause(id)).toMatchObject({ state: 'paused', changesTo: null })
    expect(await dues.subscriptions.unpause(id)).toMatchObject({ plan: 'ent', changesTo: null })
  })

  test('of the collection alone, set in the dashboard, is taken back as well', async () => {
    const { dues, stripe, subscribe, settled } = app()
    const { id } = anOwner()
    const { subscription } = await subscribe(id)
    await stripe.subscriptions.update(subscription, { pause_collection: { behavior: 'void' } })
    await settled()
    await dues.subscriptions.unpause(id)
    expect((await stripe.subscriptions.retrieve(subscription)).pause_collection).toBeNull()
  })

  test('is refused where there is nothing to pause, or the membership ends; its end, where there is none', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await expect(dues.subscriptions.pause(id)).rejects.toMatchObject({ code: 'not_subscribed' })
    await subscribe(id)
    await expect(dues.subscriptions.unpause(id)).rejects.toMatchObject({ code: 'not_paused' })
    await dues.subscriptions.cancel(id)
    await expect(dues.subscriptions.pause(id)).rejects.toMatchObject({ code: 'membership_ending' })
  })

  test('keeps a switch from being made until it is over', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id)
    await dues.subscriptions.pause(id)
    await expect(dues.subscriptions.switchTo(id, 'ent', 'monthly')).rejects.toMatchObject({ code: 'membership_paused' })
  })
})
