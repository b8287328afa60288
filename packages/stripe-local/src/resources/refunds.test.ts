import fc from 'fast-check'
import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'
import { moveClock } from '../../testing/clock.ts'

/** A Stripe with a payment of 50 dollars, by card. */
async function start(card = 'pm_card_visa', amount = 5000) {
  const test = await startTestStripe()
  const customer = (await test.stripe.customers.create()).id
  const { id: payment_method } = await test.stripe.paymentMethods.attach(card, { customer })
  const intent = await test.stripe.paymentIntents.create({
    amount,
    currency: 'usd',
    customer,
    payment_method,
    confirm: true,
    description: 'Order 7',
    return_url: 'http://localhost:3000/',
  })
  const charge = intent.latest_charge as string
  return { ...test, customer, payment_method, intent: intent.id, charge }
}

describe('a refund', () => {
  it('is complete, and tells of itself and of the charge; the bank’s number comes later', async () => {
    const { local, stripe, eventsOf, lastEvent, charge, customer, intent, payment_method } = await start()
    const events = await eventsOf(async () => {
      const { lastResponse: _, ...refund } = await stripe.refunds.create({
        charge,
        amount: 1500,
        reason: 'duplicate',
        metadata: { ticket: '7' },
      })
      expect(refund).toEqual({
        id: expect.stringMatching(/^re_3\w{23}$/),
        object: 'refund',
        amount: 1500,
        balance_transaction: expect.stringMatching(/^txn_3/),
        charge,
        created: expect.any(Number),
        currency: 'usd',
        customer,
        customer_account: null,
        destination_details: {
          card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
          type: 'card',
        },
        metadata: { ticket: '7' },
        payment_intent: intent,
        payment_method,
        reason: 'duplicate',
        receipt_number: null,
        source_transfer_reversal: null,
        status: 'succeeded',
        transfer_reversal: null,
      })
      await moveClock(local, { seconds: 2 })
    })
    expect(events.filter((type) => type !== 'charge.updated')).toEqual([
      'charge.refunded',
      'refund.created',
      'refund.updated',
    ])
    expect((await lastEvent('charge.refunded')).data.previous_attributes).toEqual({ amount_refunded: 0 })
    expect((await lastEvent('refund.updated')).data.object).toMatchObject({
      destination_details: { card: { reference: expect.any(String), reference_status: 'available' } },
    })
  })

  it('may be of a part, again, and then of the rest', async () => {
    const { stripe, charge, intent } = await start()
    await stripe.refunds.create({ charge, amount: 1500 })
    const part = await stripe.charges.retrieve(charge)
    expect(part).toMatchObject({ amount_refunded: 1500, refunded: false })
    expect((await stripe.refunds.create({ payment_intent: intent })).amount).toBe(3500)
    const whole = await stripe.charges.retrieve(charge, { expand: ['refunds'] })
    expect(whole).toMatchObject({ amount_refunded: 5000, refunded: true })
    expect(whole.refunds?.data.map(({ amount }) => amount)).toEqual([3500, 1500])
    expect((await stripe.refunds.list({ charge })).data).toHaveLength(2)
  })

  it('costs what was refunded; the fee of the charge is not given back', async () => {
    const { stripe, charge } = await start()
    const { balance_transaction } = await stripe.refunds.create({
      charge,
      amount: 1500,
      expand: ['balance_transaction'],
    })
    expect(balance_transaction).toMatchObject({
      amount: -1500,
      description: 'REFUND FOR CHARGE (Order 7)',
      fee: 0,
      fee_details: [],
      net: -1500,
      reporting_category: 'refund',
      type: 'refund',
    })
  })

  it('is refused when it is more than is left, in Stripe’s words', async () => {
    const { stripe, charge } = await start()
    await stripe.refunds.create({ charge, amount: 2000 })
    expect(await refusalOf(stripe.refunds.create({ charge, amount: 4000 }))).toEqual({
      status: 400,
      param: 'amount',
      message: 'Refund amount ($40.00) is greater than unrefunded amount on charge ($30.00)',
    })
    expect(await refusalOf(stripe.refunds.create({ charge, amount: 0 }))).toMatchObject({
      code: 'parameter_invalid_integer',
      message: 'This value must be greater than or equal to 1.',
    })
    await stripe.refunds.create({ charge })
    expect(await refusalOf(stripe.refunds.create({ charge }))).toEqual({
      status: 400,
      code: 'charge_already_refunded',
      message: `Charge ${charge} has already been refunded.`,
    })
  })

  it('is refused where there is nothing to refund', async () => {
    const { stripe, customer, payment_method } = await start()
    expect((await refusalOf(stripe.refunds.create({}))).message).toBe(
      'One of the following params should be provided for this request: payment_intent or charge.',
    )
    expect(await refusalOf(stripe.refunds.create({ charge: 'ch_x' }))).toMatchObject({
      status: 404,
      message: "No such charge: 'ch_x'",
    })
    const unpaid = await stripe.paymentIntents.create({ amount: 900, currency: 'usd' })
    expect((await refusalOf(stripe.refunds.create({ payment_intent: unpaid.id }))).message).toBe(
      `This PaymentIntent (${unpaid.id}) does not have a successful charge to refund.`,
    )
    const held = await stripe.paymentIntents.create({
      amount: 900,
      currency: 'usd',
      customer,
      payment_method,
      capture_method: 'manual',
      confirm: true,
      return_url: 'http://localhost:3000/',
    })
    expect((await refusalOf(stripe.refunds.create({ payment_intent: held.id }))).message).toContain(
      `This uncaptured Charge was created by a PaymentIntent (${held.id}).`,
    )
  })

  it('of the card for pending refunds waits, can be stopped, and goes through by itself', async () => {
    const { local, stripe, charge, eventsOf } = await start('pm_card_pendingRefund')
    const stopped = await stripe.refunds.create({ charge, amount: 100 })
    expect(stopped).toMatchObject({ status: 'pending', balance_transaction: null })
    expect((await stripe.refunds.cancel(stopped.id)).status).toBe('canceled')

    const { id } = await stripe.refunds.create({ charge, amount: 700 })
    expect((await stripe.charges.retrieve(charge)).amount_refunded).toBe(0)
    const events = await eventsOf(() => moveClock(local, { seconds: 5 }))
    expect(events).toContain('charge.refunded')
    expect(events).toContain('refund.updated')
    expect(await stripe.refunds.retrieve(id)).toMatchObject({ status: 'succeeded' })
    expect((await stripe.charges.retrieve(charge)).amount_refunded).toBe(700)
  })

  it('of the card for failing refunds comes back', async () => {
    const { local, stripe, charge, eventsOf } = await start('pm_card_refundFail')
    const { id, status } = await stripe.refunds.create({ charge, amount: 700 })
    expect(status).toBe('succeeded')
    const events = await eventsOf(() => moveClock(local, { seconds: 10 }))
    expect(events).toContain('refund.failed')
    expect(await stripe.refunds.retrieve(id, { expand: ['failure_balance_transaction'] })).toMatchObject({
      failure_balance_transaction: { amount: 700, type: 'refund_failure' },
      failure_reason: 'expired_or_canceled_card',
      status: 'failed',
    })
    expect((await stripe.charges.retrieve(charge)).amount_refunded).toBe(0)
  })
})

describe('refunds in any number', () => {
  it('never come to more than was charged, and the balance adds up', async () => {
    const { stripe } = await startTestStripe()
    const customer = (await stripe.customers.create()).id
    const { id: payment_method } = await stripe.paymentMethods.attach('pm_card_bypassPending', { customer })
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 50, max: 9999 }),
        fc.array(fc.integer({ min: 1, max: 6000 }), { maxLength: 6 }),
        async (amount, wishes) => {
          const { latest_charge } = await stripe.paymentIntents.create({
            amount,
            capture_method: 'automatic',
            currency: 'usd',
            customer,
            payment_method,
            confirm: true,
            return_url: 'http://localhost:3000/',
          })
          const charge = latest_charge as string
          let given = 0
          for (const wish of wishes) {
            const fits = given + wish <= amount
            const refund = await stripe.refunds.create({ charge, amount: wish }).catch(() => null)
            expect(refund !== null).toBe(fits)
            if (fits) given += wish
          }
          const after = await stripe.charges.retrieve(charge)
          expect(after).toMatchObject({ amount_refunded: given, refunded: given === amount })
        },
      ),
      { numRuns: 25 },
    )
    const transactions = await stripe.balanceTransactions.list({ limit: 100 }).autoPagingToArray({ limit: 1000 })
    for (const { amount, fee, net, fee_details } of transactions) {
      expect(net).toBe(amount - fee)
      expect(fee_details.reduce((sum, detail) => sum + detail.amount, 0)).toBe(fee)
    }
    const total = transactions.reduce((sum, { net }) => sum + net, 0)
    const { available, pending } = await stripe.balance.retrieve()
    const sumOf = (parts: Stripe.Balance.Available[]) => parts.reduce((sum, { amount }) => sum + amount, 0)
    expect(sumOf(available) + sumOf(pending)).toBe(total)
  })
})
