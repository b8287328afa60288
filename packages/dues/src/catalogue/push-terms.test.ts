import Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { openTestStripe, type TestStripe } from '../../testing/stripe.ts'
import { eur, gbp, usd } from '../money.ts'
import { createCatalogue } from './catalogue.ts'
import { catalogueFacade } from './facade.ts'
import type { Plans } from './plans.ts'
import { resolvePrices } from './resolve.ts'

const open = (stripe: Stripe, configured: Plans) => {
  const catalogue = createCatalogue(configured)
  const check = async () => void (await resolvePrices(stripe, catalogue))
  return { catalogue, ...catalogueFacade({ stripe, catalogue, check }) }
}

const pro = (
  monthly: NonNullable<Plans[string]['prices']>['monthly'],
  features?: Plans[string]['features'],
): Plans => ({
  pro: { name: 'Professional', prices: { ...(monthly && { monthly }) }, ...(features && { features }) },
})

const priceOf = async (stripe: Stripe, key = 'dues_pro_monthly') =>
  (await stripe.prices.list({ lookup_keys: [key], expand: ['data.currency_options', 'data.tiers'] })).data[0]

const subscribe = async (stripe: Stripe, price: string) => {
  const card = 'pm_card_visa'
  const customer = await stripe.customers.create({
    payment_method: card,
    invoice_settings: { default_payment_method: card },
  })
  return stripe.subscriptions.create({ customer: customer.id, items: [{ price }] })
}

describe.each([
  ['several currencies', { ...usd(19), currencyOptions: [gbp(16), eur(18)] }, '19.00 USD or 18.00 EUR, 16.00 GBP'],
  ['an amount for so many units', { ...usd(1), per: 1000 }, '1.00 USD per 1000'],
  [
    'graduated tiers',
    {
      currency: 'usd',
      tiersMode: 'graduated',
      tiers: [
        { upTo: 5, unitAmount: 1000, flatAmount: 500 },
        { upTo: Number.POSITIVE_INFINITY, unitAmount: 800 },
      ],
    },
    'graduated tiers (to 5 10.00 USD each and 5.00 USD flat, then 8.00 USD each)',
  ],
  [
    'volume tiers',
    { currency: 'usd', tiersMode: 'volume', tiers: [{ upTo: Number.POSITIVE_INFINITY, flatAmount: 800 }] },
    'volume tiers (then 8.00 USD flat)',
  ],
  ['a meter', { ...usd(1), per: 1000, meter: 'api_calls' }, '1.00 USD per 1000 metered by api_calls'],
] as const)('a price with %s', (_, price, words) => {
  test('is made, checked, and twice in a row changes nothing', async () => {
    const { stripe } = await openTestStripe()
    const { push, check } = open(stripe, pro(price))
    const { changes } = await push()
    expect(changes.map(({ summary }) => summary)).toContain(`price dues_pro_monthly: ${words} monthly`)
    await check()
    expect((await push()).changes).toEqual([])
    await expect(open(stripe, pro(usd(7))).check()).rejects.toThrow(`is ${words} at Stripe, 7.00 USD here.`)
  })
})

test('another currency is added to the price that there is; another amount in it is another price', async () => {
  const { stripe } = await openTestStripe()
  await open(stripe, pro(usd(19))).push()
  const first = await priceOf(stripe)
  const added = await open(stripe, pro({ ...usd(19), currencyOptions: [eur(18)] })).push()
  expect(added.changes.map(({ action, kind }) => `${action} ${kind}`)).toEqual(['update price'])
  expect(await priceOf(stripe)).toMatchObject({ id: first?.id, currency_options: { eur: { unit_amount: 1800 } } })
  const dearer = await open(stripe, pro({ ...usd(19), currencyOptions: [eur(20)] })).push()
  expect(dearer.changes.map(({ action, kind }) => `${action} ${kind}`)).toEqual(['create price', 'archive price'])
})

test('an amount that goes there and back takes its key back to the price that charged it before', async () => {
  const { stripe } = await openTestStripe()
  await open(stripe, pro(usd(19))).push()
  const first = await priceOf(stripe)
  await open(stripe, pro(usd(25))).push()
  const { changes } = await open(stripe, pro(usd(19))).push()
  expect(changes.map(({ action, kind }) => `${action} ${kind}`)).toEqual(['update price', 'archive price'])
  expect(await priceOf(stripe)).toMatchObject({ id: first?.id, active: true })
  expect((await stripe.prices.list({ active: true })).data.map(({ id }) => id)).toEqual([first?.id])
  expect((await open(stripe, pro(usd(19))).push()).changes).toEqual([])
})

test('whoever pays an old price goes on paying it, and is counted', async () => {
  const { stripe } = await openTestStripe()
  await open(stripe, pro(usd(19))).push()
  const old = String((await priceOf(stripe))?.id)
  const { id } = await subscribe(stripe, old)
  await subscribe(stripe, old)
  const dearer = open(stripe, pro(usd(25)))
  const kept = [{ id: old, plan: 'pro', charges: '19.00 USD monthly', members: 2, more: false }]
  expect(await dearer.push()).toMatchObject({ kept })
  expect(await dearer.push()).toMatchObject({ changes: [], kept })
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
    status: 'active',
    items: { data: [{ price: { id: old } }] },
  })
})

test('a plan that is gone is archived with its prices, and what somebody made by hand is left alone', async () => {
  const { stripe } = await openTestStripe()
  const both: Plans = { ...pro(usd(19)), old: { name: 'Old', prices: { monthly: usd(5), yearly: usd(50) } } }
  await open(stripe, both).push()
  const deal = await stripe.prices.create({
    product: 'dues_pro',
    currency: 'usd',
    unit_amount: 900,
    recurring: { interval: 'month' },
  })
  await stripe.products.create({ id: 'mug', name: 'Mug' })
  const { changes } = await open(stripe, pro(usd(19))).push()
  expect(changes.map(({ action, kind }) => `${action} ${kind}`)).toEqual([
    'archive price',
    'archive price',
    'archive product',
  ])
  expect((await stripe.products.list({ active: true })).data.map(({ id }) => id).sort()).toEqual(['dues_pro', 'mug'])
  expect((await stripe.prices.retrieve(deal.id)).active).toBe(true)
  expect((await open(stripe, pro(usd(19))).push()).changes).toEqual([])
  await open(stripe, both).push()
  expect(await stripe.products.retrieve('dues_old')).toMatchObject({ active: true })
})

test('a price that is the default of its product is archived all the same', async () => {
  const { stripe } = await openTestStripe()
  await open(stripe, pro(usd(19))).push()
  const old = await priceOf(stripe)
  await stripe.products.update('dues_pro', { default_price: String(old?.id) })
  await open(stripe, pro(usd(25))).push()
  expect((await stripe.prices.retrieve(String(old?.id))).active).toBe(false)
})

describe("Stripe's entitlement features", () => {
  const granted = async (stripe: Stripe) =>
    (await stripe.products.listFeatures('dues_pro')).data.map((one) => one.entitlement_feature.lookup_key).sort()

  test('are those of the plans, and follow them', async () => {
    const { stripe } = await openTestStripe()
    const { push } = open(stripe, pro(usd(19), { projects: 100, export: true, sso: false, seats: 0 }))
    const { changes } = await push()
    expect(changes.map(({ summary }) => summary).slice(2)).toEqual([
      'feature dues_projects',
      'feature dues_export',
      'product dues_pro: grants projects',
      'product dues_pro: grants export',
    ])
    expect(await granted(stripe)).toEqual(['dues_export', 'dues_projects'])
    expect((await push()).changes).toEqual([])

    const less = open(stripe, pro(usd(19), { projects: 10, sso: true }))
    expect((await less.push()).changes.map(({ action, summary }) => `${action} ${summary}`)).toEqual([
      'update product dues_pro: dues_limits',
      'create feature dues_sso',
      'update product dues_pro: grants sso',
      'update product dues_pro: grants no more export',
      'archive feature dues_export, which no plan has',
    ])
    expect(await granted(stripe)).toEqual(['dues_projects', 'dues_sso'])
    expect((await less.push()).changes).toEqual([])
    await push()
    expect(await granted(stripe)).toEqual(['dues_export', 'dues_projects'])
  })

  test('one that somebody made under the same key is taken and not made again', async () => {
    const { stripe } = await openTestStripe()
    await stripe.entitlements.features.create({ name: 'Export', lookup_key: 'dues_export' })
    const { push } = open(stripe, pro(usd(19), { export: true }))
    await push()
    expect(await granted(stripe)).toEqual(['dues_export'])
    expect((await push()).changes).toEqual([])
  })

  test('are what a member has by Stripe’s own word', async () => {
    const { stripe } = await openTestStripe()
    await open(stripe, pro(usd(19), { export: true })).push()
    const { customer } = await subscribe(stripe, String((await priceOf(stripe))?.id))
    const { data } = await stripe.entitlements.activeEntitlements.list({ customer: String(customer) })
    expect(data.map(({ lookup_key }) => lookup_key)).toEqual(['dues_export'])
  })
})

describe('when Stripe fails in the middle', () => {
  const whole: Plans = {
    ...pro({ ...usd(19), currencyOptions: [eur(18)] }, { projects: 100, export: true }),
    api: { name: 'API', prices: { monthly: { ...usd(1), meter: 'api_calls', per: 100 } }, features: { export: true } },
  }
  const failing = async ({ local, secretKey }: TestStripe, settings: object) => {
    const headers = { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' }
    await fetch(`${local.url}/_local/faults`, { method: 'POST', headers, body: JSON.stringify(settings) })
  }

  test('a push says how far it got, and the next goes on there', async () => {
    const { stripe } = await openTestStripe()
    const create = stripe.prices.create.bind(stripe.prices)
    stripe.prices.create = async () => {
      throw new Stripe.errors.StripeConnectionError({ message: 'cut off', type: 'api_error' } as never)
    }
    await expect(open(stripe, whole).push()).rejects.toMatchObject({
      code: 'stripe_unavailable',
      details: { made: 2 },
      message: expect.stringContaining('Made 2 of'),
    })
    stripe.prices.create = create
    expect((await open(stripe, whole).push()).changes.map(({ kind }) => kind)).not.toContain('meter')
    expect((await open(stripe, whole).push()).changes).toEqual([])
  })

  test.each([1, 2])('answers that are lost after the write leave no second of anything (seed %i)', async (seed) => {
    const there = await openTestStripe()
    const { local, secretKey } = there
    // Nobody repeats a call but the next push, which cannot know that it is a repetition.
    const stripe = new Stripe(secretKey, {
      host: 'localhost',
      port: local.port,
      protocol: 'http',
      maxNetworkRetries: 0,
    })
    await failing(there, { seed, api: { resetAfterWrite: 0.2, status500: 0.05 } })
    for (let round = 0; round < 12; round++) {
      const pushed = await open(stripe, whole)
        .push()
        .then(
          ({ changes }) => changes.length === 0,
          () => false,
        )
      if (pushed) break
    }
    await failing(there, {})
    await open(stripe, whole).push()
    expect((await open(stripe, whole).push()).changes).toEqual([])
    expect((await stripe.prices.list({ limit: 100 })).data).toHaveLength(2)
    expect((await stripe.entitlements.features.list()).data).toHaveLength(2)
    expect((await stripe.billing.meters.list()).data).toHaveLength(1)
  })
})
