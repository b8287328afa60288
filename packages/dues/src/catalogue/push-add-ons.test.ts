import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { openTestStripe } from '../../testing/stripe.ts'
import { usd } from '../money.ts'
import type { AddOns } from './add-ons.ts'
import { createCatalogue } from './catalogue.ts'
import { catalogueFacade } from './facade.ts'
import type { Plans } from './plans.ts'
import { resolvePrices } from './resolve.ts'

const plans = {
  pro: { name: 'Professional', prices: { monthly: usd(19) }, features: { export: true } },
} satisfies Plans
const addOns: AddOns = {
  storage: { name: 'Storage', prices: { monthly: usd(5) }, features: { gigabytes: 100, export: true } },
  calls: {
    name: 'Calls',
    description: 'By the call.',
    prices: { monthly: { ...usd(1), meter: 'calls' } },
    plans: ['pro'],
  },
}

const open = (stripe: Stripe, beside: AddOns = addOns, sold: Plans = plans) => {
  const catalogue = createCatalogue(sold, { addOns: beside })
  const check = async () => void (await resolvePrices(stripe, catalogue))
  return { catalogue, ...catalogueFacade({ stripe, catalogue, check }) }
}

test('add-ons become products, prices and entitlement features of their own, and twice in a row changes nothing', async () => {
  const { stripe } = await openTestStripe()
  const { push, check, catalogue } = open(stripe)
  const { changes } = await push()
  expect(changes.map(({ action, summary }) => `${action} ${summary}`)).toEqual([
    'create meter calls',
    'create product dues_pro "Professional"',
    'create price dues_pro_monthly: 19.00 USD monthly',
    'create product dues_addon_storage "Storage"',
    'create price dues_addon_storage_monthly: 5.00 USD monthly',
    'create product dues_addon_calls "Calls"',
    'create price dues_addon_calls_monthly: 1.00 USD metered by calls monthly',
    'create feature dues_export',
    'create feature dues_gigabytes',
    'update product dues_pro: grants export',
    'update product dues_addon_storage: grants gigabytes',
    'update product dues_addon_storage: grants export',
  ])
  expect(await push()).toEqual({ changes: [], kept: [], applied: false })
  await check()
  expect(catalogue.priceId(catalogue.addOnOffer('storage', { plan: 'pro', interval: 'monthly' }))).toMatch(/^price_/)
  expect((await stripe.products.retrieve('dues_addon_calls')).metadata).toEqual({
    dues_add_on: 'calls',
    dues_plans: 'pro',
  })
})

test('another amount, other plans and another name are changed; what is sold no more is archived', async () => {
  const { stripe } = await openTestStripe()
  await open(stripe).push()
  const { storage } = addOns
  const changed = { storage: { ...storage, name: 'Space', prices: { monthly: usd(6) }, plans: ['pro'] } } as AddOns
  const { changes } = await open(stripe, changed).push()
  expect(changes.map(({ action, summary }) => `${action} ${summary.replace(/price_\w+/, 'price_…')}`)).toEqual([
    'update product dues_addon_storage: name, dues_plans',
    'create price dues_addon_storage_monthly: 6.00 USD monthly',
    'archive price price_…, which is not sold any more; who pays it goes on paying it',
    'archive price price_…, which is not sold any more; who pays it goes on paying it',
    'archive product dues_addon_calls "Calls", which is no add-on any more',
  ])
  expect((await open(stripe, changed).push()).changes).toEqual([])
  const back = (await open(stripe).push()).changes
  expect(back.map(({ action, key }) => `${action} ${key.replace(/price_\w+/, 'price_…')}`)).toEqual([
    'update dues_addon_storage',
    'update dues_addon_storage_monthly',
    'update dues_addon_calls',
    'update dues_addon_calls_monthly',
    'archive price_…',
  ])
})

test('an older price of an add-on that somebody still pays is told of', async () => {
  const { stripe } = await openTestStripe()
  await open(stripe).push()
  const [price] = (await stripe.prices.list({ lookup_keys: ['dues_addon_storage_monthly'] })).data
  const customer = await stripe.customers.create({ payment_method: 'pm_card_visa' })
  await stripe.subscriptions.create({
    customer: customer.id,
    default_payment_method: (await stripe.customers.listPaymentMethods(customer.id)).data[0]?.id ?? '',
    items: [{ price: price?.id ?? '', quantity: 2 }],
  })
  const dearer = { ...addOns, storage: { ...addOns.storage, prices: { monthly: usd(6) } } } as AddOns
  expect((await open(stripe, dearer).push()).kept).toEqual([
    { id: price?.id, plan: null, addOn: 'storage', charges: '5.00 USD monthly', members: 1, more: false },
  ])
})

test('what was pushed is pulled again, with the plans that may have it, and a push of that changes nothing', async () => {
  const { stripe } = await openTestStripe()
  await open(stripe).push()
  const { text, plans: pulled, addOns: beside, notes } = await open(stripe).pull()
  expect(pulled).toEqual(plans)
  expect(beside).toEqual(addOns)
  expect(notes).toEqual([])
  expect(text).toContain("import { usd, type AddOns, type Plans } from 'dues'")
  expect(text).toContain(`export const addOns = {
  calls: {
    name: 'Calls',
    description: 'By the call.',
    prices: {
      monthly: { ...usd(1), meter: 'calls' },
    },
    plans: ['pro'],
  },
  storage: {
    name: 'Storage',
    prices: {
      monthly: usd(5),
    },
    features: { export: true, gigabytes: 100 },
  },
} as const satisfies AddOns
`)
  expect((await open(stripe, beside, pulled).push()).changes).toEqual([])
})
