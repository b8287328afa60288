import Stripe from 'stripe'
import { startStripeLocal } from 'stripe-local'
import { expect, test } from 'vitest'

/** Why a mutation that takes the key of a switch away, and nothing else, breaks no promise. */
test('of two equal switches under two keys the second is charged nothing', async () => {
  const local = await startStripeLocal()
  const stripe = new Stripe('sk_test_keys', { host: '127.0.0.1', port: local.port, protocol: 'http' })
  const [pro, ent] = await Promise.all(
    [1900, 9900].map((unit_amount) =>
      stripe.prices.create({
        currency: 'usd',
        unit_amount,
        recurring: { interval: 'month' },
        product_data: { name: `${unit_amount}` },
      }),
    ),
  )
  const { id: customer } = await stripe.customers.create({
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  })
  const { id, items, created } = await stripe.subscriptions.create({ customer, items: [{ price: pro?.id ?? '' }] })
  const item = items.data[0]?.id ?? ''
  for (const idempotencyKey of ['first', 'second'])
    await stripe.subscriptions.update(
      id,
      {
        items: [{ id: item, price: ent?.id ?? '' }],
        proration_behavior: 'always_invoice',
        proration_date: created,
        payment_behavior: 'pending_if_incomplete',
      },
      { idempotencyKey },
    )
  const { data } = await stripe.charges.list({ customer })
  expect(data.map(({ amount }) => amount)).toEqual([8000, 1900])
  await local.stop()
})
