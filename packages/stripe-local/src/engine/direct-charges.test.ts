import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

const charge = { amount: 2000, currency: 'usd', source: 'tok_visa' }

describe('a charge without a payment intent', () => {
  it('takes the money of a token at once', async () => {
    const { stripe, eventsOf } = await startTestStripe()
    const events = await eventsOf(async () => {
      const paid = await stripe.charges.create({ ...charge, description: 'Book', expand: ['balance_transaction'] })
      expect(paid).toMatchObject({
        amount_captured: 2000,
        balance_transaction: { amount: 2000, fee: 88, net: 1912 },
        captured: true,
        description: 'Book',
        payment_intent: null,
        payment_method: expect.stringMatching(/^card_1/),
        source: { object: 'card', brand: 'Visa', last4: '4242' },
        status: 'succeeded',
      })
      expect(paid.source?.id).toBe(paid.payment_method)
    })
    expect(events).toEqual(['charge.succeeded'])
  })

  it('can be refunded, once', async () => {
    const { stripe } = await startTestStripe()
    const { id } = await stripe.charges.create(charge)
    expect(await stripe.refunds.create({ charge: id })).toMatchObject({ amount: 2000, payment_intent: null })
    expect((await stripe.charges.retrieve(id)).refunded).toBe(true)
    expect((await refusalOf(stripe.refunds.create({ charge: id }))).code).toBe('charge_already_refunded')
  })

  it('can be authorized first, and captured once, in part', async () => {
    const { stripe } = await startTestStripe()
    const { id } = await stripe.charges.create({ ...charge, capture: false })
    expect(await stripe.charges.retrieve(id)).toMatchObject({ captured: false, balance_transaction: null })
    expect(await stripe.charges.capture(id, { amount: 1500 })).toMatchObject({
      amount_captured: 1500,
      amount_refunded: 500,
      captured: true,
    })
    expect((await refusalOf(stripe.charges.capture(id))).code).toBe('charge_already_captured')
  })

  it('is told at its capture who gets the receipt and what stands on the statement; Connect is refused', async () => {
    const { stripe } = await startTestStripe()
    const { id } = await stripe.charges.create({ ...charge, capture: false, statement_descriptor: 'MAPS' })
    expect((await refusalOf(stripe.charges.capture(id, { transfer_data: { amount: 1 } }))).status).toBe(501)
    expect((await refusalOf(stripe.charges.capture(id, { statement_descriptor_suffix: '<b>' }))).param).toBe(
      'statement_descriptor_suffix',
    )
    expect(
      await stripe.charges.capture(id, {
        receipt_email: 'ada@example.com',
        statement_descriptor_suffix: 'May',
        transfer_group: 'order 7',
      }),
    ).toMatchObject({
      calculated_statement_descriptor: 'MAPS* MAY',
      captured: true,
      receipt_email: 'ada@example.com',
      statement_descriptor: 'MAPS',
      statement_descriptor_suffix: 'May',
      transfer_group: 'order 7',
    })
  })

  it('that is declined stays behind as failed', async () => {
    const { stripe } = await startTestStripe()
    expect(await refusalOf(stripe.charges.create({ ...charge, source: 'tok_chargeDeclined' }))).toMatchObject({
      status: 402,
      code: 'card_declined',
    })
    const [failed] = (await stripe.charges.list()).data
    expect(failed).toMatchObject({ status: 'failed', failure_code: 'card_declined', paid: false })
  })

  it('wants an amount, a currency, and something to charge', async () => {
    const { stripe } = await startTestStripe()
    expect(await refusalOf(stripe.charges.create({ currency: 'usd', source: 'tok_visa' }))).toMatchObject({
      code: 'parameter_missing',
      param: 'amount',
    })
    expect((await refusalOf(stripe.charges.create({ amount: 2000, source: 'tok_visa' }))).param).toBe('currency')
    expect((await refusalOf(stripe.charges.create({ amount: 2000, currency: 'usd' }))).message).toBe(
      'Must provide source or customer.',
    )
    expect((await refusalOf(stripe.charges.create({ ...charge, amount: 10 }))).code).toBe('amount_too_small')
  })
})
