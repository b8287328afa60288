import { describe, expect, it } from 'vitest'
import { openShop } from '../../testing/business.ts'
import { refusalOf } from '../../testing/client.ts'

async function subscribed() {
  const shop = await openShop()
  const month = await shop.price({ unit_amount: 2500 })
  const seat = await shop.priceOf('Seat', { unit_amount: 1000 })
  const subscription = await shop.subscribe([{ price: month.id }])
  return { ...shop, seat, subscription: subscription.id, item: subscription.items.data[0]?.id ?? '' }
}

describe('items of a subscription', () => {
  it('are added, changed and removed by themselves, and their subscription is updated', async () => {
    const { stripe, subscription, seat, eventsOf } = await subscribed()
    const events = await eventsOf(async () => {
      const added = await stripe.subscriptionItems.create({ subscription, price: seat.id, quantity: 2 })
      expect(added).toMatchObject({ object: 'subscription_item', subscription, quantity: 2, price: { id: seat.id } })
      expect(await stripe.subscriptionItems.update(added.id, { quantity: 3 })).toMatchObject({
        id: added.id,
        quantity: 3,
      })
      expect(await stripe.subscriptionItems.del(added.id)).toEqual({
        id: added.id,
        object: 'subscription_item',
        deleted: true,
      })
    })
    expect(events.filter((type) => type === 'customer.subscription.updated')).toHaveLength(3)
  })

  it('are listed in their order, page by page', async () => {
    const { stripe, subscription, seat, item } = await subscribed()
    const added = await stripe.subscriptionItems.create({ subscription, price: seat.id })
    const first = await stripe.subscriptionItems.list({ subscription, limit: 1 })
    expect(first.has_more).toBe(true)
    const all = await stripe.subscriptionItems.list({ subscription }).autoPagingToArray({ limit: 10 })
    expect(all.map(({ id }) => id).toSorted()).toEqual([item, added.id].toSorted())
  })

  it('that are not there are a 404', async () => {
    const { stripe } = await subscribed()
    expect((await refusalOf(stripe.subscriptionItems.retrieve('si_missing'))).status).toBe(404)
  })
})
