import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createWorld } from '../../testing/world.ts'

const day = 86_400

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) }))
afterEach(() => void vi.useRealTimers())

describe('moving a clock on', () => {
  it('lets things happen in the order of their time, each at its own', () => {
    const world = createWorld()
    const monthly = world.price(1900)
    const weekly = world.price(500, { interval: 'week' })
    for (const price of [monthly, weekly]) world.subscribe({ customer: world.customer(), items: [{ price }] })
    world.wait(40 * day)
    const created = world.account.store.all('event').map((event) => event.created)
    expect(created).toEqual(created.toSorted((a, b) => a - b))
    expect(world.account.clock.now()).toBe(Date.UTC(2026, 1, 10) / 1000)
  })

  it('dates nothing before what has already happened', () => {
    const world = createWorld()
    const monthly = world.price(1900)
    const weekly = world.price(500, { interval: 'week' })
    const { id, items } = world.subscribe({ customer: world.customer(), items: [{ price: monthly }] })
    world.wait(6 * day)
    world.update(id, { items: [{ id: items.data[0]?.id ?? '', price: weekly }] })
    const before = world.account.clock.now()
    const events = world.account.store.size('event')
    world.wait(1)
    const later = world.account.store.all('event').slice(events)
    expect(later.every((event) => event.created >= before)).toBe(true)
  })

  it('leaves the clock where it was told to when nothing happens', () => {
    const world = createWorld()
    world.wait(365 * day)
    expect(world.account.clock.now()).toBe(Date.UTC(2027, 0, 1) / 1000)
    expect(world.account.store.all('event')).toEqual([])
  })
})
