import { describe, expect, test } from 'vitest'
import { anOwner, onEachApp } from '../../testing/app.ts'

onEachApp('a counted feature', (app) => {
  const limit = 100

  test('is counted up to the limit, and then refused with when there is more', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id)
    const member = await dues.member(id)
    expect(await member.use('projects', 98)).toEqual({ used: 98, limit, remaining: 2, resetsAt: member.renewsAt })
    await expect(member.use('projects', 3)).rejects.toMatchObject({
      code: 'limit_reached',
      status: 402,
      details: { feature: 'projects', asked: 3, used: 98, limit, remaining: 2 },
    })
    expect(await member.remaining('projects')).toBe(2)
    expect((await member.use('projects', 2)).remaining).toBe(0)
    await expect(member.use('projects')).rejects.toThrow(/^All 100 projects are used\. There are more from /)
  })

  test('without a limit is counted all the same', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id, { plan: 'ent' })
    const used = await dues.usage.use(id, 'projects', 1_000_000)
    expect(used).toMatchObject({ used: 1_000_000, limit: Infinity, remaining: Infinity })
  })

  test('of the free plan has the months of the calendar', async () => {
    const { dues, now } = app()
    const { id } = anOwner()
    const { resetsAt } = await dues.usage.use(id, 'projects')
    const today = new Date(now() * 1000)
    expect(resetsAt?.getTime()).toBe(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 1))
  })

  test.each([0, -1, 1.5, Number.NaN, Infinity])('is not counted by %d', async (amount) => {
    const { id } = anOwner()
    await expect(app().dues.usage.use(id, 'projects', amount)).rejects.toMatchObject({ code: 'bad_request' })
    expect((await app().dues.usage.of(id)).projects.used).toBe(0)
  })

  describe('under a key', () => {
    test('is counted once, however often it is asked for at once', async () => {
      const { usage } = app().dues
      const { id } = anOwner()
      const answers = await Promise.all([1, 2, 3, 4].map(() => usage.use(id, 'projects', 2, { key: 'order_1' })))
      expect(answers.map(({ used }) => used)).toEqual([2, 2, 2, 2])
    })

    test('that was refused may be asked for again', async () => {
      const { usage } = app().dues
      const { id } = anOwner()
      await usage.use(id, 'projects', 3)
      const again = () => usage.use(id, 'projects', 1, { key: 'order_1' })
      await expect(again()).rejects.toMatchObject({ code: 'limit_reached' })
      await usage.release(id, 'projects')
      expect((await again()).used).toBe(3)
      expect((await again()).used).toBe(3)
    })

    test('for another amount is a mistake', async () => {
      const { usage } = app().dues
      const { id } = anOwner()
      await usage.use(id, 'projects', 1, { key: 'order_1' })
      await expect(usage.use(id, 'projects', 2, { key: 'order_1' })).rejects.toMatchObject({ code: 'bad_request' })
      expect((await usage.of(id)).projects.used).toBe(1)
    })
  })

  test('is given back, once for each key and never below nothing', async () => {
    const { usage } = app().dues
    const { id } = anOwner()
    await usage.use(id, 'projects', 3, { key: 'order_1' })
    await usage.release(id, 'projects', 1, { key: 'order_1' })
    expect((await usage.release(id, 'projects', 1, { key: 'order_1' })).remaining).toBe(1)
    expect((await usage.release(id, 'projects', 50)).used).toBe(0)
    expect((await usage.of(anOwner().id)).projects.used).toBe(0)
  })

  test('is kept through a switch, and the new limit counts', async () => {
    const { dues, subscribe } = app()
    const { id } = anOwner()
    await subscribe(id, { plan: 'ent' })
    await dues.usage.use(id, 'projects', 150)
    await dues.subscriptions.switchTo(id, 'pro', 'monthly', { when: 'now' })
    const member = await dues.member(id)
    expect((await member.usage()).projects).toMatchObject({ used: 150, limit: 100, remaining: 0 })
    await expect(member.use('projects')).rejects.toMatchObject({ code: 'limit_reached' })
    await member.release('projects', 60)
    expect((await member.use('projects')).remaining).toBe(9)
  })

  test('begins anew with a grant, by the day on which it was given', async () => {
    const { dues } = app()
    const { id } = anOwner()
    await dues.usage.use(id, 'projects', 3)
    await dues.grants.give(id, 'pro', { reason: 'a friend' })
    expect((await dues.usage.of(id)).projects).toMatchObject({ used: 0, limit: 100 })
    await dues.grants.takeBack(id)
    expect((await dues.usage.of(id)).projects).toMatchObject({ used: 3, limit: 3, remaining: 0 })
  })

  test('begins anew with each renewal', async () => {
    const { dues, subscribe, advance } = app()
    const { id } = anOwner()
    await subscribe(id)
    await dues.usage.use(id, 'projects', 100)
    await advance({ months: 1, days: 1 })
    const member = await dues.member(id)
    expect((await member.usage()).projects).toEqual({ used: 0, limit: 100, remaining: 100, resetsAt: member.renewsAt })
  })
})

onEachApp(
  'a limit that is counted otherwise',
  (app) => {
    test('by the month though paid by the year', async () => {
      const { dues, subscribe, advance } = app()
      const { id } = anOwner()
      await subscribe(id, { interval: 'yearly' })
      const { resetsAt } = await dues.usage.use(id, 'projects', 100)
      expect((resetsAt?.getTime() ?? 0) - app().now() * 1000).toBeLessThan(32 * 86_400_000)
      await advance({ months: 1, days: 1 })
      expect((await dues.usage.of(id)).projects.used).toBe(0)
    })
  },
  { usage: { projects: { resets: 'month' } } },
)

onEachApp(
  'a limit that is never reset',
  (app) => {
    test('goes up by use and down by release, whatever is paid', async () => {
      const { dues, subscribe } = app()
      const { id } = anOwner()
      await dues.usage.use(id, 'projects', 2)
      await subscribe(id)
      expect(await dues.usage.use(id, 'projects')).toEqual({ used: 3, limit: 100, remaining: 97, resetsAt: null })
      expect((await dues.usage.release(id, 'projects')).used).toBe(2)
    })
  },
  { usage: { projects: { resets: 'never' } } },
)

onEachApp(
  'a limit that the app counts itself',
  (app) => {
    test('is what the app says, and cannot be counted beside it', async () => {
      const { usage } = app().dues
      const { id } = anOwner()
      expect((await usage.of(id)).projects).toEqual({ used: 2, limit: 3, remaining: 1, resetsAt: null })
      await expect(usage.use(id, 'projects')).rejects.toMatchObject({ code: 'bad_request' })
    })
  },
  { usage: { projects: { count: async () => 2 } } },
)
