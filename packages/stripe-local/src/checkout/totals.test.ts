import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startTestStripe } from '../../testing/client.ts'
import { open, submit, textOf, withCard } from '../../testing/visitor.ts'

test('what a Checkout shows is what the first invoice says, line by line, whatever is in the basket', async () => {
  const { stripe } = await startTestStripe()
  const product = await stripe.products.create({ name: 'Plan' })
  const other = await stripe.products.create({ name: 'Extra' })
  const coupons = [
    await stripe.coupons.create({ percent_off: 33.3, duration: 'forever' }),
    await stripe.coupons.create({ amount_off: 777, currency: 'usd', duration: 'once' }),
    await stripe.coupons.create({ percent_off: 50, duration: 'once', applies_to: { products: [other.id] } }),
  ]
  const rates = [
    await stripe.taxRates.create({ display_name: 'VAT', percentage: 19, inclusive: false }),
    await stripe.taxRates.create({ display_name: 'GST', percentage: 7.7, inclusive: true }),
  ]
  const item = fc.record({
    product: fc.constantFrom(product.id, other.id),
    unit_amount: fc.integer({ min: 60, max: 50_000 }),
    quantity: fc.integer({ min: 1, max: 7 }),
    recurs: fc.boolean(),
    rate: fc.constantFrom(undefined, ...rates.map(({ id }) => id)),
  })
  const basket = fc.record({
    items: fc.array(item, { minLength: 0, maxLength: 3 }),
    base: fc.integer({ min: 1000, max: 9999 }),
    coupon: fc.constantFrom(undefined, ...coupons.map(({ id }) => id)),
    trial: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(basket, async ({ items, base, coupon, trial }) => {
      const recurring = { interval: 'month' } as const
      const session = await stripe.checkout.sessions.create({
        mode: 'subscription',
        line_items: [
          { price_data: { currency: 'usd', product: product.id, unit_amount: base, recurring }, quantity: 1 },
          ...items.map(({ product, unit_amount, quantity, recurs, rate }) => ({
            price_data: { currency: 'usd', product, unit_amount, ...(recurs && { recurring }) },
            quantity,
            ...(rate && { tax_rates: [rate] }),
          })),
        ],
        ...(coupon && { discounts: [{ coupon }] }),
        ...(trial && { subscription_data: { trial_period_days: 30 } }),
        success_url: 'http://shop.test/',
      })
      const lines = (await stripe.checkout.sessions.listLineItems(session.id)).data
      const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0)
      expect(sum(lines.map((line) => line.amount_subtotal))).toBe(session.amount_subtotal)
      expect(sum(lines.map((line) => line.amount_total))).toBe(session.amount_total)
      const paid = await submit(String(session.url), withCard('4242424242424242'))
      expect([paid.status, textOf((await open(String(session.url))).html)]).toEqual([
        303,
        expect.stringContaining('This'),
      ])
      const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['invoice'] })
      expect(done.invoice).toMatchObject({ total: session.amount_total })
      expect(done.amount_total).toBe(session.amount_total)
    }),
    { numRuns: 25 },
  )
})
