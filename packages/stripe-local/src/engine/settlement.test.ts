import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { startTestStripe } from '../../testing/client.ts'
import { moveClock } from '../../testing/clock.ts'

const return_url = 'http://localhost:3000/'

/** A payment of 20 € by direct debit. */
async function debit(iban: string) {
  const test = await startTestStripe()
  const { stripe } = test
  const customer = (await stripe.customers.create()).id
  const method = await stripe.paymentMethods.create({
    type: 'sepa_debit',
    sepa_debit: { iban },
    billing_details: { name: 'Ada', email: 'ada@example.com' },
  })
  let intent: Stripe.PaymentIntent | undefined
  const events = await test.eventsOf(async () => {
    intent = await stripe.paymentIntents.create({
      amount: 2000,
      currency: 'eur',
      customer,
      payment_method: method.id,
      confirm: true,
      return_url,
      mandate_data: { customer_acceptance: { type: 'offline', offline: {} } },
    })
  })
  if (!intent) throw new Error('There is no intent.')
  return { ...test, intent, events, charge: intent.latest_charge as string }
}

describe('a bank debit', () => {
  it('is under way first and paid a moment later', async () => {
    const { local, stripe, intent, events, charge, eventsOf } = await debit('DE89370400440532013000')
    expect(events).toEqual(['charge.pending', 'payment_intent.created', 'payment_intent.processing'])
    expect(intent).toMatchObject({ amount_received: 0, status: 'processing' })
    expect(await stripe.charges.retrieve(charge)).toMatchObject({
      id: expect.stringMatching(/^py_3/),
      balance_transaction: null,
      paid: false,
      payment_method_details: {
        sepa_debit: { country: 'DE', last4: '3000', mandate: expect.stringMatching(/^mandate_/) },
        type: 'sepa_debit',
      },
      status: 'pending',
    })
    expect(await eventsOf(() => moveClock(local, { seconds: 5 }))).toEqual([
      'charge.succeeded',
      'payment_intent.succeeded',
    ])
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      amount_received: 2000,
      status: 'succeeded',
    })
    const { data } = await stripe.balanceTransactions.list({ source: charge })
    expect(data).toMatchObject([{ amount: 2000, currency: 'eur', fee: 46, type: 'payment' }])
  })

  it('of a failing account comes back', async () => {
    const { local, stripe, intent, charge, eventsOf } = await debit('DE62370400440532013001')
    expect(await eventsOf(() => moveClock(local, { seconds: 5 }))).toEqual([
      'charge.failed',
      'payment_intent.payment_failed',
    ])
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      last_payment_error: {
        decline_code: 'generic_decline',
        message: expect.stringContaining('Collect a new mandate'),
        payment_method: { type: 'sepa_debit', sepa_debit: { last4: '3001' } },
        type: 'card_error',
      },
      payment_method: null,
      status: 'requires_payment_method',
    })
    expect(await stripe.charges.retrieve(charge)).toMatchObject({ paid: false, status: 'failed' })
  })

  it('of a slow account takes minutes', async () => {
    const { local, stripe, intent } = await debit('DE08370400440532013003')
    await moveClock(local, { seconds: 60 })
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('processing')
    await moveClock(local, { seconds: 180 })
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded')
  })
})

describe('an authorization', () => {
  it('that nobody captures in a week expires', async () => {
    const { local, stripe, eventsOf } = await startTestStripe()
    const { id } = await stripe.paymentIntents.create({
      amount: 2000,
      capture_method: 'manual',
      currency: 'usd',
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url,
    })
    expect(await eventsOf(() => moveClock(local, { days: 7 }))).toEqual([
      'charge.expired',
      'charge.refunded',
      'payment_intent.canceled',
    ])
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({
      cancellation_reason: 'automatic',
      status: 'canceled',
    })
  })
})
