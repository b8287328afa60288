import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { openTestStripe } from '../../testing/stripe.ts'
import { usd } from '../money.ts'
import { createCatalogue } from './catalogue.ts'
import { catalogueFacade } from './facade.ts'
import type { Plans } from './plans.ts'
import { resolvePrices } from './resolve.ts'

const plans = {
  free: { name: 'Free' },
  pro: { name: 'Professional', prices: { monthly: usd(19), yearly: usd(190) } },
} satisfies Plans

const open = (stripe: Stripe, configured: Plans = plans) => {
  const catalogue = createCatalogue(configured)
  const check = async () => void (await resolvePrices(stripe, catalogue))
  return { catalogue, ...catalogueFacade({ stripe, catalogue, check }) }
}

const pricesOf = async (stripe: Stripe) => (await stripe.prices.list({ product: 'dues_pro', limit: 100 })).data

test('what is missing is created, and twice in a row changes nothing', async () => {
  const { stripe } = await openTestStripe()
  const { push } = open(stripe)
  const { changes, applied } = await push()
  expect(applied).toBe(true)
  expect(changes.map(({ action, summary }) => `${action} ${summary}`)).toEqual([
    'create product dues_pro "Professional"',
    'create price dues_pro_monthly: 19.00 USD monthly',
    'create price dues_pro_yearly: 190.00 USD yearly',
  ])
  expect(await push()).toEqual({ changes: [], kept: [], applied: false })
  expect(await pricesOf(stripe)).toHaveLength(2)
})

test('a dry run and a refused plan change nothing', async () => {
  const { stripe } = await openTestStripe()
  const { push } = open(stripe)
  expect(await push({ dryRun: true })).toMatchObject({ changes: { length: 3 }, applied: false })
  expect(await push({ confirm: () => false })).toMatchObject({ changes: { length: 3 }, applied: false })
  expect((await stripe.products.list()).data).toEqual([])
})

test('another amount is another price: it takes the key over, and the old one is archived with its members', async () => {
  const { stripe } = await openTestStripe()
  await open(stripe).push()
  const dearer = { ...plans, pro: { ...plans.pro, prices: { ...plans.pro.prices, monthly: usd(25) } } }
  const { changes } = await open(stripe, dearer).push()
  expect(changes.map(({ action, kind }) => `${action} ${kind}`)).toEqual(['create price', 'archive price'])
  const monthly = (await pricesOf(stripe)).filter(({ recurring }) => recurring?.interval === 'month')
  expect(monthly.map(({ unit_amount, active, lookup_key }) => ({ unit_amount, active, lookup_key }))).toEqual(
    expect.arrayContaining([
      { unit_amount: 2500, active: true, lookup_key: 'dues_pro_monthly' },
      { unit_amount: 1900, active: false, lookup_key: null },
    ]),
  )
  expect((await open(stripe, dearer).push()).changes).toEqual([])
})

test('the old price still tells the plan of who pays it', async () => {
  const { stripe } = await openTestStripe()
  await open(stripe).push()
  const [old] = (await stripe.prices.list({ lookup_keys: ['dues_pro_monthly'] })).data
  const dearer = open(stripe, { ...plans, pro: { ...plans.pro, prices: { monthly: usd(25) } } })
  await dearer.push()
  await dearer.check()
  expect(dearer.catalogue.place({ price: String(old?.id), product: 'dues_pro' })).toEqual({
    plan: 'pro',
    interval: null,
  })
})

test('what was archived by hand is brought back, and a name is corrected', async () => {
  const { stripe } = await openTestStripe()
  await open(stripe).push()
  const [price] = (await stripe.prices.list({ lookup_keys: ['dues_pro_yearly'] })).data
  await stripe.prices.update(String(price?.id), { active: false })
  await stripe.products.update('dues_pro', { name: 'Pro' })
  const { changes } = await open(stripe).push()
  expect(changes.map(({ summary }) => summary)).toEqual(['product dues_pro: name', 'price dues_pro_yearly: active'])
  expect(changes.flatMap(({ fields }) => fields)).toEqual([
    { field: 'name', from: 'Pro', to: 'Professional' },
    { field: 'active', from: 'false', to: 'true' },
  ])
  expect((await open(stripe).push()).changes).toEqual([])
})

test('two pushes at once make one of each', async () => {
  const { stripe } = await openTestStripe()
  await Promise.all([open(stripe).push(), open(stripe).push()])
  expect(await pricesOf(stripe)).toHaveLength(2)
  const dearer = { ...plans, pro: { ...plans.pro, prices: { monthly: usd(25) } } }
  await Promise.all([open(stripe, dearer).push(), open(stripe, dearer).push()])
  expect((await pricesOf(stripe)).filter(({ unit_amount }) => unit_amount === 2500)).toHaveLength(1)
})

test('start finds the price ids of everything that is for sale', async () => {
  const { stripe } = await openTestStripe()
  const { push, check, catalogue } = open(stripe)
  await push()
  await check()
  const [price] = (await stripe.prices.list({ lookup_keys: ['dues_pro_monthly'] })).data
  expect(catalogue.priceId(catalogue.offer('pro', 'monthly'))).toBe(price?.id)
})

test('start names each price that is missing, archived, or another at Stripe', async () => {
  const { stripe } = await openTestStripe()
  await open(stripe, { pro: { name: 'Professional', prices: { monthly: usd(18), yearly: usd(190) } } }).push()
  const [yearly] = (await stripe.prices.list({ lookup_keys: ['dues_pro_yearly'] })).data
  await stripe.prices.update(String(yearly?.id), { active: false })
  const configured = { ...plans, ent: { name: 'Enterprise', prices: { monthly: { ...usd(99), id: 'price_none' } } } }
  await expect(open(stripe, configured).check()).rejects.toThrow(
    [
      'The prices at Stripe are not those of the configuration:',
      '- pro monthly (dues_pro_monthly) is 18.00 USD at Stripe, 19.00 USD here.',
      '- pro yearly (dues_pro_yearly) is archived.',
      '- ent monthly (price_none) is not there.',
      'Run `dues push`',
    ].join('\n'),
  )
})

test('a price that the configuration names by its id is used and left alone', async () => {
  const { stripe } = await openTestStripe()
  const product = await stripe.products.create({ name: 'Made in the dashboard' })
  const price = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 1900,
    recurring: { interval: 'month' },
  })
  const named = open(stripe, { pro: { name: 'Professional', prices: { monthly: { ...usd(19), id: price.id } } } })
  expect((await named.push()).changes).toEqual([])
  await named.check()
  expect(named.catalogue.place({ price: price.id, product: product.id })).toEqual({ plan: 'pro', interval: 'monthly' })
})

test('more prices than Stripe looks up at once are all found', async () => {
  const { stripe } = await openTestStripe()
  const many: Plans = Object.fromEntries(
    Array.from({ length: 13 }, (_, i) => [`plan_${i}`, { name: `Plan ${i}`, prices: { monthly: usd(i + 1) } }]),
  )
  const { push, check } = open(stripe, many)
  await push()
  await check()
})
