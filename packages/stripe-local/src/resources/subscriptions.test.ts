import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe, type TestStripe } from '../../testing/client.ts'

/** A customer with a card, and the prices of the recordings. */
async function shop({ stripe }: TestStripe, card = 'pm_card_visa') {
  const customer = await stripe.customers.create({ email: 'stripe@example.org', name: 'Stripe User' })
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id })
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } })
  const product = await stripe.products.create({ name: 'Test Subscription', unit_label: 'user' })
  const price = (unit_amount: number, interval: 'month' | 'year') =>
    stripe.prices.create({ product: product.id, currency: 'usd', unit_amount, recurring: { interval } })
  return { customer, method, product, monthly: await price(2500, 'month'), yearly: await price(25_000, 'year') }
}

const invoiceOf = (subscription: Stripe.Subscription): Stripe.Invoice => subscription.latest_invoice as Stripe.Invoice

describe('creating a subscription', () => {
  it('charges the first period and is active, as recorded', async () => {
    const test = await startTestStripe()
    const { customer, monthly } = await shop(test)
    const subscription = await test.stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: monthly.id }],
      expand: ['latest_invoice.payments', 'latest_invoice.confirmation_secret'],
    })
    expect(subscription).toMatchObject({
      status: 'active',
      collection_method: 'charge_automatically',
      billing_mode: { type: 'flexible', flexible: { proration_discounts: 'included' } },
      cancel_at: null,
      trial_end: null,
    })
    const invoice = invoiceOf(subscription)
    expect(invoice).toMatchObject({
      status: 'paid',
      billing_reason: 'subscription_create',
      amount_due: 2500,
      amount_paid: 2500,
      amount_remaining: 0,
      attempt_count: 1,
      attempted: true,
      auto_advance: false,
      number: `${customer.invoice_prefix}-0001`,
      period_start: subscription.created,
      period_end: subscription.created,
      confirmation_secret: { type: 'payment_intent' },
    })
    expect(invoice.lines.data).toMatchObject([
      {
        amount: 2500,
        description: '1 user × Test Subscription (at $25.00 / month)',
        discountable: true,
        parent: { type: 'subscription_item_details', subscription_item_details: { proration: false } },
        pricing: { unit_amount_decimal: '2500' },
        quantity: 1,
      },
    ])
    expect(invoice.payments?.data).toMatchObject([{ status: 'paid', amount_paid: 2500, is_default: true }])
  })

  it('causes the events of its flow, and no subscription.updated', async () => {
    const test = await startTestStripe()
    const { customer, monthly } = await shop(test)
    const events = await test.eventsOf(() =>
      test.stripe.subscriptions.create({ customer: customer.id, items: [{ price: monthly.id }] }),
    )
    expect(events).toEqual([
      'charge.succeeded',
      'customer.subscription.created',
      'customer.updated',
      'invoice.created',
      'invoice.finalized',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'payment_intent.created',
      'payment_intent.succeeded',
    ])
  })

  it('is refused when there is nothing to pay with', async () => {
    const test = await startTestStripe()
    const { monthly } = await shop(test)
    const bare = await test.stripe.customers.create({})
    const refusal = await refusalOf(
      test.stripe.subscriptions.create({ customer: bare.id, items: [{ price: monthly.id }] }),
    )
    expect(refusal).toMatchObject({ status: 400, code: 'resource_missing' })
    expect(refusal.message).toMatch(/^This customer has no attached payment source or default payment method/)
    expect((await test.stripe.subscriptions.list({ status: 'all' })).data).toEqual([])
  })
})
