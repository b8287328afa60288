import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgres } from '../../../../testing/databases.ts'
import { anOwner, openApp } from '../../testing/app.ts'
import { fillWithMembers } from '../../testing/crowd.ts'
import { until } from '../../testing/engine.ts'
import { enterCard } from '../../testing/pages.ts'
import { watchReads } from '../../testing/scan-watch.ts'

/** More than anything reads that is about one owner, far less than there are of anything. */
const most = 500
const members = 20_000

describe(`a database of ${members} other members`, () => {
  let app: Awaited<ReturnType<typeof openApp>>
  let watch: ReturnType<typeof watchReads>
  beforeAll(async () => {
    const open = async () => {
      const opened = await openPostgres()
      watch = watchReads(String(opened.database), { most })
      const close = async () => {
        await watch.end()
        await opened.close()
      }
      return { ...opened, database: watch, close }
    }
    app = await openApp(open, { on: { started: () => undefined, ended: () => undefined } })
    await fillWithMembers(app.query, members)
  })
  afterAll(() => app?.close())

  /** What was read of others since it was last asked. */
  const others = () => {
    const found = watch.readings.splice(0)
    return [...new Map(found.map((one) => [one.sql, one])).values()]
  }

  // The order is that of a database's life: it is filled, and statistics are made of it some minutes later.
  describe.each([
    { name: 'without statistics', analysed: false },
    { name: 'with statistics', analysed: true },
  ])('$name', ({ analysed }) => {
    beforeAll(async () => {
      if (analysed) await app.query('analyze')
      watch.readings.length = 0
    })

    test('is not gone through when somebody buys, and asks what they have', async () => {
      const { dues, other, ask, settled } = app
      const { id } = anOwner()
      expect((await dues.member(id)).on('free')).toBe(true)
      await ask(id, '/checkout', { plan: 'pro', interval: 'yearly' })
      const { url, sessionId } = await dues.checkout.start({ owner: { id }, plan: 'pro', interval: 'monthly' })
      expect(others()).toEqual([])
      await enterCard(url)
      await other.checkout.complete({ id }, sessionId)
      await settled()
      expect((await other.member(id)).can('export')).toBe(true)
      expect(others()).toEqual([])
    })

    test('is not gone through when a membership changes', async () => {
      const { dues, other, subscribe, settled } = app
      const { id } = anOwner()
      await subscribe(id)
      expect(others()).toEqual([])
      await dues.subscriptions.preview(id, 'ent', 'monthly')
      await dues.subscriptions.switchTo(id, 'ent', 'monthly')
      await settled()
      await dues.subscriptions.switchTo(id, 'pro', 'monthly', { when: 'periodEnd' })
      await dues.subscriptions.undoSwitch(id)
      await settled()
      expect(others()).toEqual([])
      await other.subscriptions.setQuantity(id, 3)
      await dues.subscriptions.cancel(id)
      await dues.subscriptions.resume(id)
      await dues.subscriptions.pause(id)
      await dues.subscriptions.unpause(id)
      await settled()
      expect(others()).toEqual([])
      await dues.subscriptions.history(id)
      await dues.invoices.list(id)
      await dues.paymentMethods.list(id)
      expect(others()).toEqual([])
      await dues.subscriptions.cancel(id, { when: 'now', refund: 'unused' })
      await settled()
      expect((await other.member(id)).ended()).toBe(true)
      expect(others()).toEqual([])
    })

    test('is not gone through when a renewal is not paid', async () => {
      const { dues, subscribe, settled, payWith, advance } = app
      const { id } = anOwner()
      const { customer } = await subscribe(id)
      await payWith(customer, 'pm_card_chargeCustomerFail')
      await advance({ days: 32 })
      await settled()
      expect((await dues.member(id)).pastDue()).toBe(true)
      expect(others()).toEqual([])
    })

    test('is not gone through when somebody uses what they have, or is given it', async () => {
      const { dues, subscribe } = app
      const { id } = anOwner()
      await subscribe(id)
      await dues.usage.use(id, 'projects', 2, { key: 'a' })
      await dues.usage.release(id, 'projects', 1)
      await (await dues.member(id)).usage()
      await dues.grants.give(id, 'ent', { reason: 'a prize' })
      await dues.grants.takeBack(id)
      expect(others()).toEqual([])
    })

    test('is not gone through when somebody has paid twice, or had a trial', async () => {
      const { dues, subscribe, settled } = app
      const { id } = anOwner()
      await subscribe(id)
      await subscribe(id, { trial_period_days: 14 })
      await until(
        async () => (await dues.subscriptions.history(id)).some(({ type }) => type === 'duplicateEnded'),
        'the duplicate to be ended',
      )
      await settled()
      expect(others()).toEqual([])
    })

    // Without statistics the search itself takes all whose status is looked for to be few, and sorts them.
    const whatIsRead = analysed ? '' : ' beyond the search'
    test(`is not gone through by a page of the members${whatIsRead}`, async () => {
      const { dues } = app
      await dues.members.where({ plan: 'pro' }, { limit: 20 })
      await dues.members.where({ state: 'past_due' }, { limit: 20 })
      expect(others().filter(({ sql }) => analysed || !sql.includes('limit'))).toEqual([])
    })
  })
})
