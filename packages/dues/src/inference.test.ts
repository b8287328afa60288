import { expect, test } from 'vitest'
import type { AddOnName, AddOnNameFor } from './catalogue/add-ons.ts'
import type { CurrentPlan, FeatureName, IntervalOf, LimitName, PaidPlanName, PlanName } from './catalogue/plans.ts'
import type { Dues } from './dues.ts'
import { createDues } from './dues.ts'
import type { Member } from './entitlements/types.ts'
import { eur, usd } from './money.ts'

/**
 * What the types promise, checked by `tsc` (part of `npm run check`): each `@ts-expect-error` fails to compile the day that
 * the mistake below it is let through.
 */

const clubOf = () =>
  createDues({
    stripe: { secretKey: 'sk_test_1', webhookSecret: 'whsec_1' },
    database: 'postgres://localhost/club',
    plans: {
      free: { name: 'Free', features: { projects: 3 } },
      pro: {
        name: 'Professional',
        prices: { monthly: { ...usd(19), currencyOptions: [eur(18)] }, yearly: usd(190) },
        trial: { days: 14, withoutCard: 'cancel' },
        features: { projects: 100, export: true },
      },
      ent: {
        name: 'Enterprise',
        prices: {
          monthly: {
            currency: 'usd',
            tiersMode: 'graduated',
            tiers: [
              { upTo: 10, unitAmount: 9900 },
              { upTo: Infinity, unitAmount: 7900 },
            ],
          },
        },
        quantity: { min: 3, adjustable: true },
        contact: 'sales@example.com',
        features: { projects: Infinity, export: true, sso: true },
      },
    },
    addOns: {
      storage: {
        name: 'Storage',
        prices: { monthly: usd(5), yearly: usd(50) },
        features: { gigabytes: 100, sla: true },
      },
      support: {
        name: 'Support',
        prices: { monthly: usd(20), yearly: usd(200) },
        plans: ['pro'],
        quantity: { max: 1 },
      },
    },
    usage: { gigabytes: { resets: 'never' } },
    identify: () => null,
    on: {
      started: (transition) => {
        const plan: 'free' | 'pro' | 'ent' | null | undefined = transition.after?.plan
        return void plan
      },
      addOnsChanged: ({ after }) => void after?.addOns.storage.toFixed(),
    },
  })

/** An app without add-ons is as it was. */
const plainOf = () =>
  createDues({
    stripe: { secretKey: 'sk_test_1', webhookSecret: 'whsec_1' },
    database: 'postgres://localhost/club',
    plans: { pro: { name: 'Professional', prices: { monthly: usd(19) }, features: { export: true } } },
    identify: () => null,
  })
type Plain = ReturnType<typeof plainOf> extends Dues<infer Plans> ? Plans : never

type Club = ReturnType<typeof clubOf>
type P = Club extends Dues<infer Plans> ? Plans : never
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

const inferred = {
  plans: true satisfies Same<PlanName<P>, 'free' | 'pro' | 'ent'>,
  paid: true satisfies Same<PaidPlanName<P>, 'pro' | 'ent'>,
  intervals: true satisfies Same<IntervalOf<P>, 'monthly' | 'yearly'>,
  intervalsOfEnt: true satisfies Same<IntervalOf<P, 'ent'>, 'monthly'>,
  addOns: true satisfies Same<AddOnName<P>, 'storage' | 'support'>,
  addOnsOfPro: true satisfies Same<AddOnNameFor<P, 'pro'>, 'storage' | 'support'>,
  addOnsOfEnt: true satisfies Same<AddOnNameFor<P, 'ent'>, 'storage'>,
  features: true satisfies Same<FeatureName<P>, 'projects' | 'export' | 'sso' | 'gigabytes' | 'sla'>,
  limits: true satisfies Same<LimitName<P>, 'projects' | 'gigabytes'>,
  noAddOns: true satisfies Same<AddOnName<Plain>, never>,
  theirFeatures: true satisfies Same<FeatureName<Plain>, 'export'>,
  neverNullWithAFreePlan: true satisfies Same<CurrentPlan<P>, 'free' | 'pro' | 'ent'>,
}

/** Compiled and never called: each line is a claim about types. */
export function claims(dues: Club, member: Member<P>) {
  member.can('export')
  // @ts-expect-error a feature that no plan has
  member.can('exprot')
  member.limit('projects')
  // @ts-expect-error a switch is no limit
  member.limit('export')
  member.use('projects', 2, { key: 'order_1' })
  // @ts-expect-error a switch is not counted
  member.use('export')
  dues.members.where({ plan: ['pro', 'ent'], state: 'past_due' })
  // @ts-expect-error a state that Stripe does not have
  dues.members.where({ state: 'premium' })
  dues.requireFeature('sso')
  // @ts-expect-error a plan that is not in the catalogue
  dues.requirePlan('gold')
  member.on('free')
  // @ts-expect-error a plan that is not in the catalogue
  member.on('gold')
  member.switchTo('pro', 'yearly')
  // @ts-expect-error Enterprise is not sold by the year
  member.switchTo('ent', 'yearly')
  // @ts-expect-error nobody buys the free plan
  member.checkout('free', 'monthly')
  dues.checkout.start({ owner: { id: '1' }, plan: 'pro', interval: 'yearly' })
  // @ts-expect-error the interval belongs to another plan
  dues.checkout.start({ owner: { id: '1' }, plan: 'ent', interval: 'yearly' })
  dues.checkout.start({ owner: { id: '1' }, plan: 'ent', interval: 'monthly', addOns: { storage: 2 } })
  // @ts-expect-error Enterprise is not sold with it
  dues.checkout.start({ owner: { id: '1' }, plan: 'ent', interval: 'monthly', addOns: { support: 1 } })
  member.setAddOns({ storage: 3, support: 0 })
  // @ts-expect-error an add-on that is not in the catalogue
  member.setAddOns({ stroage: 3 })
  member.switchTo('pro', 'yearly', { quantity: 2, addOns: { support: 1 } })
  // @ts-expect-error Enterprise is not sold with it
  member.switchTo('ent', 'monthly', { addOns: { support: 1 } })
  member.can('sla')
  const gigabytes: number = member.limit('gigabytes') + member.addOns.storage
  // @ts-expect-error an add-on that is not in the catalogue
  member.addOns.stroage
  createDues({
    stripe: { secretKey: 'sk_test_1', webhookSecret: 'whsec_1' },
    database: 'postgres://localhost/club',
    plans: { pro: { name: 'Professional', prices: { monthly: usd(19) } } },
    // @ts-expect-error a plan that is not in the catalogue
    addOns: { storage: { name: 'Storage', prices: { monthly: usd(5) }, plans: ['gold'] } },
    identify: () => null,
  })
  const name: 'Professional' = dues.plans.pro.name
  return [name, gigabytes]
}

test('plan, interval and feature names come from the configuration', () => {
  expect(Object.values(inferred)).toEqual(Object.values(inferred).map(() => true))
})
