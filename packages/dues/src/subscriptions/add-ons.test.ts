import { describe, expect, test } from 'vitest'
import { type App, addOns, anOwner, onOneApp } from '../../testing/app.ts'
import { fastJobs, until } from '../../testing/engine.ts'
import { usd } from '../money.ts'

const byTheGigabyte = { ...usd(1), meter: 'gigabytes' }
const metered = {
  ...addOns,
  storage: {
    name: 'Storage',
    prices: { monthly: byTheGigabyte, yearly: byTheGigabyte },
    features: { gigabytes: Infinity },
  },
}

/** What Stripe has: lookup keys and how many. */
async function itemsOf({ stripe }: App, subscription: string) {
  const { items } = await stripe.subscriptions.retrieve(subscription)
  return Object.fromEntries(items.data.map(({ price, quantity }) => [price.lookup_key ?? price.nickname, quantity]))
}

const chargesOf = async ({ stripe }: App, customer: string) =>
  (await stripe.invoices.list({ customer })).data.filter(({ billing_reason: why }) => why === 'subscription_update')

onOneApp(
  'add-ons',
  (app) => {
    describe('are sold', () => {
      test('are items of the same subscription, and what they add is there at once', async () => {
        const { dues, subscribe } = app()
        const { id } = anOwner()
        const { subscription } = await subscribe(id)
        const before = await dues.member(id)
        expect([before.limit('gigabytes'), before.limit('projects'), before.can('priority')]).toEqual([0, 100, false])
        const member = await dues.subscriptions.setAddOns(id, { storage: 2, support: 1 })
        expect(member).toMatchObject({ plan: 'pro', addOns: { storage: 2, support: 1 } })
        expect([member.limit('gigabytes'), member.limit('projects'), member.can('priority')]).toEqual([200, 120, true])
        expect(member.toJSON().features).toEqual({ projects: 120, export: true, gigabytes: 200, priority: true })
        expect(await itemsOf(app(), subscription)).toEqual({
          dues_pro_monthly: 1,
          dues_addon_storage_monthly: 2,
          dues_addon_support_monthly: 1,
        })
      })

      test('cost what the preview showed, several at once on one invoice', async () => {
        const { dues, subscribe, advance } = app()
        const { id } = anOwner()
        const { customer } = await subscribe(id)
        await advance({ days: 10 })
        const member = await dues.member(id)
        const preview = await member.previewAddOns({ storage: 3, support: 1 })
        expect(preview).toMatchObject({
          from: { plan: 'pro', addOns: { storage: 0, support: 0 } },
          to: { plan: 'pro', interval: 'monthly', quantity: 1, addOns: { storage: 3, support: 1 } },
          when: 'now',
          nextInvoice: { amount: 1900 + 3 * 500 + 2000 },
        })
        expect(preview.lines).toHaveLength(2)
        await member.setAddOns({ storage: 3, support: 1 }, { prorationDate: preview.prorationDate })
        const charged = await chargesOf(app(), customer)
        expect(charged.map(({ status, amount_paid }) => [status, amount_paid])).toEqual([['paid', preview.dueToday]])
        expect(preview.dueToday).toBeGreaterThan(0)
      })

      test('that are named change, and the others stay', async () => {
        const { dues, subscribe } = app()
        const { id } = anOwner()
        await subscribe(id)
        await dues.subscriptions.setAddOns(id, { storage: 1, support: 1 })
        expect((await dues.subscriptions.setAddOns(id, { storage: 4 })).addOns).toEqual({ storage: 4, support: 1 })
        const more = await dues.subscriptions.setQuantity(id, 2)
        expect([more.addOns, more.limit('gigabytes')]).toEqual([{ storage: 4, support: 1 }, 400])
      })

      test('are told apart from the plan in the history: one entry for each change', async () => {
        const { dues, subscribe } = app()
        const { id } = anOwner()
        await subscribe(id)
        await dues.subscriptions.setAddOns(id, { storage: 1 })
        await dues.subscriptions.setAddOns(id, { storage: 2 })
        await dues.subscriptions.setAddOns(id, { storage: 0, support: 1 }, { when: 'now' })
        await dues.subscriptions.switchTo(id, 'ent', 'monthly')
        const history = await dues.subscriptions.history(id)
        expect(history.map(({ type, after }) => [type, after?.addOns])).toEqual([
          ['switched', { storage: 0, support: 0 }],
          ['addOnsChanged', { storage: 0, support: 1 }],
          ['addOnsChanged', { storage: 2, support: 0 }],
          ['addOnsChanged', { storage: 1, support: 0 }],
          ['started', { storage: 0, support: 0 }],
        ])
      })

      test('confirmed again and again, in two processes, are charged once', async () => {
        const { dues, other, subscribe } = app()
        const { id } = anOwner()
        const { customer } = await subscribe(id)
        const { prorationDate } = await dues.subscriptions.previewAddOns(id, { storage: 2 })
        const confirm = (one: typeof dues) => one.subscriptions.setAddOns(id, { storage: 2 }, { prorationDate })
        const members = await Promise.all([dues, other, dues, other].map(confirm))
        members.push(await confirm(other))
        expect(members.map(({ addOns }) => addOns.storage)).toEqual([2, 2, 2, 2, 2])
        expect(await chargesOf(app(), customer)).toHaveLength(1)
      })

      test('that are not paid for are not there', async () => {
        const { dues, subscribe, payWith } = app()
        const { id } = anOwner()
        const { customer } = await subscribe(id)
        await payWith(customer, 'pm_card_chargeCustomerFail')
        await expect(dues.subscriptions.setAddOns(id, { storage: 2 })).rejects.toMatchObject({
          code: 'payment_failed',
          message: expect.stringContaining('You keep Professional'),
        })
        expect((await dues.member(id)).addOns.storage).toBe(0)
      })

      test('give access only while the plan does, and are known all the same', async () => {
        const { dues, subscribe } = app()
        const { id } = anOwner()
        await subscribe(id)
        await dues.subscriptions.setAddOns(id, { storage: 2 })
        const paused = await dues.subscriptions.pause(id)
        expect([paused.plan, paused.addOns.storage, paused.limit('gigabytes')]).toEqual(['free', 0, 0])
        expect(paused.price?.addOns).toEqual({ storage: 2, support: 0 })
      })

      test('count beside a greater plan that was given by hand', async () => {
        const { dues, subscribe } = app()
        const { id } = anOwner()
        await subscribe(id)
        await dues.subscriptions.setAddOns(id, { storage: 2 })
        await dues.grants.give(id, 'ent', { reason: 'spoke at our meetup' })
        const member = await dues.member(id)
        expect([member.plan, member.limit('gigabytes'), member.limit('projects')]).toEqual(['ent', 200, Infinity])
      })
    })

    describe('add-ons and the plan', () => {
      test('move to another interval together', async () => {
        const { dues, subscribe } = app()
        const { id } = anOwner()
        const { subscription } = await subscribe(id)
        await dues.subscriptions.setAddOns(id, { storage: 2, support: 1 })
        const member = await dues.subscriptions.switchTo(id, 'pro', 'yearly')
        expect(member).toMatchObject({ interval: 'yearly', addOns: { storage: 2, support: 1 } })
        expect(await itemsOf(app(), subscription)).toEqual({
          dues_pro_yearly: 1,
          dues_addon_storage_yearly: 2,
          dues_addon_support_yearly: 1,
        })
      })

      test('change with seats and interval in one request and on one invoice', async () => {
        const { dues, subscribe } = app()
        const { id } = anOwner()
        const { customer, subscription } = await subscribe(id)
        await dues.subscriptions.setAddOns(id, { support: 1 })
        const options = { quantity: 3, addOns: { storage: 2, support: 0 } }
        const { dueToday, prorationDate } = await dues.subscriptions.preview(id, 'pro', 'yearly', options)
        await dues.subscriptions.switchTo(id, 'pro', 'yearly', { ...options, prorationDate })
        expect(await itemsOf(app(), subscription)).toEqual({ dues_pro_yearly: 3, dues_addon_storage_yearly: 2 })
        const charged = await chargesOf(app(), customer)
        expect(charged.map(({ amount_paid }) => amount_paid)).toEqual([dueToday, expect.any(Number)])
      })

      test('part where the new plan may not have one, which the preview shows and gives back', async () => {
        const { dues, subscribe, advance } = app()
        const { id } = anOwner()
        await subscribe(id)
        await dues.subscriptions.setAddOns(id, { storage: 1, support: 1 })
        await advance({ days: 5 })
        const preview = await dues.subscriptions.preview(id, 'ent', 'monthly')
        expect(preview.to.addOns).toEqual({ storage: 1, support: 0 })
        expect(preview.lines).toContainEqual(
          expect.objectContaining({ description: expect.stringMatching(/Unused time.*Priority support/) }),
        )
        const member = await dues.subscriptions.switchTo(id, 'ent', 'monthly', { prorationDate: preview.prorationDate })
        expect(member.addOns).toEqual({ storage: 1, support: 0 })
      })

      test('wait for the period’s end together, and are taken back together', async () => {
        const { dues, subscribe, advance } = app()
        const { id } = anOwner()
        const { subscription } = await subscribe(id, { plan: 'ent' })
        await dues.subscriptions.setAddOns(id, { storage: 2 })
        const preview = await dues.subscriptions.preview(id, 'pro', 'monthly', { addOns: { support: 1 } })
        expect(preview).toMatchObject({ when: 'periodEnd', dueToday: 0, nextInvoice: { amount: 1900 + 1000 + 2000 } })
        const planned = await dues.subscriptions.switchTo(id, 'pro', 'monthly', { addOns: { support: 1 } })
        expect(planned).toMatchObject({ plan: 'ent', addOns: { storage: 2, support: 0 } })
        expect(planned.changesTo).toMatchObject({ plan: 'pro', addOns: { storage: 2, support: 1 } })
        await advance({ months: 1, days: 1 })
        expect(await dues.member(id)).toMatchObject({
          plan: 'pro',
          addOns: { storage: 2, support: 1 },
          changesTo: null,
        })
        expect(await itemsOf(app(), subscription)).toEqual({
          dues_pro_monthly: 1,
          dues_addon_storage_monthly: 2,
          dues_addon_support_monthly: 1,
        })
      })

      test('beside a planned switch cost what the preview showed, now and on the next invoice', async () => {
        const { dues, stripe, subscribe, advance } = app()
        const { id } = anOwner()
        const { subscription } = await subscribe(id, { plan: 'ent' })
        const { changesTo } = await dues.subscriptions.switchTo(id, 'pro', 'monthly')
        await advance({ days: 9 })
        const { prorationDate, nextInvoice, dueToday } = await dues.subscriptions.previewAddOns(id, { storage: 2 })
        expect(nextInvoice).toEqual({ amount: 1900 + 2 * 500, at: changesTo?.at })
        await dues.subscriptions.setAddOns(id, { storage: 2 }, { prorationDate })
        const latest = async () =>
          (await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })).latest_invoice
        expect(await latest()).toMatchObject({ amount_paid: dueToday })
        await advance({ months: 1 })
        expect(await latest()).toMatchObject({ status: 'paid', amount_paid: 2900 })
      })

      test('keep what is planned: more beside the plan is had now, and then as well', async () => {
        const { dues, subscribe } = app()
        const { id } = anOwner()
        await subscribe(id, { plan: 'ent' })
        await dues.subscriptions.switchTo(id, 'pro', 'yearly', { when: 'periodEnd' })
        const member = await dues.subscriptions.setAddOns(id, { storage: 3 })
        expect(member).toMatchObject({ plan: 'ent', addOns: { storage: 3 } })
        expect(member.changesTo).toMatchObject({ plan: 'pro', interval: 'yearly', addOns: { storage: 3, support: 0 } })
        const fewer = await dues.subscriptions.setAddOns(id, { storage: 1 })
        expect(fewer.addOns.storage).toBe(3)
        expect(fewer.changesTo).toMatchObject({ plan: 'pro', interval: 'yearly', addOns: { storage: 1 } })
        const undone = await dues.subscriptions.undoSwitch(id)
        expect(undone).toMatchObject({ plan: 'ent', addOns: { storage: 3 }, changesTo: null })
      })
    })

    describe('fewer add-ons', () => {
      test('are had from the next period on, and can be kept until then', async () => {
        const { dues, subscribe, advance } = app()
        const { id } = anOwner()
        const { customer } = await subscribe(id)
        await dues.subscriptions.setAddOns(id, { storage: 3 })
        const { renewsAt } = await dues.member(id)
        const preview = await dues.subscriptions.previewAddOns(id, { storage: 1 })
        expect(preview).toMatchObject({
          when: 'periodEnd',
          dueToday: 0,
          nextInvoice: { amount: 1900 + 500, at: renewsAt },
        })
        const member = await dues.subscriptions.setAddOns(id, { storage: 1 })
        expect([member.addOns.storage, member.changesTo?.addOns.storage]).toEqual([3, 1])
        expect((await dues.subscriptions.undoSwitch(id)).changesTo).toBeNull()
        await dues.subscriptions.setAddOns(id, { storage: 0 })
        expect(await chargesOf(app(), customer)).toHaveLength(1)
        await advance({ months: 1, days: 1 })
        expect((await dues.member(id)).addOns.storage).toBe(0)
      })

      test('beside more of another are had at once: nobody waits for what they pay', async () => {
        const { dues, subscribe } = app()
        const { id } = anOwner()
        await subscribe(id)
        await dues.subscriptions.setAddOns(id, { storage: 2 })
        const member = await dues.subscriptions.setAddOns(id, { storage: 1, support: 1 })
        expect([member.addOns, member.changesTo]).toEqual([{ storage: 1, support: 1 }, null])
      })

      test('now give back what was not used', async () => {
        const { dues, stripe, subscribe, advance } = app()
        const { id } = anOwner()
        const { customer } = await subscribe(id)
        await dues.subscriptions.setAddOns(id, { storage: 3 })
        await advance({ days: 10 })
        const preview = await dues.subscriptions.previewAddOns(id, { storage: 0 }, { when: 'now' })
        expect(preview.dueToday).toBe(0)
        expect(preview.creditLeft).toBeGreaterThan(0)
        const options = { when: 'now', prorationDate: preview.prorationDate } as const
        expect((await dues.subscriptions.setAddOns(id, { storage: 0 }, options)).addOns.storage).toBe(0)
        expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -preview.creditLeft })
      })
    })

    describe('fewer add-ons than are in use', () => {
      test('are refused, and as many as are in use are not', async () => {
        const { dues, subscribe } = app()
        const { id } = anOwner()
        await subscribe(id)
        await dues.subscriptions.setAddOns(id, { storage: 3 })
        await dues.usage.use(id, 'gigabytes', 150)
        await expect(dues.subscriptions.setAddOns(id, { storage: 1 })).rejects.toMatchObject({
          code: 'limit_below_usage',
          message: '150 gigabytes are in use, and 100 would be too few. Free 50 of them first.',
          details: { feature: 'gigabytes', used: 150, wanted: 100 },
        })
        expect(await dues.member(id)).toMatchObject({ addOns: { storage: 3 }, changesTo: null })
        const member = await dues.subscriptions.setAddOns(id, { storage: 2 })
        expect(member.changesTo?.addOns.storage).toBe(2)
      })
    })

    describe('add-ons are refused', () => {
      test.each([
        [{ stroage: 1 }, 'add_on_unknown', 'There are: storage, support.'],
        [{ constructor: 1 }, 'add_on_unknown', 'There are: storage, support.'],
        [{ storage: 21 }, 'bad_request', 'The number of Storage is a whole one from 1 to 20, or 0 for none.'],
        [{ storage: -1 }, 'bad_request', 'The number of Storage'],
        [{ storage: 1.5 }, 'bad_request', 'The number of Storage'],
        [{ storage: Number.NaN }, 'bad_request', 'The number of Storage'],
        [{ storage: 0 }, 'already_on_plan', 'You have just that beside Professional already.'],
      ])('%j: %s', async (wanted: object, code, message) => {
        const { dues, subscribe } = app()
        const { id } = anOwner()
        const { customer } = await subscribe(id)
        const refused = await dues.subscriptions.setAddOns(id, wanted).catch((error: unknown) => error)
        expect(refused).toMatchObject({ code, message: expect.stringContaining(message) })
        expect(await chargesOf(app(), customer)).toEqual([])
      })

      test('beside a plan that is not sold with it', async () => {
        const { dues, subscribe } = app()
        const { id } = anOwner()
        await subscribe(id, { plan: 'ent' })
        const wanted: object = { support: 1 }
        for (const ask of [
          () => dues.subscriptions.setAddOns(id, wanted),
          () => dues.subscriptions.previewAddOns(id, wanted),
          () => dues.subscriptions.switchTo(id, 'ent', 'monthly', { addOns: wanted }),
          () => dues.checkout.start({ owner: anOwner(), plan: 'ent', interval: 'monthly', addOns: wanted }),
        ])
          await expect(ask()).rejects.toMatchObject({
            code: 'add_on_unavailable',
            message: 'Enterprise is not sold with Priority support. Professional is.',
            details: { addOn: 'support', plan: 'ent' },
          })
      })
    })

    describe('what somebody added by hand in the dashboard', () => {
      const byHand = async (subscription: string) => {
        const { stripe } = app()
        const product = await stripe.products.create({ name: 'Mug of the month' })
        const recurring = { interval: 'month' } as const
        const nickname = 'mug'
        const price = await stripe.prices.create({
          product: product.id,
          currency: 'usd',
          unit_amount: 700,
          recurring,
          nickname,
        })
        await stripe.subscriptionItems.create({ subscription, price: price.id, quantity: 2 })
        await app().settled()
      }

      test('stays through changes of plan, seats and add-ons', async () => {
        const { dues, subscribe, advance } = app()
        const { id } = anOwner()
        const { subscription } = await subscribe(id)
        await byHand(subscription)
        expect(await dues.member(id)).toMatchObject({ plan: 'pro', addOns: { storage: 0, support: 0 } })
        await dues.subscriptions.setAddOns(id, { storage: 1 })
        await dues.subscriptions.switchTo(id, 'ent', 'monthly', { quantity: 2 })
        await dues.subscriptions.switchTo(id, 'pro', 'monthly')
        await advance({ months: 1, days: 1 })
        expect(await dues.member(id)).toMatchObject({ plan: 'pro', addOns: { storage: 1 } })
        expect(await itemsOf(app(), subscription)).toEqual({
          dues_pro_monthly: 2,
          dues_addon_storage_monthly: 1,
          mug: 2,
        })
      })

      test('recurs as before beside another interval, where Stripe allows that; where not, nothing is changed', async () => {
        const { dues, subscribe } = app()
        const { id } = anOwner()
        const { subscription } = await subscribe(id, { billing_mode: { type: 'classic' } })
        await byHand(subscription)
        await expect(dues.subscriptions.switchTo(id, 'pro', 'yearly')).rejects.toMatchObject({ code: 'stripe_refused' })
        expect(await itemsOf(app(), subscription)).toEqual({ dues_pro_monthly: 1, mug: 2 })
        const other = anOwner()
        const flexible = await subscribe(other.id, { billing_mode: { type: 'flexible' } })
        await byHand(flexible.subscription)
        expect((await dues.subscriptions.switchTo(other.id, 'pro', 'yearly')).interval).toBe('yearly')
        expect(await itemsOf(app(), flexible.subscription)).toEqual({ dues_pro_yearly: 1, mug: 2 })
      })
    })

    describe('an add-on at an older price', () => {
      test('is known by its product, and keeps its price until the interval changes', async () => {
        const { dues, stripe, subscribe, settled } = app()
        const { id } = anOwner()
        const { subscription } = await subscribe(id)
        const recurring = { interval: 'month' } as const
        const older = { product: 'dues_addon_storage', currency: 'usd', unit_amount: 300, recurring, nickname: 'older' }
        const price = await stripe.prices.create(older)
        await stripe.subscriptionItems.create({ subscription, price: price.id, quantity: 2 })
        await settled()
        expect((await dues.member(id)).addOns.storage).toBe(2)
        await dues.subscriptions.setAddOns(id, { storage: 3 })
        await dues.subscriptions.switchTo(id, 'ent', 'monthly')
        expect(await itemsOf(app(), subscription)).toEqual({ dues_ent_monthly: 1, older: 3 })
        await dues.subscriptions.switchTo(id, 'pro', 'yearly', { when: 'now' })
        expect(await itemsOf(app(), subscription)).toEqual({ dues_pro_yearly: 1, dues_addon_storage_yearly: 3 })
      })
    })

    describe('add-ons over HTTP', () => {
      describe.each(['json', 'form'])('sent as %s', (how) => {
        const send = (owner: string, path: string, fields: Record<string, string>, addOns: Record<string, number>) => {
          const { dues, url, ask } = app()
          if (how === 'json') return ask(owner, path, { ...fields, addOns })
          const body = new URLSearchParams(fields)
          for (const [name, number] of Object.entries(addOns)) body.set(`addOns[${name}]`, String(number))
          return dues.handler(
            new Request(`${url}/billing${path}`, { method: 'POST', headers: { 'x-owner': owner, origin: url }, body }),
          )
        }

        test('are set, switched with the plan, and refused by their names', async () => {
          const { dues, subscribe } = app()
          const { id } = anOwner()
          await subscribe(id)
          const set = await send(id, '/add-ons', {}, { storage: 2, support: 1 })
          expect(set.status).toBe(how === 'json' ? 200 : 303)
          expect((await dues.member(id)).addOns).toEqual({ storage: 2, support: 1 })
          await send(id, '/switch', { plan: 'ent', interval: 'monthly' }, { storage: 5 })
          expect(await dues.member(id)).toMatchObject({ plan: 'ent', addOns: { storage: 5, support: 0 } })
          expect((await send(id, '/add-ons', {}, { stroage: 2 })).status).toBe(422)
          expect((await send(id, '/add-ons', {}, {})).status).toBe(400)
          const fewer = await send(id, '/add-ons', {}, { storage: 1 })
          expect(fewer.headers.get('location')).toBe(how === 'json' ? null : '/account?notice=planned')
        })
      })

      test('a number that is none is a bad request', async () => {
        const { ask, subscribe } = app()
        const { id } = anOwner()
        await subscribe(id)
        const response = await ask(id, '/add-ons', { addOns: { storage: 'two' } })
        expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'bad_request' } }])
      })
    })
  },
  { usage: { gigabytes: { resets: 'never' } } },
)

onOneApp(
  'an add-on that is metered',
  (app) => {
    test('is there or not, counts what is used, and is charged when the period is over', async () => {
      const { dues, stripe, subscribe, advance, query } = app()
      const { id } = anOwner()
      const { subscription } = await subscribe(id)
      const refused = dues.subscriptions.setAddOns(id, { storage: 2 })
      await expect(refused).rejects.toMatchObject({ code: 'bad_request', message: /charged by what is used/ })
      const preview = await dues.subscriptions.previewAddOns(id, { storage: 1 })
      expect(preview).toMatchObject({ dueToday: 0, nextInvoice: { amount: 1900 } })
      const member = await dues.subscriptions.setAddOns(id, { storage: 1 }, { prorationDate: preview.prorationDate })
      expect([member.addOns.storage, member.limit('gigabytes')]).toEqual([1, Infinity])
      await member.use('gigabytes', 30)
      const waiting = () => query('select id from dues.usage_entry where owner = $1 and reported_at is null', [id])
      await until(async () => (await waiting()).length === 0, 'Stripe is told of the use')
      await advance({ months: 1, seconds: 2 * 3600 })
      const { latest_invoice } = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] })
      expect(latest_invoice).toMatchObject({ status: 'paid', amount_paid: 1900 + 30 * 100 })
      const without = await dues.subscriptions.setAddOns(id, { storage: 0 }, { when: 'now' })
      expect([without.addOns.storage, without.limit('gigabytes')]).toEqual([0, 0])
    })
  },
  { addOns: metered as never, tuning: { jobs: fastJobs } },
)
