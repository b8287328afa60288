import { describe, expect, it } from 'vitest'
import { at, openShop } from '../../testing/business.ts'
import { refusalOf } from '../../testing/client.ts'

describe('a test clock', () => {
  it('advances, and is ready when everything of that time has happened', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 1900 })
    await shop.subscribe([{ price: price.id }])
    const clock = shop.customer.test_clock as string
    const advancing = await shop.stripe.testHelpers.testClocks.advance(clock, { frozen_time: at('2026-03-01') })
    expect(advancing).toMatchObject({
      status: 'advancing',
      status_details: { advancing: { target_frozen_time: at('2026-03-01') } },
    })
    await shop.advance('2026-03-01')
    expect(await shop.stripe.testHelpers.testClocks.retrieve(clock)).toMatchObject({
      status: 'ready',
      frozen_time: at('2026-03-01'),
      status_details: {},
    })
    expect(await shop.invoices()).toHaveLength(3)
    const { data } = await shop.stripe.events.list({ type: 'test_helpers.test_clock.ready' })
    expect(data.length).toBeGreaterThan(0)
  })

  it('dates what it causes', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 1900 })
    await shop.subscribe([{ price: price.id }])
    await shop.advance('2026-02-02')
    const event = await shop.lastEvent('invoice.paid')
    expect(event).toMatchObject({ created: at('2026-02-01T01:00:00'), request: { id: null, idempotency_key: null } })
    const { data } = await shop.stripe.charges.list({ customer: shop.customer.id })
    expect(data[0]?.created).toBe(at('2026-02-01T01:00:00'))
  })

  it('goes on, not back, and at most two intervals at a time', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 1900 })
    await shop.subscribe([{ price: price.id }])
    const to = (date: string) =>
      shop.stripe.testHelpers.testClocks.advance(shop.customer.test_clock as string, { frozen_time: at(date) })
    expect((await refusalOf(to('2025-12-31'))).param).toBe('frozen_time')
    expect((await refusalOf(to('2026-03-02'))).param).toBe('frozen_time')
    expect((await to('2026-03-01')).status).toBe('advancing')
  })

  it('takes its customers with it', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 1900 })
    const { id } = await shop.subscribe([{ price: price.id }])
    await shop.stripe.testHelpers.testClocks.del(shop.customer.test_clock as string)
    expect((await refusalOf(shop.stripe.customers.retrieve(shop.customer.id))).status).toBe(404)
    expect((await refusalOf(shop.stripe.subscriptions.retrieve(id))).status).toBe(404)
  })

  it('hides its customers from lists that do not ask for them', async () => {
    const shop = await openShop()
    const price = await shop.price({ unit_amount: 1900 })
    const { id } = await shop.subscribe([{ price: price.id }])
    const test_clock = shop.customer.test_clock as string
    expect((await shop.stripe.subscriptions.list()).data).toEqual([])
    expect((await shop.stripe.subscriptions.list({ test_clock })).data.map((each) => each.id)).toEqual([id])
  })
})
