import { expect, test } from 'vitest'
import { addOns, anOwner, onOneApp, plans } from '../../testing/app.ts'
import type { AddOns } from '../catalogue/add-ons.ts'
import type { Plans } from '../catalogue/plans.ts'
import { eur, usd } from '../money.ts'

/** Plans that are sold otherwise than by one, otherwise than by number, and in more than one currency. */
const sold = {
  ...plans,
  team: { name: 'Team', prices: { monthly: usd(10) }, quantity: { min: 3, max: 10 }, features: { projects: 5 } },
  metered: { name: 'Metered', prices: { monthly: { ...usd(1), meter: 'calls' } }, features: { projects: 5 } },
  euro: {
    name: 'Euro',
    prices: { monthly: { ...usd(20), currencyOptions: [eur(18)] } },
    quantity: { min: 2 },
    features: { projects: 5 },
  },
} as const satisfies Plans
const beside = { storage: { ...addOns.storage, plans: ['pro'] }, support: addOns.support } as const satisfies AddOns

onOneApp(
  'what is had is what is sold',
  (app) => {
    /** The suite's own plans, whose names the helper does not know. */
    const change = (owner: string, body: object, path = '/switch') => app().ask(owner, path, body)
    const refusal = async (response: Response) => ({ status: response.status, ...((await response.json()) as object) })
    const itemsOf = async (subscription: string) =>
      (await app().stripe.subscriptions.retrieve(subscription)).items.data.map(({ price, quantity }) => [
        price.lookup_key,
        quantity,
      ])

    test('another plan is had by the nearest number that it is sold by, as the preview shows', async () => {
      const { dues, subscribe } = app()
      const few = anOwner().id
      const { subscription } = await subscribe(few)
      const preview = await dues.subscriptions.preview(few, 'team' as 'pro', 'monthly')
      expect(preview).toMatchObject({ to: { quantity: 3 }, nextInvoice: { amount: 3 * 1000 } })
      expect((await change(few, { plan: 'team', interval: 'monthly', quantity: 2 })).status).toBe(400)
      expect((await change(few, { plan: 'team', interval: 'monthly' })).status).toBe(200)
      expect(await itemsOf(subscription)).toEqual([['dues_team_monthly', 3]])
      const many = anOwner().id
      await subscribe(many)
      await dues.subscriptions.setQuantity(many, 20)
      expect((await dues.subscriptions.preview(many, 'team' as 'pro', 'monthly')).to.quantity).toBe(10)
    })

    test('what a meter counts has no number, and what is sold by number has one again', async () => {
      const { dues, subscribe } = app()
      const { id } = anOwner()
      const { subscription } = await subscribe(id)
      expect((await dues.subscriptions.preview(id, 'metered' as 'pro', 'monthly')).to.quantity).toBeNull()
      const there = await change(id, { plan: 'metered', interval: 'monthly' })
      expect([there.status, await there.json()]).toMatchObject([200, { plan: 'metered' }])
      expect(await itemsOf(subscription)).toEqual([['dues_metered_monthly', undefined]])
      const back = await change(id, { plan: 'pro', interval: 'monthly', when: 'now' })
      expect([back.status, await back.json()]).toMatchObject([200, { plan: 'pro' }])
      expect(await itemsOf(subscription)).toEqual([['dues_pro_monthly', 1]])
      expect((await dues.reconcile()).drift).toEqual([])
    })

    test('who pays in a currency goes on in it, comes back in it, and is told what is not sold in it', async () => {
      const { dues, stripe, subscribe } = app()
      const { id } = anOwner()
      const { customer } = await subscribe(id, { plan: 'euro', currency: 'eur' })
      for (const options of [{}, { when: 'periodEnd' }] as const)
        expect(await refusal(await change(id, { plan: 'ent', interval: 'monthly', ...options }))).toMatchObject({
          status: 422,
          error: { code: 'currency_unknown', details: { plan: 'ent', interval: 'monthly' } },
        })
      await dues.subscriptions.cancel(id, { when: 'now' })
      expect(await refusal(await change(id, { plan: 'ent', interval: 'monthly' }, '/come-back'))).toMatchObject({
        status: 422,
        error: { code: 'currency_unknown' },
      })
      expect((await change(id, { plan: 'euro', interval: 'monthly' }, '/come-back')).status).toBe(200)
      const { data } = await stripe.subscriptions.list({ customer })
      expect(data.map((one) => [one.currency, one.items.data[0]?.quantity])).toEqual([['eur', 2]])
    })

    test('who comes back is sold a number that there is, and never none', async () => {
      const { dues, subscribe } = app()
      const { id } = anOwner()
      await subscribe(id)
      await dues.subscriptions.cancel(id, { when: 'now' })
      for (const quantity of [-1, 0, 1.5, Number.NaN, 1e15])
        await expect(dues.subscriptions.comeBack(id, 'pro', 'monthly', { quantity })).rejects.toMatchObject({
          code: 'bad_request',
          status: 400,
        })
      expect((await dues.member(id)).subscribed()).toBe(false)
    })

    test('a number that nobody can mean, and a language that Stripe’s page has not, are bad requests', async () => {
      const { subscribe } = app()
      const { id } = anOwner()
      await subscribe(id)
      for (const quantity of [1e6, 2 ** 53 - 1]) {
        expect((await change(id, { quantity }, '/quantity')).status).toBe(400)
        expect((await change(anOwner().id, { plan: 'pro', interval: 'monthly', quantity }, '/checkout')).status).toBe(
          400,
        )
      }
      const asked = await change(anOwner().id, { plan: 'pro', interval: 'monthly', locale: 'zz' }, '/checkout')
      expect(await refusal(asked)).toMatchObject({ status: 400, error: { code: 'bad_request' } })
    })

    test('seats and add-ons that are changed at once in two processes are both had, and both said to be', async () => {
      const { dues, other, stripe, subscribe } = app()
      const { id } = anOwner()
      const { customer, subscription } = await subscribe(id)
      await Promise.all([
        dues.subscriptions.setQuantity(id, 3),
        other.subscriptions.setAddOns(id, { storage: 2 } as object),
      ])
      expect(new Map((await itemsOf(subscription)) as [string, number][])).toEqual(
        new Map([
          ['dues_pro_monthly', 3],
          ['dues_addon_storage_monthly', 2],
        ]),
      )
      const { data } = await stripe.invoices.list({ customer })
      expect(data.map(({ status }) => status)).toEqual(['paid', 'paid', 'paid'])
    })

    test('what the bank has taken back is not refunded, and an end is made all the same', async () => {
      const { dues, subscribe } = app()
      const { id } = anOwner()
      const { invoice } = await disputed(subscribe, id)
      for (const options of [{}, { amount: 100 }])
        await expect(dues.invoices.refund(invoice, options)).rejects.toMatchObject({
          code: 'nothing_to_refund',
          status: 409,
        })
      const member = await dues.subscriptions.cancel(id, { when: 'now', refund: 'period' })
      expect(member.subscribed()).toBe(false)
    })

    const disputed = async (subscribe: ReturnType<typeof app>['subscribe'], id: string) => {
      const { customer } = await subscribe(id, { card: 'pm_card_createDispute' })
      const [invoice] = (await app().stripe.invoices.list({ customer })).data
      return { invoice: String(invoice?.id) }
    }
  },
  { plans: sold as never, addOns: beside as never },
)
