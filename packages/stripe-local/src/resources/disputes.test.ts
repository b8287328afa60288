import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'
import { moveClock } from '../../testing/clock.ts'

const day = 86_400

/** A Stripe with a payment that is disputed as soon as it is made, and the events of that payment. */
async function start(card = 'pm_card_createDispute') {
  const test = await startTestStripe()
  const { stripe } = test
  const customer = (await stripe.customers.create({ email: 'ada@example.com', name: 'Ada' })).id
  const { id: payment_method } = await stripe.paymentMethods.attach(card, { customer })
  const events = await test.eventsOf(() =>
    stripe.paymentIntents.create({
      amount: 5000,
      capture_method: 'automatic',
      currency: 'usd',
      customer,
      payment_method,
      confirm: true,
      return_url: 'http://localhost:3000/',
    }),
  )
  const [dispute] = (await stripe.disputes.list()).data
  if (!dispute) throw new Error('The payment was not disputed.')
  return { ...test, dispute, events, charge: dispute.charge as string }
}

describe('a dispute', () => {
  it('takes the money with a fee, and asks for evidence', async () => {
    const { stripe, dispute, events, charge } = await start()
    expect(events).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.succeeded',
      'payment_intent.created',
      'payment_intent.succeeded',
    ])
    expect(dispute).toMatchObject({
      id: expect.stringMatching(/^du_1/),
      amount: 5000,
      balance_transactions: [
        {
          amount: -5000,
          description: `Chargeback withdrawal for ${charge}`,
          fee: 1500,
          net: -6500,
          reporting_category: 'dispute',
          type: 'adjustment',
        },
      ],
      evidence: { customer_email_address: 'ada@example.com', customer_name: 'Ada', uncategorized_text: null },
      evidence_details: {
        due_by: dispute.created - (dispute.created % day) + 9 * day - 1,
        has_evidence: false,
        submission_count: 0,
      },
      is_charge_refundable: false,
      payment_method_details: { card: { brand: 'visa', case_type: 'chargeback', network_reason_code: '10.4' } },
      reason: 'fraudulent',
      status: 'needs_response',
    })
    expect((await stripe.charges.retrieve(charge)).disputed).toBe(true)
    expect(await refusalOf(stripe.refunds.create({ charge }))).toMatchObject({
      code: 'charge_disputed',
      message: `Charge ${charge} has been charged back; cannot issue a refund.`,
    })
  })

  it('is won with winning evidence: the money comes back, the fee does not', async () => {
    const { local, stripe, dispute, eventsOf } = await start()
    const submitted = await stripe.disputes.update(dispute.id, {
      evidence: { uncategorized_text: 'winning_evidence' },
    })
    expect(submitted).toMatchObject({
      evidence_details: { has_evidence: true, submission_count: 1 },
      status: 'under_review',
    })
    await moveClock(local, { seconds: 1 })
    const won = await stripe.disputes.retrieve(dispute.id)
    expect(won).toMatchObject({ is_charge_refundable: true, status: 'won' })
    expect(won.balance_transactions.map(({ net }) => net)).toEqual([-6500, 5000])
    expect((await stripe.refunds.create({ charge: dispute.charge as string })).status).toBe('succeeded')
    expect(await eventsOf(() => stripe.disputes.close(dispute.id).catch(() => undefined))).toEqual([])
  })

  it('tells of each step', async () => {
    const { local, stripe, dispute, eventsOf } = await start()
    const events = await eventsOf(async () => {
      await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'winning_evidence' } })
      await moveClock(local, { seconds: 1 })
    })
    expect(events).toEqual(['charge.dispute.closed', 'charge.dispute.funds_reinstated', 'charge.dispute.updated'])
  })

  it('is lost with losing evidence, or when it is given up', async () => {
    const first = await start()
    await first.stripe.disputes.update(first.dispute.id, { evidence: { uncategorized_text: 'losing_evidence' } })
    await moveClock(first.local, { seconds: 1 })
    expect((await first.stripe.disputes.retrieve(first.dispute.id)).status).toBe('lost')

    const second = await start()
    const events = await second.eventsOf(async () => {
      expect((await second.stripe.disputes.close(second.dispute.id)).status).toBe('lost')
    })
    expect(events).toEqual(['charge.dispute.closed'])
    expect(await refusalOf(second.stripe.disputes.close(second.dispute.id))).toEqual({
      status: 400,
      message: 'This dispute is already closed',
    })
  })

  it('keeps evidence that is not handed in yet', async () => {
    const { stripe, dispute } = await start()
    const staged = await stripe.disputes.update(dispute.id, {
      evidence: { product_description: 'A membership' },
      submit: false,
    })
    expect(staged).toMatchObject({
      evidence: { product_description: 'A membership' },
      evidence_details: { submission_count: 0 },
      status: 'needs_response',
    })
  })

  it('may begin as an inquiry, which takes no money until it is escalated', async () => {
    const { local, stripe, dispute, eventsOf } = await start('pm_card_createDisputeInquiry')
    expect(dispute).toMatchObject({
      balance_transactions: [],
      is_charge_refundable: true,
      status: 'warning_needs_response',
    })
    const events = await eventsOf(async () => {
      await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'escalate_inquiry_evidence' } })
      await moveClock(local, { seconds: 1 })
    })
    expect(events).toContain('charge.dispute.funds_withdrawn')
    expect(await stripe.disputes.retrieve(dispute.id)).toMatchObject({ status: 'needs_response' })
  })
})
