import { describe, expect, test } from 'vitest'
import { eur, usd } from '../money.ts'
import type { AddOns } from './add-ons.ts'
import { createCatalogue } from './catalogue.ts'
import type { Plans } from './plans.ts'
import { planProblems } from './validate.ts'
import { wantedAddOns } from './wanted-add-ons.ts'

const plans = {
  free: { name: 'Free', features: { projects: 3 } },
  pro: {
    name: 'Professional',
    prices: { monthly: usd(19), yearly: usd(190) },
    features: { projects: 100, export: true },
  },
  ent: { name: 'Enterprise', contact: 'sales@example.com', features: { projects: Infinity, export: true } },
} satisfies Plans

describe('the catalogue', () => {
  const catalogue = createCatalogue(plans)

  test('sells each price of each plan under a lookup key of its own', () => {
    expect(catalogue.offers.map(({ lookupKey }) => lookupKey)).toEqual(['dues_pro_monthly', 'dues_pro_yearly'])
  })

  test('takes the plan without price and contact for the free one', () => {
    expect(catalogue.free).toBe('free')
  })

  test.each([
    ['gold', 'monthly', 'plan_unknown', 'There are: free, pro, ent.'],
    ['toString', 'monthly', 'plan_unknown', 'There are: free, pro, ent.'],
    ['pro', 'weekly', 'interval_unknown', 'It is sold: monthly, yearly.'],
    ['pro', 'constructor', 'interval_unknown', 'It is sold: monthly, yearly.'],
    ['free', 'monthly', 'interval_unknown', 'Free is not for sale here.'],
    ['ent', 'monthly', 'interval_unknown', 'Write to sales@example.com.'],
  ])('refuses %s %s with what there is instead', (plan, interval, code, message) => {
    expect(() => catalogue.offer(plan, interval)).toThrow(expect.objectContaining({ code }))
    expect(() => catalogue.offer(plan, interval)).toThrow(message)
  })

  test('says what to do when a price has not been pushed', () => {
    expect(() => catalogue.priceId(catalogue.offer('pro', 'monthly'))).toThrow('run `dues push`')
  })

  test('finds the plan of a price by its id, and of an older price by its product', () => {
    const offer = catalogue.offer('pro', 'yearly')
    catalogue.learn([{ offer, id: 'price_1', product: 'prod_1' }])
    expect(catalogue.place({ price: 'price_1', product: 'prod_1' })).toEqual({ plan: 'pro', interval: 'yearly' })
    expect(catalogue.place({ price: 'price_old', product: 'prod_1' })).toEqual({ plan: 'pro', interval: null })
    expect(catalogue.place({ price: 'price_old', product: 'dues_pro' })).toEqual({ plan: 'pro', interval: null })
    expect(catalogue.place({ price: 'price_mug', product: 'prod_mug' })).toBeNull()
  })
})

describe('the catalogue of add-ons', () => {
  const addOns = {
    storage: {
      name: 'Storage',
      prices: { monthly: usd(5), yearly: usd(50) },
      features: { projects: 10, export: true },
    },
    support: {
      name: 'Support',
      prices: { yearly: usd(20), monthly: usd(2) },
      plans: ['pro'],
      features: { projects: 1 },
    },
    calls: { name: 'Calls', prices: { monthly: { ...usd(1), meter: 'calls' }, yearly: { ...usd(9), meter: 'calls' } } },
  } satisfies AddOns
  const catalogue = createCatalogue(plans, { addOns })
  const pro = { plan: 'pro', interval: 'monthly' } as const

  test('sells each price under a lookup key that no plan has', () => {
    expect(catalogue.addOnOffers.map(({ lookupKey }) => lookupKey)).toContain('dues_addon_storage_yearly')
    expect(catalogue.goods.map(({ product }) => product).slice(-3)).toEqual([
      'dues_addon_storage',
      'dues_addon_support',
      'dues_addon_calls',
    ])
  })

  test('allows every plan with a price, unless the add-on names some', () => {
    const allowed = (addOn: string) => ['free', 'pro', 'ent'].filter((plan) => catalogue.allows(plan, addOn))
    expect([allowed('storage'), allowed('support'), allowed('toString')]).toEqual([['pro'], ['pro'], []])
  })

  test('adds limits up, once for each that there is, and turns switches on', () => {
    const has = (numbers: Record<string, number>, plan: string | null = 'pro') => ({ plan, addOns: numbers })
    expect(catalogue.feature(has({ storage: 3, support: 1 }), 'projects')).toBe(131)
    expect(catalogue.feature(has({ storage: 0 }), 'projects')).toBe(100)
    expect(catalogue.feature(has({ storage: 2 }, 'ent'), 'projects')).toBe(Infinity)
    expect(catalogue.feature(has({ storage: 2 }, 'free'), 'export')).toBe(true)
    expect(catalogue.feature(has({ storage: 2 }, null), 'projects')).toBe(20)
    expect(catalogue.feature(has({ gone: 2 }), 'sso')).toBe(false)
  })

  test('finds the add-on of a price by its id, and of an older price by its product; what is a plan is none', () => {
    catalogue.learn([
      { offer: catalogue.offer('pro', 'monthly'), id: 'price_pro', product: 'prod_all' },
      { offer: catalogue.addOnOffer('storage', pro), id: 'price_storage', product: 'prod_all' },
    ])
    expect(catalogue.placeAddOn({ price: 'price_storage', product: 'prod_all' })).toEqual({
      addOn: 'storage',
      interval: 'monthly',
    })
    expect(catalogue.place({ price: 'price_storage', product: 'prod_all' })).toBeNull()
    expect(catalogue.placeAddOn({ price: 'price_pro', product: 'prod_all' })).toBeNull()
    const older = { price: 'price_old', product: 'dues_addon_storage' }
    expect([catalogue.placeAddOn(older), catalogue.place(older)]).toEqual([{ addOn: 'storage', interval: null }, null])
  })

  test('says how many are wanted: what a meter counts is there or not', () => {
    const wanted = (wish: Record<string, number>) =>
      wantedAddOns(catalogue, pro, wish).map(({ offer, quantity }) => [offer.addOn, quantity])
    expect(wanted({ storage: 2, support: 0, calls: 1 })).toEqual([
      ['storage', 2],
      ['calls', null],
    ])
    expect(() => wanted({ calls: 2 })).toThrow('Calls is charged by what is used: give 1 to have it, or 0.')
  })
})

describe('add-ons that cannot be sold are refused at start, with a way out', () => {
  const storage = { name: 'Storage', prices: { monthly: usd(5), yearly: usd(50) } }
  const euros = { ...plans, pro: { ...plans.pro, prices: { monthly: { ...usd(19), currencyOptions: [eur(18)] } } } }

  test.each([
    [{ storage }, ''],
    [{ Storage: storage }, 'addOns.Storage: an add-on\'s code is small letters, digits and _, as in "storage".'],
    [{ storage: { ...storage, name: '' } }, 'addOns.storage.name is missing'],
    [{ storage: { name: 'Storage' } }, 'addOns.storage.prices is missing: an add-on costs something.'],
    [
      { storage: { ...storage, prices: { monthly: usd(5) } } },
      'addOns.storage.prices.yearly is missing: pro is sold yearly, and all of a subscription recurs alike. Add it, or leave pro out of addOns.storage.plans.',
    ],
    [
      { storage: { ...storage, prices: { monthly: eur(5), yearly: usd(50) } } },
      'addOns.storage.prices.monthly is in eur, and pro in usd: give both in one currency, or leave pro out of addOns.storage.plans.',
    ],
    [{ storage: { ...storage, plans: ['gold'] } }, 'addOns.storage.plans: there is no plan "gold" that is sold.'],
    [{ storage: { ...storage, plans: ['ent'] } }, 'addOns.storage.plans: there is no plan "ent" that is sold.'],
    [{ storage: { ...storage, plans: [] } }, 'addOns.storage: no plan with a price may have it.'],
    [{ storage: { ...storage, quantity: { max: 0 } } }, 'addOns.storage.quantity.max is 0'],
    [
      { storage: { ...storage, features: { projects: true } } },
      'addOns.storage.features.projects is a switch, and a limit',
    ],
    [
      {
        storage: {
          ...storage,
          prices: { monthly: { ...usd(5), id: 'price_1' }, yearly: { ...usd(50), id: 'price_1' } },
        },
      },
      'a price of its own',
    ],
  ])('%j', (addOns: object, message) => {
    const problems = planProblems(plans, addOns as AddOns).join('\n')
    if (message === '') expect(problems).toBe('')
    else expect(problems).toContain(message)
  })

  test('in a currency that the plan has and the add-on lacks', () => {
    expect(planProblems(euros, { storage })).toEqual([
      'addOns.storage.prices.monthly is not in eur, as pro is: add it to its currencyOptions, or leave pro out of addOns.storage.plans.',
    ])
  })

  test('under the name that a plan has at Stripe', () => {
    const taken = { ...plans, addon_storage: { name: 'X', prices: { monthly: usd(1), yearly: usd(9) } } }
    expect(planProblems(taken, { storage })).toEqual([
      'plans.addon_storage would be addOns.storage at Stripe: call one of them otherwise.',
    ])
  })
})

describe('plans that cannot work are refused at start', () => {
  const problems = (changed: object) => planProblems({ ...plans, ...changed } as Plans).join('\n')
  const price = usd(1)
  const tiered = (tiers: object[]) => ({ currency: 'usd', tiersMode: 'graduated', tiers })

  test('good ones are not', () => {
    expect(planProblems(plans)).toEqual([])
  })

  test.each([
    [{ 'Pro Plan': { name: 'Pro' } }, "a plan's code is small letters"],
    [{ pro: { prices: { monthly: price } } }, 'plans.pro.name is missing'],
    [{ pro: { name: 'Pro', prices: {} } }, 'plans.pro.prices is empty'],
    [{ pro: { name: 'Pro', prices: { montly: price } } }, 'there is no interval "montly"; there are daily'],
    [{ pro: { name: 'Pro', prices: { monthly: 19 } } }, 'plans.pro.prices.monthly.amount'],
    [{ pro: { name: 'Pro', prices: { monthly: undefined } } }, 'plans.pro.prices.monthly is missing'],
    [{ pro: { name: 'Pro', prices: { monthly: { amount: 19.5, currency: 'usd' } } } }, 'give minor units'],
    [{ pro: { name: 'Pro', prices: { monthly: { amount: 1900, currency: 'USD' } } } }, 'three small letters'],
    [{ pro: { name: 'Pro', prices: { monthly: { ...price, id: 'prod_1' } } } }, 'expected price_…'],
    [{ pro: { name: 'Pro', prices: { monthly: price }, trial: { days: 1.5 } } }, 'whole days, 1 to 730'],
    [
      { pro: { name: 'Pro', prices: { monthly: price }, trial: { days: 7, withoutCard: 'ask' } } },
      '"cancel" or "pause"',
    ],
    [{ pro: { name: 'Pro', prices: { monthly: price }, quantity: { min: 0 } } }, 'quantity.min is 0'],
    [{ pro: { name: 'Pro', prices: { monthly: price }, quantity: { min: 5, max: 3 } } }, 'quantity.max is 3'],
    [
      { pro: { name: 'Pro', prices: { monthly: { ...price, meter: 'calls' } }, quantity: { max: 3 } } },
      'cannot be bought by the seat',
    ],
    [{ pro: { name: 'Pro', prices: { monthly: { ...price, meter: 'api calls' } } } }, 'meter is no event name'],
    [{ pro: { name: 'Pro', prices: { monthly: { ...price, per: 1 } } } }, 'per is 1'],
    [{ pro: { name: 'Pro', prices: { monthly: { ...price, currencyOptions: [usd(1)] } } } }, 'a price in usd already'],
    [
      { pro: { name: 'Pro', prices: { monthly: { ...price, currencyOptions: [{ amount: 1.5, currency: 'eur' }] } } } },
      'currencyOptions[0].amount is 1.5',
    ],
    [{ pro: { name: 'Pro', prices: { monthly: tiered([{ upTo: 5, unitAmount: 1 }]) } } }, 'the last tier has no end'],
    [
      {
        pro: {
          name: 'Pro',
          prices: { monthly: tiered([{ upTo: 5, unitAmount: 1 }, { upTo: 5 }, { upTo: Infinity }]) },
        },
      },
      'tiers[1].upTo is 5',
    ],
    [{ pro: { name: 'Pro', prices: { monthly: tiered([{ upTo: Infinity }]) } } }, 'costs nothing that is said'],
    [{ pro: { name: 'Pro', prices: { monthly: { ...tiered([]), tiersMode: 'steps' } } } }, '"graduated" or "volume"'],
    [{ trial: { name: 'Trial', contact: 'a@b', trial: { days: 7 } } }, 'has nothing to try'],
    [{ none: { name: 'None' } }, 'plans has 2 free ones (free, none)'],
    [{ pro: { name: 'Pro', prices: { monthly: price }, features: { projects: true } } }, 'choose one'],
    [{ pro: { name: 'Pro', prices: { monthly: price }, features: { projects: -1 } } }, 'a number from 0'],
    [
      { pro: { name: 'Pro', prices: { monthly: { ...price, id: 'price_1' }, yearly: { ...price, id: 'price_1' } } } },
      'a price of its own',
    ],
  ])('%j', (changed, message) => {
    expect(problems(changed)).toContain(message)
  })

  test('none at all', () => {
    expect(planProblems({})).toEqual(['plans is empty: name at least one plan.'])
  })
})
