import * as fc from 'fast-check'
import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { openTestStripe } from '../../testing/stripe.ts'
import { aud, cad, chf, eur, gbp, jpy, money, usd } from '../money.ts'
import { createCatalogue } from './catalogue.ts'
import { catalogueFacade } from './facade.ts'
import { intervals, type Plans } from './plans.ts'
import { planProblems } from './validate.ts'
import { writePlans } from './write-plans.ts'

const open = (stripe: Stripe, plans: Plans = {}) =>
  catalogueFacade({ stripe, catalogue: createCatalogue(plans), check: async () => undefined })

/** Runs the text as the module that it is. */
function read(text: string): Plans {
  const script = text
    .replace(/^import .*$/m, '')
    .replace('export const plans =', 'return')
    .replace(/ as const satisfies Plans\n$/, '')
  const helpers = { usd, eur, gbp, chf, cad, aud, jpy, money }
  return new Function(...Object.keys(helpers), script)(...Object.values(helpers)) as Plans
}

const sold: Plans = {
  pro: {
    name: 'Professional',
    description: "The maker's choice",
    prices: { monthly: { ...usd(19), currencyOptions: [eur(18.5), jpy(2000)] }, yearly: usd(190) },
    trial: { days: 14, withoutCard: 'pause' },
    contact: "the owner's desk <pro@example.com>",
    features: { export: true, projects: 100 },
  },
  team: {
    name: 'Team',
    prices: {
      monthly: {
        currency: 'usd',
        tiersMode: 'graduated',
        tiers: [
          { upTo: 5, unitAmount: 10000 },
          { upTo: Number.POSITIVE_INFINITY, unitAmount: 8000, flatAmount: 100 },
        ],
      },
    },
    quantity: { min: 2, max: 50, adjustable: true },
    features: { export: true, projects: Number.POSITIVE_INFINITY },
  },
}

test('what was pushed is pulled as it was', async () => {
  const { stripe } = await openTestStripe()
  await open(stripe, sold).push()
  const { plans, text, notes } = await open(stripe).pull()
  expect(notes).toEqual([])
  expect(plans).toEqual(sold)
  expect(read(text)).toEqual(sold)
  expect(text).toContain('      monthly: { ...usd(19), currencyOptions: [eur(18.5), jpy(2000)] },\n')
  expect((await open(stripe, read(text)).push()).changes).toEqual([])
})

test('an account that was set up by hand keeps its prices by their ids, and a push of it changes nothing', async () => {
  const { stripe } = await openTestStripe()
  const product = await stripe.products.create({ name: 'Team & "Friends" \\ O\'Neil' })
  const make = (params: Partial<Stripe.PriceCreateParams>) =>
    stripe.prices.create({
      product: product.id,
      currency: 'usd',
      unit_amount: 900,
      recurring: { interval: 'month' },
      ...params,
    })
  const monthly = await make({})
  await stripe.products.update(product.id, { default_price: monthly.id })
  const second = await make({ unit_amount: 1200 })
  await make({ recurring: { interval: 'week', interval_count: 2 } })
  const { unit_amount: _, ...parts } = { unit_amount: 0, unit_amount_decimal: '0.5' as unknown as Stripe.Decimal }
  await stripe.prices.create({ product: product.id, currency: 'usd', recurring: { interval: 'year' }, ...parts })
  const feature = await stripe.entitlements.features.create({ name: 'Export', lookup_key: 'export-it' })
  await stripe.products.createFeature(product.id, { entitlement_feature: feature.id })
  const mug = await stripe.products.create({ name: 'Mug' })
  await stripe.prices.create({ product: mug.id, currency: 'usd', unit_amount: 1500 })

  const { text, notes } = await open(stripe).pull()
  const plans = read(text)
  expect(plans).toEqual({
    team_friends_o_neil: {
      name: 'Team & "Friends" \\ O\'Neil',
      prices: { monthly: { ...usd(9), id: monthly.id } },
      features: { 'export-it': true },
    },
  })
  expect(notes).toHaveLength(3)
  expect(notes.join('\n')).toContain(`${second.id} (12.00 USD monthly) is sold beside the one below.`)
  expect(notes.join('\n')).toContain('0.005 USD yearly) charges in a way that a configuration cannot say.')
  expect(notes.join('\n')).toContain('9.00 USD every 2 weeks) recurs in a way that has no name here.')
  expect(planProblems(plans)).toEqual([])
  expect((await open(stripe, plans).push()).changes).toEqual([])
})

const terms = {
  quantity: fc.record(
    { min: fc.integer({ min: 1, max: 5 }), max: fc.integer({ min: 5, max: 900 }), adjustable: fc.constant(true) },
    { requiredKeys: ['min'] },
  ),
  trial: fc.record(
    { days: fc.integer({ min: 1, max: 730 }), withoutCard: fc.constantFrom('cancel', 'pause') },
    { requiredKeys: ['days'] },
  ),
}

test('whatever is sold, what was pushed is pulled as it was, and a push of it changes nothing', async () => {
  const { stripe } = await openTestStripe()
  const amount = fc.integer({ min: 0, max: 1_000_000 })
  const flat = amount.map((cents) => ({ amount: cents, currency: 'usd' }))
  const price = fc.oneof(
    flat,
    fc.tuple(flat, amount).map(([own, cents]) => ({ ...own, currencyOptions: [{ amount: cents, currency: 'eur' }] })),
    fc.tuple(flat, fc.integer({ min: 2, max: 1000 })).map(([own, per]) => ({ ...own, per, meter: 'calls' })),
    fc.tuple(amount, amount, fc.integer({ min: 1, max: 50 })).map(([unitAmount, flatAmount, upTo]) => ({
      currency: 'usd',
      tiersMode: 'volume' as const,
      tiers: [
        { upTo, unitAmount },
        { upTo: Number.POSITIVE_INFINITY, flatAmount },
      ],
    })),
  )
  const plan = fc.record({
    name: fc.constantFrom('Basic', "The maker's", 'Größe'),
    prices: fc.dictionary(fc.constantFrom('monthly', 'yearly'), price, { minKeys: 1, maxKeys: 2 }),
    features: fc.dictionary(fc.constantFrom('export', 'sso'), fc.constant(true), { minKeys: 1 }),
    contact: fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
    ...terms,
  })
  const plans = fc.dictionary(fc.constantFrom('basic', 'pro', 'team'), plan, { minKeys: 1, maxKeys: 3 })
  await fc.assert(
    fc.asyncProperty(plans, async (sold) => {
      const configured = sold as unknown as Plans
      await open(stripe, configured).push()
      expect((await open(stripe, configured).push()).changes).toEqual([])
      const { text, notes } = await open(stripe).pull()
      expect(notes).toEqual([])
      expect(read(text)).toEqual(configured)
      expect((await open(stripe, read(text)).push()).changes).toEqual([])
    }),
    { numRuns: 25 },
  )
})

test('terms that somebody has written over by hand are none', async () => {
  const { stripe } = await openTestStripe()
  await open(stripe, sold).push()
  for (const text of [
    '[]',
    'null',
    '{',
    '{"trial":{"days":"14"}}',
    '{"quantity":{"min":1,"evil":"1} + 1"}}',
    '{"contact":7}',
  ]) {
    await stripe.products.update('dues_pro', { metadata: { dues_terms: text } })
    const { plans } = await open(stripe).pull()
    expect(plans.pro).not.toMatchObject({ trial: {} })
    expect(plans.pro).not.toHaveProperty('contact')
    expect(plans.pro).not.toHaveProperty('quantity')
  }
})

test('whatever stands in a configuration, its text says the same', () => {
  const amount = fc.integer({ min: 0, max: 10_000_000 })
  const price = fc.oneof(
    amount.map((cents) => ({ amount: cents, currency: 'usd' })),
    amount.map((cents) => ({ amount: cents, currency: 'sek', meter: 'calls', per: 7 })),
    amount.map((cents) => ({ amount: cents, currency: 'eur', currencyOptions: [{ amount: cents, currency: 'jpy' }] })),
    amount.map((cents) => ({ amount: cents, currency: 'gbp', id: 'price_1' })),
  )
  const interval = fc.constantFrom(...Object.keys(intervals))
  const plan = fc.record({
    name: fc.string({ unit: 'binary' }),
    prices: fc.dictionary(interval, price, { minKeys: 1, maxKeys: 3 }),
  })
  const codes = fc.stringMatching(/^[a-z][a-z0-9_]{0,10}$/)
  fc.assert(
    fc.property(fc.dictionary(codes, plan, { maxKeys: 3 }), fc.array(fc.string({ unit: 'binary' })), (plans, notes) => {
      const given = plans as unknown as Plans
      expect(read(writePlans({ plans: given, addOns: {} }, notes))).toEqual({ ...given })
    }),
  )
})
