import { expect, test } from 'vitest'
import { createCatalogue } from '../catalogue/catalogue.ts'
import { answer } from '../entitlements/membership.ts'
import { moments, subscriptionOf, type TruthRow } from '../entitlements/truth-table.ts'
import { usd } from '../money.ts'
import { meterOf } from './meter.ts'

test('what a metered add-on counts is told to its meter, while there is access', () => {
  const catalogue = createCatalogue(
    { pro: { name: 'Professional', prices: { monthly: usd(19) } } },
    {
      addOns: {
        storage: {
          name: 'Storage',
          prices: { monthly: { ...usd(1), meter: 'gigabytes' } },
          features: { gigabytes: Infinity },
        },
      },
    },
  )
  const meter = (status: 'active' | 'unpaid', feature: string) => {
    const subscription = subscriptionOf({ subscription: { status } } as TruthRow)
    const answers = answer(
      { subscriptions: subscription ? [subscription] : [], grants: [], now: moments.now, graceDays: 7 },
      catalogue,
    )
    return meterOf(answers, feature, catalogue)
  }
  expect(meter('active', 'gigabytes')).toEqual({ event: 'gigabytes', customer: 'cus_1' })
  expect([meter('active', 'prints'), meter('unpaid', 'gigabytes')]).toEqual([null, null])
})
