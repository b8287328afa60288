import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DiscountTerms, netOf, sumOf } from './discounts.ts'
import type { TaxTerms } from './tax.ts'
import { settle, type TotalsLine, totalsOf } from './totals.ts'

const line = (amount: number, more: Partial<TotalsLine> = {}): TotalsLine => ({
  amount,
  discountable: amount >= 0,
  product: null,
  discounts: [],
  taxRates: [],
  ...more,
})
const percent = (percentOff: number, id = 'di_percent'): DiscountTerms => ({
  id,
  percentOff,
  amountOff: null,
  products: null,
})
const off = (amountOff: number, id = 'di_amount'): DiscountTerms => ({
  id,
  percentOff: null,
  amountOff,
  products: null,
})
const vat: TaxTerms = { id: 'txr_vat', percentage: 19, inclusive: false }
const inside: TaxTerms = { id: 'txr_inside', percentage: 19, inclusive: true }

describe('totals', () => {
  it('of plain lines are their sum', () => {
    expect(totalsOf([line(1500), line(1000)], [])).toMatchObject({
      subtotal: 2500,
      subtotal_excluding_tax: 2500,
      total: 2500,
      total_excluding_tax: 2500,
      total_discount_amounts: [],
      total_taxes: [],
    })
  })

  it('tax what is left after the discount, as recorded: 2000 less 10 % plus 5 %', () => {
    const gst = { id: 'txr_gst', percentage: 5, inclusive: false }
    const totals = totalsOf([line(2000, { taxRates: [gst] })], [percent(10)])
    expect(totals.total).toBe(1890)
    expect(totals.total_discount_amounts).toEqual([{ amount: 200, discount: 'di_percent' }])
    expect(totals.total_taxes).toMatchObject([{ amount: 90, taxable_amount: 1800, tax_behavior: 'exclusive' }])
  })

  it('of a credit have negative taxes', () => {
    const gst = { id: 'txr_gst', percentage: 5, inclusive: false }
    const totals = totalsOf([line(-1800, { taxRates: [gst] })], [percent(10)])
    expect(totals).toMatchObject({ subtotal: -1800, total: -1890, total_discount_amounts: [{ amount: 0 }] })
  })

  it('find inclusive taxes inside the amount', () => {
    expect(totalsOf([line(11_900, { taxRates: [inside] })], [])).toMatchObject({
      subtotal: 11_900,
      subtotal_excluding_tax: 10_000,
      total: 11_900,
      total_excluding_tax: 10_000,
      total_taxes: [{ amount: 1900, taxable_amount: 10_000, tax_behavior: 'inclusive' }],
    })
  })

  it('take the discounts of a line off the subtotal, those of the invoice off the total', () => {
    const totals = totalsOf([line(1000, { discounts: [off(300, 'di_line')] }), line(1000)], [percent(50)])
    expect(totals).toMatchObject({ subtotal: 1700, total: 850 })
    expect(totals.lines.map((each) => each.discount_amounts)).toEqual([
      [
        { amount: 300, discount: 'di_line' },
        { amount: 350, discount: 'di_percent' },
      ],
      [{ amount: 500, discount: 'di_percent' }],
    ])
  })

  it('never discount prorations nor below nothing', () => {
    const totals = totalsOf([line(-500), line(400)], [off(1000)])
    expect(totals).toMatchObject({ subtotal: -100, total: -500, total_discount_amounts: [{ amount: 400 }] })
  })

  it('apply a coupon to its products alone', () => {
    const onlyPro = { ...percent(50), products: ['prod_pro'] }
    expect(
      totalsOf([line(1000, { product: 'prod_pro' }), line(1000, { product: 'prod_other' })], [onlyPro]).total,
    ).toBe(1500)
  })

  it('charge no tax to a customer who is exempt', () => {
    expect(totalsOf([line(1000, { taxRates: [vat] })], [], 'reverse')).toMatchObject({
      total: 1000,
      total_taxes: [{ amount: 0, taxability_reason: 'reverse_charge' }],
    })
  })

  const rates = fc.subarray([vat, inside, { id: 'txr_city', percentage: 7.375, inclusive: false }])
  const discounts = fc.subarray([percent(33.33), off(777), percent(10, 'di_ten')])
  const lines = fc.array(
    fc.record({
      amount: fc.integer({ min: -50_000, max: 100_000 }),
      discounts: fc.subarray([percent(15, 'di_own'), off(100, 'di_own_amount')]),
      taxRates: rates,
    }),
    { minLength: 1, maxLength: 8 },
  )

  it('are the sums of what the lines say, whatever the discounts and taxes', () => {
    fc.assert(
      fc.property(lines, discounts, (given, discounts) => {
        const input = given.map(({ amount, ...more }) => line(amount, more))
        const totals = totalsOf(input, discounts)
        const taken = totals.lines.flatMap((each) => each.discount_amounts)
        const taxes = totals.lines.flatMap((each) => each.taxes)
        const exclusive = taxes.filter((tax) => tax.tax_behavior === 'exclusive')
        const gross = sumOf(input.map((each) => each.amount))
        expect(sumOf(totals.total_discount_amounts.map((each) => each.amount))).toBe(
          sumOf(taken.map((each) => each.amount)),
        )
        expect(sumOf(totals.total_taxes.map((tax) => tax.amount))).toBe(sumOf(taxes.map((tax) => tax.amount)))
        expect(totals.total).toBe(
          gross - sumOf(taken.map((each) => each.amount)) + sumOf(exclusive.map((tax) => tax.amount)),
        )
        expect(totals.total_excluding_tax).toBe(totals.total - sumOf(taxes.map((tax) => tax.amount)))
        for (const [i, each] of totals.lines.entries()) {
          const amount = input[i]?.amount ?? 0
          const discount = sumOf(each.discount_amounts.map((given) => given.amount))
          expect(discount).toBeGreaterThanOrEqual(0)
          expect(discount).toBeLessThanOrEqual(Math.max(0, amount))
        }
      }),
    )
  })

  it('of a proration have its discounts in the amount', () => {
    expect(netOf(2000, [percent(10), off(300)], { discountable: false, product: null })).toBe(1500)
  })
})

describe("a customer's balance", () => {
  it('pays first, is paid when owed, and keeps what an invoice credits', () => {
    expect(settle(2500, -1000, 'usd')).toEqual({ amountDue: 1500, endingBalance: 0, tooSmall: false })
    expect(settle(2500, -4000, 'usd')).toEqual({ amountDue: 0, endingBalance: -1500, tooSmall: false })
    expect(settle(-700, 0, 'usd')).toEqual({ amountDue: 0, endingBalance: -700, tooSmall: false })
    expect(settle(2500, 300, 'usd')).toEqual({ amountDue: 2800, endingBalance: 0, tooSmall: false })
  })

  it('takes over what is too small to be charged', () => {
    expect(settle(20, 0, 'usd')).toEqual({ amountDue: 0, endingBalance: 20, tooSmall: true })
  })

  it('never appears from nowhere', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -100_000, max: 100_000 }),
        fc.integer({ min: -100_000, max: 100_000 }),
        (total, balance) => {
          const { amountDue, endingBalance } = settle(total, balance, 'usd')
          expect(amountDue + endingBalance).toBe(total + balance)
          expect(amountDue).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })
})
