import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'
import { moveClock } from '../../testing/clock.ts'
import { open, submit, textOf } from '../../testing/visitor.ts'

const mandate_data = {
  customer_acceptance: { type: 'online', online: { ip_address: '127.0.0.1', user_agent: 'test' } },
} as const

/** A customer who pays from a bank account in the United States. */
async function withBank(account_number = '000123456789') {
  const test = await startTestStripe()
  const { stripe } = test
  const customer = await stripe.customers.create({ email: 'ada@example.com' })
  const method = await stripe.paymentMethods.create({
    type: 'us_bank_account',
    us_bank_account: { account_number, routing_number: '110000000', account_holder_type: 'individual' },
    billing_details: { name: 'Ada Lovelace', email: 'ada@example.com' },
  })
  const common = { customer: customer.id, payment_method: method.id, confirm: true, mandate_data }
  const pay = (more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
    stripe.paymentIntents.create({
      amount: 2000,
      currency: 'usd',
      allowed_payment_method_types: ['us_bank_account'],
      ...common,
      ...more,
    })
  const setUp = () => stripe.setupIntents.create({ allowed_payment_method_types: ['us_bank_account'], ...common })
  return { ...test, customer, method, pay, setUp }
}

describe('a bank account in the United States', () => {
  it('waits until its customer has seen the small deposits, which arrive on the next working day', async () => {
    const { pay, eventsOf, lastEvent } = await withBank()
    let intent: Stripe.PaymentIntent | undefined
    const types = await eventsOf(async () => {
      intent = await pay()
    })
    expect(types).toEqual(['payment_intent.created', 'payment_intent.requires_action'])
    const deposits = intent?.next_action?.verify_with_microdeposits
    expect(intent).toMatchObject({
      status: 'requires_action',
      next_action: {
        type: 'verify_with_microdeposits',
        verify_with_microdeposits: { microdeposit_type: 'descriptor_code' },
      },
    })
    expect(deposits?.hosted_verification_url).toMatch(/\/microdeposit\/pi_/)
    const arrival = new Date((deposits?.arrival_date ?? 0) * 1000)
    expect([1, 2, 3, 4, 5]).toContain(arrival.getUTCDay())
    expect([7, 8]).toContain(arrival.getUTCHours())
    expect((await lastEvent('payment_intent.requires_action')).data.object).toMatchObject({ id: intent?.id })
  })

  it.each([{ amounts: [32, 45] }, { descriptor_code: 'SM11AA' }])('pays when %j was read', async (reading) => {
    const { pay, stripe, local, eventsOf } = await withBank()
    const { id } = await pay()
    const types = await eventsOf(async () => {
      expect(await stripe.paymentIntents.verifyMicrodeposits(id, reading)).toMatchObject({
        status: 'processing',
        next_action: null,
      })
    })
    expect(types).toEqual(['charge.pending', 'payment_intent.processing'])
    await moveClock(local, { seconds: 10 })
    const paid = await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] })
    expect(paid).toMatchObject({
      status: 'succeeded',
      latest_charge: {
        status: 'succeeded',
        payment_method_details: {
          type: 'us_bank_account',
          us_bank_account: { bank_name: 'STRIPE TEST BANK', last4: '6789', routing_number: '110000000' },
        },
      },
    })
  })

  it('may be tried again with what was read, but not when it is too late or too often', async () => {
    const { pay, stripe, eventsOf } = await withBank()
    const { id } = await pay()
    const verify = (reading: Stripe.PaymentIntentVerifyMicrodepositsParams) =>
      refusalOf(stripe.paymentIntents.verifyMicrodeposits(id, reading))
    expect(await verify({ amounts: [1, 2] })).toEqual({
      status: 400,
      code: 'payment_method_microdeposit_verification_amounts_mismatch',
      message: 'The amounts provided do not match the amounts that were sent to the bank account.',
      param: 'amounts',
    })
    expect((await verify({ amounts: [32] })).code).toBe('payment_method_microdeposit_verification_amounts_invalid')
    expect((await verify({ descriptor_code: 'SM00XX' })).code).toBe(
      'payment_method_microdeposit_verification_descriptor_code_mismatch',
    )
    expect((await verify({})).status).toBe(400)
    expect((await stripe.paymentIntents.retrieve(id)).status).toBe('requires_action')
    const types = await eventsOf(async () => {
      expect((await verify({ amounts: [10, 11] })).code).toBe(
        'payment_method_microdeposit_verification_attempts_exceeded',
      )
    })
    expect(types).toEqual(['payment_intent.payment_failed'])
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'payment_method_microdeposit_verification_attempts_exceeded' },
    })
    expect((await verify({ amounts: [32, 45] })).code).toBe('payment_intent_unexpected_state')
  })

  it('is set up once, and pays for subscriptions from then on', async () => {
    const { setUp, stripe, local, customer, method, eventsOf } = await withBank()
    const setup = await setUp()
    expect(setup).toMatchObject({ status: 'requires_action', next_action: { type: 'verify_with_microdeposits' } })
    const types = await eventsOf(async () => {
      expect(await stripe.setupIntents.verifyMicrodeposits(setup.id, { descriptor_code: 'SM11AA' })).toMatchObject({
        status: 'succeeded',
        mandate: expect.stringMatching(/^mandate_/),
      })
    })
    expect(types).toEqual(['payment_method.attached', 'setup_intent.succeeded'])
    const done = await stripe.setupIntents.retrieve(setup.id, { expand: ['mandate'] })
    expect(done.mandate).toMatchObject({
      customer_acceptance: { online: { ip_address: '127.0.0.1' }, type: 'online' },
      payment_method_details: { type: 'us_bank_account', us_bank_account: {} },
      type: 'multi_use',
    })
    const price = await stripe.prices.create({
      currency: 'usd',
      unit_amount: 1900,
      recurring: { interval: 'month' },
      product_data: { name: 'Pro' },
    })
    const { id } = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
      default_payment_method: method.id,
    })
    await moveClock(local, { seconds: 10 })
    const subscription = await stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] })
    expect(subscription).toMatchObject({ status: 'active', latest_invoice: { status: 'paid' } })
  })

  it('that cannot be verified leaves its setup without a payment method', async () => {
    const { setUp, stripe } = await withBank()
    const { id } = await setUp()
    expect((await refusalOf(stripe.setupIntents.verifyMicrodeposits(id, { descriptor_code: 'SM44DD' }))).code).toBe(
      'payment_method_microdeposit_verification_timeout',
    )
    expect(await stripe.setupIntents.retrieve(id)).toMatchObject({
      status: 'requires_payment_method',
      last_setup_error: { code: 'payment_method_microdeposit_verification_timeout' },
    })
  })

  it.each([
    ['000111111113', 'account_closed', "The customer's bank account has been closed."],
    ['000111111116', 'no_account', "The customer's bank account could not be located."],
    ['000222222227', 'insufficient_funds', "The customer's account has insufficient funds to cover this payment."],
    [
      '000333333335',
      'debit_not_authorized',
      'The customer has notified their bank that this payment was unauthorized.',
    ],
  ])('%s fails after a while: %s', async (number, code, message) => {
    const { pay, stripe, local } = await withBank(number)
    const { id } = await pay()
    await stripe.paymentIntents.verifyMicrodeposits(id, { amounts: [45, 32] })
    await moveClock(local, { seconds: 10 })
    expect(await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] })).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code, message },
      latest_charge: { status: 'failed', failure_code: code, failure_message: message },
    })
  })

  it('may stay under way for ever, be disputed, or be unknown here', async () => {
    const slow = await withBank('000000000009')
    const { id } = await slow.pay()
    await slow.stripe.paymentIntents.verifyMicrodeposits(id, { amounts: [32, 45] })
    await moveClock(slow.local, { days: 30 })
    expect((await slow.stripe.paymentIntents.retrieve(id)).status).toBe('processing')
    const disputed = await withBank('000555555559')
    await disputed.stripe.paymentIntents.verifyMicrodeposits((await disputed.pay()).id, { amounts: [32, 45] })
    await moveClock(disputed.local, { seconds: 10 })
    expect((await disputed.stripe.disputes.list()).data).toHaveLength(1)
    const unknown = await withBank('000777777771')
    expect((await refusalOf(unknown.pay())).status).toBe(501)
  })

  it('may be one that is ready-made', async () => {
    const { pay, stripe, local } = await withBank()
    const intent = await pay({ payment_method: 'pm_usBankAccount_insufficientFunds' })
    await stripe.paymentIntents.verifyMicrodeposits(intent.id, { descriptor_code: 'SM11AA' })
    await moveClock(local, { seconds: 10 })
    expect((await stripe.paymentIntents.retrieve(intent.id)).last_payment_error).toMatchObject({
      code: 'insufficient_funds',
      payment_method: { type: 'us_bank_account', us_bank_account: { last4: '2227' } },
    })
  })

  it('is verified on a page as well', async () => {
    const { pay, stripe } = await withBank()
    const { id, next_action } = await pay()
    const url = String(next_action?.verify_with_microdeposits?.hosted_verification_url)
    expect(textOf((await open(url)).html)).toContain('Account STRIPE TEST BANK •••• 6789 To be paid $20.00')
    const wrong = await submit(url, { descriptor_code: 'SM00XX' })
    expect(wrong.status).toBe(422)
    expect(textOf(wrong.html)).toContain('The verification code provided does not match')
    expect((await submit(url, { descriptor_code: '' })).status).toBe(422)
    expect(textOf((await submit(url, { descriptor_code: 'sm11aa' })).html)).toContain('Your account is verified')
    expect((await stripe.paymentIntents.retrieve(id)).status).toBe('processing')
    expect(textOf((await open(url)).html)).toContain('Your account is verified')
    const late = await withBank()
    const again = await late.pay()
    const other = String(again.next_action?.verify_with_microdeposits?.hosted_verification_url)
    expect(textOf((await submit(other, { descriptor_code: 'SM44DD' })).html)).toContain('This account was not verified')
    expect((await open(url.replace(/pi_\w+/, 'pi_no'))).status).toBe(404)
  })
})
