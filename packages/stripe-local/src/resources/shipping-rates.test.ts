import { expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

const fixed_amount = { amount: 500, currency: 'usd', currency_options: { eur: { amount: 450 } } }

it('keeps a shipping rate, and shows its other currencies only on request', async () => {
  const { stripe } = await startTestStripe()
  const rate = await stripe.shippingRates.create({ display_name: 'Ground', fixed_amount, metadata: { zone: '1' } })
  expect(rate).toMatchObject({
    id: expect.stringMatching(/^shr_/),
    active: true,
    delivery_estimate: null,
    display_name: 'Ground',
    fixed_amount: { amount: 500, currency: 'usd' },
    tax_behavior: 'unspecified',
    type: 'fixed_amount',
  })
  expect(rate.fixed_amount?.currency_options).toBeUndefined()
  const whole = await stripe.shippingRates.retrieve(rate.id, { expand: ['fixed_amount.currency_options'] })
  expect(whole.fixed_amount?.currency_options).toEqual({
    eur: { amount: 450, tax_behavior: 'unspecified' },
    usd: { amount: 500, tax_behavior: 'unspecified' },
  })
})

it('archives one, and lists by currency and by whether it is in use', async () => {
  const { stripe } = await startTestStripe()
  const { id } = await stripe.shippingRates.create({ display_name: 'Ground', fixed_amount })
  await stripe.shippingRates.create({ display_name: 'Post', fixed_amount: { amount: 300, currency: 'eur' } })
  await stripe.shippingRates.update(id, { active: false })
  const names = async (params: { active?: boolean; currency?: string }) =>
    (await stripe.shippingRates.list(params)).data.map(({ display_name }) => display_name)
  expect(await names({})).toEqual(['Post', 'Ground'])
  expect(await names({ active: true })).toEqual(['Post'])
  expect(await names({ currency: 'usd' })).toEqual(['Ground'])
})

it('refuses a rate without an amount, and one below zero', async () => {
  const { stripe } = await startTestStripe()
  expect((await refusalOf(stripe.shippingRates.create({ display_name: 'x' }))).param).toBe('fixed_amount')
  const negative = { display_name: 'x', fixed_amount: { amount: -1, currency: 'usd' } }
  expect((await refusalOf(stripe.shippingRates.create(negative))).param).toBe('fixed_amount[amount]')
})
