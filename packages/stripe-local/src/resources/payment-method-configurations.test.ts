import { expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

it('shows the one configuration of an account, which its payment intents name', async () => {
  const { stripe } = await startTestStripe()
  const [only, ...others] = (await stripe.paymentMethodConfigurations.list()).data
  expect(others).toEqual([])
  expect(only).toMatchObject({ is_default: true, active: true, card: { available: true } })
  const intent = await stripe.paymentIntents.create({ amount: 2000, currency: 'usd' })
  expect(intent.payment_method_configuration_details?.id).toBe(only?.id)
  expect((await stripe.paymentMethodConfigurations.retrieve(only?.id ?? '')).name).toBe('Default')
  expect((await refusalOf(stripe.paymentMethodConfigurations.retrieve('pmc_nope'))).status).toBe(404)
})
