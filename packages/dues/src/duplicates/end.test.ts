import { beforeEach, expect, test } from 'vitest'
import { type App, anOwner, onEachApp, type plans } from '../../testing/app.ts'
import { fastJobs, until } from '../../testing/engine.ts'
import { isLive } from '../entitlements/membership.ts'
import type { Transition } from '../entitlements/transition.ts'

const tuning = { jobs: fastJobs }
const told: Transition<typeof plans>[] = []
const hook = (transition: Transition<typeof plans>) => void told.push(transition)
const on = { started: hook, ended: hook, duplicateEnded: hook }
beforeEach(() => {
  told.length = 0
})

type Owner = ReturnType<typeof anOwner>
const toldOf = ({ id }: Owner, type: string) => told.filter((one) => one.owner.id === id && one.type === type)

/** Fills in Stripe's page. */
async function pay(url: string | null) {
  const fields = { number: '4242424242424242', expiry: '12 / 40', cvc: '123', name: 'Ada', country: 'US' }
  await fetch(String(url), { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
}

/** A second subscription for the same customer, as another tab's Checkout that nobody knew of. */
async function secondCheckout({ stripe }: App, owner: Owner, customer: string, key: string) {
  const { data: prices } = await stripe.prices.list({ lookup_keys: [key] })
  const metadata = { dues_owner: owner.id }
  return stripe.checkout.sessions.create({
    mode: 'subscription',
    customer,
    client_reference_id: owner.id,
    line_items: [{ price: prices[0]?.id ?? '', quantity: 1 }],
    success_url: 'https://club.example/',
    metadata,
    subscription_data: { metadata },
  })
}

/** Pays two Checkouts, a moment apart: Professional, then Enterprise unless told. Answers their subscriptions. */
async function buyTwice(app: App, owner: Owner, key = 'dues_ent_monthly') {
  const { dues, stripe, advance, customersOf } = app
  const first = await dues.checkout.start({ owner, plan: 'pro', interval: 'monthly' })
  const [customer] = await customersOf(owner.id)
  const second = await secondCheckout(app, owner, customer?.id ?? '', key)
  await pay(first.url)
  await advance({ seconds: 5 })
  await pay(second.url)
  const [older, newer] = await Promise.all(
    [first.sessionId, second.id].map(async (id) => String((await stripe.checkout.sessions.retrieve(id)).subscription)),
  )
  return { customer: customer?.id ?? '', older: older ?? '', newer: newer ?? '' }
}

const liveOf = async ({ stripe }: App, customer: string) =>
  (await stripe.subscriptions.list({ customer, status: 'all' })).data.filter(isLive).map(({ id }) => id)

/** What a customer has got back: by card, and as credit. */
async function gotBack({ stripe }: App, customer: string) {
  const charges = (await stripe.charges.list({ customer, limit: 100 })).data
  const credits = (await stripe.customers.listBalanceTransactions(customer)).data
  return {
    refunded: charges.reduce((sum, { amount_refunded }) => sum + amount_refunded, 0),
    credited: credits.filter(({ type }) => type === 'adjustment').reduce((sum, { amount }) => sum - amount, 0),
  }
}

const settledFor = ({ query }: App, owner: Owner) =>
  until(
    async () =>
      (await query('select 1 as n from dues.duplicate where owner = $1 and settled_at is not null', [owner.id]))
        .length > 0 && toldOf(owner, 'duplicateEnded').length > 0,
    `the duplicate of ${owner.id} is ended, and told of`,
  )

onEachApp(
  'two Checkouts that were both paid',
  (app) => {
    test('leave the newer, and the older is ended and refunded, found from the webhooks alone', async () => {
      const { dues } = app()
      const owner = anOwner()
      const { customer, older, newer } = await buyTwice(app(), owner)
      await settledFor(app(), owner)
      expect(await liveOf(app(), customer)).toEqual([newer])
      expect(await gotBack(app(), customer)).toEqual({ refunded: 1900, credited: 0 })
      expect((await dues.member(owner.id)).plan).toBe('ent')
      expect(toldOf(owner, 'duplicateEnded')).toMatchObject([
        {
          id: `${older}:duplicateEnded`,
          before: { subscription: older, plan: 'pro', status: 'active' },
          after: { subscription: newer, plan: 'ent', status: 'active' },
          detail: { ended: older, kept: newer, money: 'refund', amount: 1900, currency: 'usd' },
        },
      ])
      // Nobody who goes on being a member wants a farewell.
      expect(toldOf(owner, 'ended')).toEqual([])
    })

    test('are found by reconcile alone when every webhook was lost, and only once', async () => {
      const { dues, faults, settled } = app()
      const owner = anOwner()
      await faults({ webhooks: { drop: 1 } })
      const { customer, newer } = await buyTwice(app(), owner)
      await dues.reconcile()
      await settledFor(app(), owner)
      await dues.reconcile()
      await faults({})
      await settled()
      expect(await liveOf(app(), customer)).toEqual([newer])
      expect(await gotBack(app(), customer)).toEqual({ refunded: 1900, credited: 0 })
      expect(toldOf(owner, 'duplicateEnded')).toHaveLength(1)
    })

    test('wait for Stripe while it is down, and end when it is back', async () => {
      const { dues, faults, query } = app()
      const owner = anOwner()
      const { customer, newer } = await buyTwice(app(), owner)
      await faults({ api: { status500: 1 } })
      await until(async () => (await dues.jobs.dead()).length > 0, 'the job gave up')
      expect(toldOf(owner, 'duplicateEnded')).toEqual([])
      await faults({})
      await until(async () => {
        await dues.jobs.revive()
        return (await query('select 1 as n from dues.suspect where owner = $1', [owner.id])).length === 0
      }, 'the owner is no suspect any more')
      await settledFor(app(), owner)
      expect(await liveOf(app(), customer)).toEqual([newer])
      expect(await gotBack(app(), customer)).toEqual({ refunded: 1900, credited: 0 })
    })
  },
  { on, tuning },
)

onEachApp(
  'a second subscription that was made by hand',
  (app) => {
    /** A subscription beside the one that there is, for the same customer, a moment later. */
    const beside = async (customer: string, key: string, more: object = {}) => {
      const { stripe, settled, advance } = app()
      await advance({ seconds: 5 })
      const { data: prices } = await stripe.prices.list({ lookup_keys: [key] })
      const made = await stripe.subscriptions.create({ customer, items: [{ price: prices[0]?.id ?? '' }], ...more })
      await settled()
      return made.id
    }

    test('gives back the days that both cover, to the cent', async () => {
      const { stripe, subscribe, advance } = app()
      const owner = anOwner()
      const { customer, subscription } = await subscribe(owner.id, { interval: 'yearly' })
      const [item] = (await stripe.subscriptions.retrieve(subscription)).items.data
      const days = ((item?.current_period_end ?? 0) - (item?.current_period_start ?? 0)) / 86_400
      await advance({ days: 100 })
      const newer = await beside(customer, 'dues_ent_monthly')
      await settledFor(app(), owner)
      expect(await liveOf(app(), customer)).toEqual([newer])
      const refunded = Math.round((19_000 * (days - 100)) / days)
      expect(await gotBack(app(), customer)).toEqual({ refunded, credited: 0 })
    })

    test('gives what was taken from the balance back to the balance', async () => {
      const { stripe, subscribe, advance } = app()
      const owner = anOwner()
      const { customer, subscription } = await subscribe(owner.id, { trial_period_days: 3 })
      await stripe.customers.createBalanceTransaction(customer, { amount: -500, currency: 'usd' })
      await advance({ days: 3 })
      await advance({ days: 1 })
      expect((await stripe.subscriptions.retrieve(subscription)).status).toBe('active')
      expect((await stripe.charges.list({ customer })).data.map(({ amount }) => amount)).toEqual([1400])
      await beside(customer, 'dues_pro_monthly')
      await settledFor(app(), owner)
      const [item] = (await stripe.subscriptions.retrieve(subscription)).items.data
      const days = Math.round(((item?.current_period_end ?? 0) - (item?.current_period_start ?? 0)) / 86_400)
      // A day of the month is over. The first 500 are those that the test gave.
      expect(await gotBack(app(), customer)).toEqual({
        refunded: Math.round((1400 * (days - 1)) / days),
        credited: 500 + Math.round((500 * (days - 1)) / days),
      })
    })

    test('gives nothing back that somebody has refunded already', async () => {
      const { stripe, subscribe } = app()
      const owner = anOwner()
      const { customer } = await subscribe(owner.id)
      const [charge] = (await stripe.charges.list({ customer })).data
      await stripe.refunds.create({ charge: charge?.id ?? '', amount: 1000 })
      await beside(customer, 'dues_pro_monthly')
      await settledFor(app(), owner)
      expect(await gotBack(app(), customer)).toEqual({ refunded: 1900, credited: 0 })
      expect(toldOf(owner, 'duplicateEnded')).toMatchObject([{ detail: { amount: 900 } }])
    })

    test('of two trials ends one, and nothing was paid', async () => {
      const { subscribe } = app()
      const owner = anOwner()
      const { customer, subscription } = await subscribe(owner.id, { trial_period_days: 14 })
      const newer = await beside(customer, 'dues_ent_monthly', { trial_period_days: 14 })
      await settledFor(app(), owner)
      expect(await liveOf(app(), customer)).toEqual([newer])
      expect(await gotBack(app(), customer)).toEqual({ refunded: 0, credited: 0 })
      expect(toldOf(owner, 'duplicateEnded')).toMatchObject([{ detail: { ended: subscription, amount: 0 } }])
    })

    test('of three ends two', async () => {
      const { subscribe, query } = app()
      const owner = anOwner()
      const { customer } = await subscribe(owner.id)
      await beside(customer, 'dues_pro_monthly')
      const newest = await beside(customer, 'dues_ent_monthly')
      await until(async () => (await liveOf(app(), customer)).length === 1, 'one is left')
      await until(() => toldOf(owner, 'duplicateEnded').length === 2, 'both are told of')
      expect(await liveOf(app(), customer)).toEqual([newest])
      expect(await gotBack(app(), customer)).toEqual({ refunded: 3800, credited: 0 })
      expect(
        await query('select 1 as n from dues.duplicate where owner = $1 and settled_at is null', [owner.id]),
      ).toEqual([])
    })

    test('ends nothing while it is not paid, nor for what is no plan', async () => {
      const { stripe, subscribe, dues, query } = app()
      const owner = anOwner()
      const { customer, subscription } = await subscribe(owner.id)
      const unpaid = await beside(customer, 'dues_ent_monthly', { payment_behavior: 'default_incomplete' })
      const product = await stripe.products.create({ name: 'A newspaper' })
      const paper = await stripe.subscriptions.create({
        customer,
        items: [
          { price_data: { product: product.id, unit_amount: 500, currency: 'usd', recurring: { interval: 'month' } } },
        ],
      })
      await dues.reconcile()
      await until(
        async () => (await query('select 1 as n from dues.suspect where owner = $1', [owner.id])).length === 0,
        'somebody has looked',
      )
      expect((await liveOf(app(), customer)).sort()).toEqual([subscription, unpaid, paper.id].sort())
      expect(toldOf(owner, 'duplicateEnded')).toEqual([])
    })
  },
  { on, tuning },
)

onEachApp(
  'with credit in place of a refund',
  (app) => {
    test('the next invoices take what was paid twice', async () => {
      const owner = anOwner()
      const { customer, newer } = await buyTwice(app(), owner)
      await settledFor(app(), owner)
      expect(await liveOf(app(), customer)).toEqual([newer])
      expect(await gotBack(app(), customer)).toEqual({ refunded: 0, credited: 1900 })
      expect(toldOf(owner, 'duplicateEnded')).toMatchObject([{ detail: { money: 'credit', amount: 1900 } }])
    })
  },
  { on, tuning, duplicates: 'credit' },
)

onEachApp(
  'with the money kept',
  (app) => {
    test('the older is ended all the same, and nothing is given back', async () => {
      const owner = anOwner()
      const { customer, newer } = await buyTwice(app(), owner)
      await settledFor(app(), owner)
      expect(await liveOf(app(), customer)).toEqual([newer])
      expect(await gotBack(app(), customer)).toEqual({ refunded: 0, credited: 0 })
      expect(toldOf(owner, 'duplicateEnded')).toMatchObject([{ detail: { money: 'keep', amount: 0 } }])
    })
  },
  { on, tuning, duplicates: 'keep' },
)
