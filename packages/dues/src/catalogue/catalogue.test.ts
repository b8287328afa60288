import { describe, expect, test } from 'vitest'
import { usd } from '../money.ts'
import { createCatalogue } from './catalogue.ts'
import type { Plans } from './plans.ts'
import { planProblems } from './validate.ts'

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
