import { expect, test } from 'vitest'
import { createCatalogue } from '../catalogue/catalogue.ts'
import { moments, subscriptionOf, type TruthRow } from '../entitlements/truth-table.ts'
import { usd } from '../money.ts'
import { findDuplicates } from './find.ts'

const catalogue = createCatalogue(
  { pro: { name: 'Professional', prices: { monthly: usd(19) } } },
  { addOns: { storage: { name: 'Storage', prices: { monthly: usd(5) } } } },
)

/** A subscription to items, known by their products. */
function to(id: string, created: number, ...products: string[]) {
  const items = products.map((product) => ({
    id: `si_${id}_${product}`,
    price: `price_${product}`,
    product,
    quantity: 1,
    currentPeriodStart: moments.periodStart,
    currentPeriodEnd: moments.periodEnd,
  }))
  const found = subscriptionOf({ subscription: { status: 'active', id, created, items } } as unknown as TruthRow)
  if (!found) throw new Error('a row with a subscription has one')
  return found
}

test('an older subscription is paid twice with its add-ons, and is left alone where it is to anything else', () => {
  const newer = to('newer', 2, 'dues_pro')
  const withAddOn = to('with_add_on', 1, 'dues_pro', 'dues_addon_storage')
  const withPaper = to('with_paper', 1, 'dues_pro', 'prod_newspaper')
  const addOnAlone = to('add_on_alone', 1, 'dues_addon_storage')
  const olderThan = (...older: ReturnType<typeof to>[]) =>
    findDuplicates([newer, ...older], catalogue)?.older.map(({ id }) => id) ?? []
  expect(olderThan(withAddOn)).toEqual(['with_add_on'])
  expect(olderThan(withPaper, addOnAlone)).toEqual([])
})
