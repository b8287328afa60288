import { expect, test } from 'vitest'
import { createCatalogue } from '../catalogue/catalogue.ts'
import { usd } from '../money.ts'
import { addOnItems, type Beside } from './add-on-items.ts'

const metered = { monthly: { ...usd(1), meter: 'calls' }, yearly: { ...usd(1), meter: 'calls' } }
const prices = { monthly: usd(5), yearly: usd(50) }
const catalogue = createCatalogue(
  { pro: { name: 'Professional', prices }, ent: { name: 'Enterprise', prices } },
  { addOns: { storage: { name: 'Storage', prices }, calls: { name: 'Calls', prices: metered, plans: ['pro'] } } },
)
catalogue.learn(
  catalogue.addOnOffers.map((offer) => ({ offer, id: `${offer.addOn} ${offer.interval}`, product: offer.addOn })),
)

const monthly: Beside = { plan: 'pro', interval: 'monthly', moves: false, another: false }
const item = (id: string, product: string, price: string, quantity: number | null) => ({ id, product, price, quantity })
const storage = item('si_1', 'storage', 'storage monthly', 2)
const calls = item('si_2', 'calls', 'calls monthly', null)

test('what a meter counts comes without a quantity, and stays without one', () => {
  expect(addOnItems(catalogue, [], monthly, { calls: 1, storage: 2 })).toEqual([
    { id: null, price: 'calls monthly', quantity: null },
    { id: null, price: 'storage monthly', quantity: 2 },
  ])
  expect(addOnItems(catalogue, [calls], { ...monthly, interval: 'yearly', moves: true })).toEqual([
    { id: 'si_2', price: 'calls yearly', quantity: null },
  ])
  expect(addOnItems(catalogue, [calls], monthly, { calls: 1 })).toEqual([
    { id: 'si_2', price: 'calls monthly', quantity: null },
  ])
})

test('two items of one add-on stay two, until somebody says how many there shall be', () => {
  const older = item('si_9', 'storage', 'price_older', 1)
  expect(addOnItems(catalogue, [storage, older], monthly).map(({ id }) => id)).toEqual(['si_1', 'si_9'])
  expect(addOnItems(catalogue, [storage, older], monthly, { storage: 4 })).toEqual([
    { id: 'si_1', price: 'storage monthly', quantity: 4 },
  ])
})

test('another plan takes along what it may have, and nothing else', () => {
  const ent: Beside = { ...monthly, plan: 'ent', another: true }
  expect(addOnItems(catalogue, [storage, calls], ent).map(({ id }) => id)).toEqual(['si_1'])
  expect(() => addOnItems(catalogue, [storage, calls], ent, { calls: 1 })).toThrow(
    expect.objectContaining({ code: 'add_on_unavailable' }),
  )
})

test('what is not sold beside a plan any more stays beside it, and may become fewer and never more', () => {
  const ent: Beside = { ...monthly, plan: 'ent' }
  const held = item('si_3', 'calls', 'price_older', 3)
  expect(addOnItems(catalogue, [held], ent, { storage: 1 })).toEqual([
    { id: 'si_3', price: 'price_older', quantity: 3 },
    { id: null, price: 'storage monthly', quantity: 1 },
  ])
  expect(addOnItems(catalogue, [held], ent, { calls: 1 })).toEqual([{ id: 'si_3', price: 'price_older', quantity: 1 }])
  const none = createCatalogue(
    { pro: { name: 'Professional', prices }, ent: { name: 'Enterprise', prices } },
    { addOns: { storage: { name: 'Storage', prices, plans: ['pro'] } } },
  )
  expect(() => addOnItems(none, [item('si_1', 'dues_addon_storage', 'price_1', 2)], ent, { storage: 3 })).toThrow(
    'Enterprise is not sold with Storage. Professional is.',
  )
})
