import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeCharge, describeProration, describeTrial } from './descriptions.ts'
import { amountFor, chargesFor, type Terms } from './pricing.ts'

const perUnit = (unit: string): Terms => ({ unit_amount_decimal: unit, tiers_mode: null, transform_quantity: null })
const tier = (up_to: number | null, unit: string | null, flat: string | null) => ({
  up_to,
  unit_amount: null,
  unit_amount_decimal: unit,
  flat_amount: null,
  flat_amount_decimal: flat,
})
const tiered = (tiers_mode: 'graduated' | 'volume', ...tiers: ReturnType<typeof tier>[]): Terms => ({
  unit_amount_decimal: null,
  tiers_mode,
  transform_quantity: null,
  tiers,
})
const month = { interval: 'month', interval_count: 1 } as const

describe('a price per unit', () => {
  it('is multiplied and rounded once', () => {
    expect(amountFor(perUnit('2500'), 10)).toBe(25_000)
    expect(amountFor(perUnit('0.5'), 3)).toBe(2)
    expect(amountFor(perUnit('3.6'), 31)).toBe(112)
  })

  it('is charged by the package when the quantity is transformed', () => {
    const packages = (round: 'up' | 'down'): Terms => ({
      ...perUnit('1000'),
      transform_quantity: { divide_by: 10, round },
    })
    expect([1, 10, 11].map((quantity) => amountFor(packages('up'), quantity))).toEqual([1000, 1000, 2000])
    expect([1, 10, 11].map((quantity) => amountFor(packages('down'), quantity))).toEqual([0, 1000, 1000])
  })
})

describe('a tiered price', () => {
  it('has a line for each tier that is reached and for each flat fee', () => {
    const terms = tiered('graduated', tier(1000, '0', '900'), tier(null, '3.6', '0'))
    const product = { name: 'Gitpod Usage', unit_label: 'credit' }
    const lines = chargesFor(terms, 1031).map((charge) => [
      charge.amount,
      describeCharge(product, charge, 'usd', month),
    ])
    expect(lines).toEqual([
      [0, '1000 credit × Gitpod Usage (Tier 1 at $0.00 / month)'],
      [900, 'Gitpod Usage (Tier 1 at $9.00 / month)'],
      [112, '31 credit × Gitpod Usage (Tier 2 at $0.036 / month)'],
      [0, 'Gitpod Usage (Tier 2 at $0.00 / month)'],
    ])
  })

  it('shows its first tier when nothing was used', () => {
    const terms = tiered('graduated', tier(1000, '0', null), tier(null, '3.6', null))
    expect(chargesFor(terms, 0)).toEqual([{ amount: 0, quantity: 0, unitAmount: '0', tier: 1 }])
  })

  it('by volume charges every unit at the tier that is reached', () => {
    const terms = tiered('volume', tier(5, '700', null), tier(10, '650', null), tier(null, '600', null))
    expect([5, 6, 10, 11].map((quantity) => amountFor(terms, quantity))).toEqual([3500, 3900, 6500, 6600])
  })

  it('with one tier costs what a price per unit costs', () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.nat(5000),
        fc.constantFrom('graduated' as const, 'volume' as const),
        (unit, quantity, mode) => {
          expect(amountFor(tiered(mode, tier(null, String(unit), null)), quantity)).toBe(unit * quantity)
        },
      ),
    )
  })

  it('graduated never gets cheaper with more', () => {
    const bounds = fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(
        bounds,
        fc.array(fc.nat(999), { minLength: 5, maxLength: 5 }),
        fc.nat(600),
        (bounds, units, quantity) => {
          const tiers = [...bounds.sort((a, b) => a - b), null].map((upTo, i) => tier(upTo, String(units[i]), '5'))
          const terms = tiered('graduated', ...tiers)
          expect(amountFor(terms, quantity + 1)).toBeGreaterThanOrEqual(amountFor(terms, quantity))
        },
      ),
    )
  })
})

describe('texts of lines', () => {
  const product = { name: 'Test Subscription', unit_label: 'user' }
  const charge = { amount: 2500, quantity: 1, unitAmount: '2500' }

  it('are those of Stripe', () => {
    expect(describeCharge(product, charge, 'usd', month)).toBe('1 user × Test Subscription (at $25.00 / month)')
    expect(describeCharge({ name: 'Pro' }, { ...charge, unitAmount: '1900' }, 'eur', month)).toBe(
      '1 × Pro (at €19.00 / month)',
    )
    expect(describeCharge({ name: 'Pro' }, charge, 'usd', { interval: 'month', interval_count: 3 })).toBe(
      '1 × Pro (at $25.00 / every 3 months)',
    )
    expect(describeTrial(product, 1)).toBe('Free trial for 1 user × Test Subscription')
  })

  it('of prorations name the quantity when it is not one, and the discounts that are in the amount', () => {
    const proration = { product: { name: 'Pro' }, currency: 'usd', time: 1762799355 }
    expect(describeProration({ ...proration, kind: 'Unused', quantity: 1 })).toBe(
      'Unused time on Pro after 10 Nov 2025',
    )
    expect(describeProration({ ...proration, kind: 'Remaining', quantity: 3 })).toBe(
      'Remaining time on 3 × Pro after 10 Nov 2025',
    )
    const ten = { percent_off: 10, amount_off: null }
    expect(describeProration({ ...proration, kind: 'Unused', quantity: 1, discounts: [ten] })).toBe(
      'Unused time on Pro (with 10.0% off) after 10 Nov 2025',
    )
  })
})
