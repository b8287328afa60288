import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'
import { moveClock } from '../../testing/clock.ts'

const day = 86_400

async function start(card = 'pm_card_visa') {
  const test = await startTestStripe()
  const customer = (await test.stripe.customers.create()).id
  const { id: payment_method } = await test.stripe.paymentMethods.attach(card, { customer })
  const pay = (params: { amount?: number; capture_method?: 'automatic'; currency?: string } = {}) =>
    test.stripe.paymentIntents.create({
      amount: 2500,
      currency: 'usd',
      customer,
      payment_method,
      confirm: true,
      return_url: 'http://localhost:3000/',
      ...params,
    })
  return { ...test, customer, payment_method, pay }
}

describe('a charge', () => {
  it('is complete', async () => {
    const { local, stripe, customer, payment_method, pay } = await start()
    const intent = await pay()
    const { lastResponse: _, ...charge } = await stripe.charges.retrieve(intent.latest_charge as string)
    expect(charge).toMatchObject({
      id: expect.stringMatching(/^ch_3\w{23}$/),
      amount: 2500,
      amount_captured: 2500,
      amount_refunded: 0,
      captured: true,
      customer,
      disputed: false,
      failure_code: null,
      outcome: { network_status: 'approved_by_network', risk_level: 'normal', seller_message: 'Payment complete.' },
      paid: true,
      payment_intent: intent.id,
      payment_method,
      payment_method_details: {
        card: {
          amount_authorized: 2500,
          authorization_code: expect.stringMatching(/^\d{6}$/),
          brand: 'visa',
          checks: { cvc_check: 'pass' },
          last4: '4242',
          network: 'visa',
          network_transaction_id: expect.stringMatching(/^\d{15}$/),
          three_d_secure: null,
        },
        type: 'card',
      },
      receipt_url: `${local.url}/receipts/${charge.id}`,
      status: 'succeeded',
    })
    expect(charge).not.toHaveProperty('refunds')
  })

  it('is booked a moment later, and tells of it', async () => {
    const { local, stripe, pay, lastEvent } = await start()
    const { latest_charge } = await pay()
    const id = latest_charge as string
    expect((await stripe.charges.retrieve(id)).balance_transaction).toBeNull()
    await moveClock(local, { seconds: 2 })
    const { balance_transaction } = await stripe.charges.retrieve(id)
    expect(balance_transaction).toMatch(/^txn_3/)
    const { data } = await lastEvent('charge.updated')
    expect(data).toMatchObject({
      object: { id, balance_transaction },
      previous_attributes: { balance_transaction: null },
    })
  })

  it('can be described later, and found again', async () => {
    const { stripe, pay, eventsOf } = await start()
    const id = (await pay()).latest_charge as string
    const events = await eventsOf(() => stripe.charges.update(id, { description: 'Seven', metadata: { order: '7' } }))
    expect(events).toEqual(['charge.updated'])
    expect((await stripe.charges.search({ query: 'metadata["order"]:"7"' })).data.map((charge) => charge.id)).toEqual([
      id,
    ])
    expect(await refusalOf(stripe.charges.retrieve('ch_x'))).toEqual({
      status: 404,
      code: 'resource_missing',
      param: 'id',
      message: "No such charge: 'ch_x'",
    })
  })

  it('is listed by customer and by intent, the newest first', async () => {
    const { stripe, customer, pay } = await start()
    const [first, second] = [await pay(), await pay()]
    expect((await stripe.charges.list({ customer })).data.map(({ payment_intent }) => payment_intent)).toEqual([
      second.id,
      first.id,
    ])
    expect((await stripe.charges.list({ payment_intent: first.id })).data).toHaveLength(1)
  })
})

describe('a balance transaction', () => {
  it('shows the fee and when the money can be had', async () => {
    const { local, stripe, pay } = await start()
    const intent = await pay({ capture_method: 'automatic' })
    const [transaction] = (await stripe.balanceTransactions.list({ source: intent.latest_charge as string })).data
    const midnight = intent.created - (intent.created % day)
    expect(transaction).toMatchObject({
      amount: 2500,
      available_on: midnight + 7 * day,
      balance_type: 'payments',
      currency: 'usd',
      fee: 103,
      fee_details: [{ amount: 103, application: null, currency: 'usd', description: 'Stripe processing fees' }],
      net: 2397,
      reporting_category: 'charge',
      status: 'pending',
      type: 'charge',
    })
    expect((await stripe.balance.retrieve()).pending).toMatchObject([{ amount: 2397, currency: 'usd' }])
    await moveClock(local, { days: 7 })
    expect((await stripe.balanceTransactions.retrieve(transaction?.id ?? '')).status).toBe('available')
    expect((await stripe.balance.retrieve()).available).toMatchObject([{ amount: 2397, currency: 'usd' }])
  })

  it('is available at once for the card that says so', async () => {
    const { stripe, pay } = await start('pm_card_bypassPending')
    await pay({ capture_method: 'automatic' })
    expect((await stripe.balanceTransactions.list({ type: 'charge' })).data[0]?.status).toBe('available')
  })

  it('charges the recorded fees', async () => {
    const { stripe, pay } = await start()
    for (const [amount, fee] of [
      [1000, 59],
      [1900, 85],
      [22_500, 683],
      [25_000, 755],
    ] as const) {
      const { latest_charge } = await pay({ amount, capture_method: 'automatic' })
      const { data } = await stripe.balanceTransactions.list({ source: latest_charge as string })
      expect(data[0]?.fee).toBe(fee)
    }
  })
})
