import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { refusalOf, startTestStripe } from '../../testing/client.ts'

const return_url = 'http://localhost:3000/'

async function start() {
  const test = await startTestStripe()
  const customer = (await test.stripe.customers.create()).id
  return { ...test, customer }
}

describe('a setup intent', () => {
  it('is complete', async () => {
    const { stripe, customer } = await start()
    const { lastResponse: _, ...intent } = await stripe.setupIntents.create({ customer, usage: 'off_session' })
    expect(intent).toMatchObject({
      id: expect.stringMatching(/^seti_1\w{23}$/),
      object: 'setup_intent',
      automatic_payment_methods: { allow_redirects: 'always', enabled: true },
      client_secret: expect.stringMatching(new RegExp(`^${intent.id}_secret_\\w{31}$`)),
      customer,
      last_setup_error: null,
      latest_attempt: null,
      mandate: null,
      payment_method: null,
      payment_method_options: {
        card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' },
        us_bank_account: { mandate_options: {}, verification_method: 'automatic' },
      },
      payment_method_types: [
        'card',
        'bancontact',
        'ideal',
        'sepa_debit',
        'acss_debit',
        'klarna',
        'link',
        'us_bank_account',
      ],
      status: 'requires_payment_method',
      usage: 'off_session',
    })
  })

  it('attaches the payment method that it sets up', async () => {
    const { stripe, customer, eventsOf } = await start()
    const events = await eventsOf(async () => {
      const done = await stripe.setupIntents.create({
        customer,
        payment_method: 'pm_card_visa',
        confirm: true,
        return_url,
        expand: ['latest_attempt'],
      })
      expect(done).toMatchObject({
        status: 'succeeded',
        latest_attempt: { status: 'succeeded', setup_intent: done.id },
      })
    })
    expect(events).toEqual(['payment_method.attached', 'setup_intent.created', 'setup_intent.succeeded'])
    expect((await stripe.customers.listPaymentMethods(customer)).data).toHaveLength(1)
  })

  it('sets up a card that cannot be charged, and refuses one that declines', async () => {
    const { stripe, customer, eventsOf } = await start()
    const setUp = (payment_method: string) =>
      stripe.setupIntents.create({ customer, payment_method, confirm: true, return_url })
    expect((await setUp('pm_card_chargeCustomerFail')).status).toBe('succeeded')
    let refused: unknown
    const events = await eventsOf(() => setUp('pm_card_chargeDeclinedExpiredCard').catch((error) => (refused = error)))
    expect(events).toEqual(['setup_intent.created', 'setup_intent.setup_failed'])
    expect((refused as Stripe.errors.StripeCardError).raw).toMatchObject({
      statusCode: 402,
      code: 'expired_card',
      decline_code: 'expired_card',
      param: 'exp_month',
      setup_intent: { status: 'requires_payment_method', last_setup_error: { code: 'expired_card' } },
    })
    const [failed] = (await stripe.setupIntents.list({ customer, limit: 1 })).data
    expect(failed).toMatchObject({ payment_method: null, status: 'requires_payment_method' })
    const attempts = await stripe.setupAttempts.list({ setup_intent: failed?.id ?? '' })
    expect(attempts.data.map(({ status }) => status)).toEqual(['failed'])
  })

  it('sends the customer to 3D Secure when the card wants that', async () => {
    const { local, stripe, customer, eventsOf } = await start()
    const events = await eventsOf(async () => {
      const waiting = await stripe.setupIntents.create({
        customer,
        payment_method: 'pm_card_authenticationRequiredOnSetup',
        confirm: true,
        return_url,
      })
      expect(waiting).toMatchObject({
        next_action: { redirect_to_url: { return_url, url: `${local.url}/3ds/${waiting.id}` } },
        status: 'requires_action',
      })
    })
    expect(events).toEqual(['setup_intent.created', 'setup_intent.requires_action'])
  })

  it('is canceled once, and not when it is done', async () => {
    const { stripe, customer } = await start()
    const { id } = await stripe.setupIntents.create({ customer })
    const canceled = await stripe.setupIntents.cancel(id, { cancellation_reason: 'abandoned' })
    expect(canceled).toMatchObject({ cancellation_reason: 'abandoned', status: 'canceled' })
    expect(await refusalOf(stripe.setupIntents.cancel(id))).toEqual({
      status: 400,
      code: 'setup_intent_unexpected_state',
      message: 'You cannot cancel this SetupIntent because it is already canceled.',
    })
    const done = await stripe.setupIntents.create({
      customer,
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url,
    })
    expect((await refusalOf(stripe.setupIntents.confirm(done.id, { return_url }))).message).toBe(
      'You cannot confirm this SetupIntent because it has already succeeded.',
    )
  })

  it('needs a payment method, and does not fall back on the customer’s default', async () => {
    const { stripe, customer } = await start()
    const { id } = await stripe.paymentMethods.attach('pm_card_visa', { customer })
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } })
    const intent = await stripe.setupIntents.create({ customer })
    expect((await refusalOf(stripe.setupIntents.confirm(intent.id, { return_url }))).message).toContain(
      "it's missing a payment method",
    )
    expect(await refusalOf(stripe.setupIntents.retrieve('seti_x'))).toMatchObject({
      status: 404,
      param: 'intent',
      message: "No such setupintent: 'seti_x'",
    })
  })

  it('keeps a mandate for a bank account, which can be asked for', async () => {
    const { stripe, customer } = await start()
    const account = await stripe.paymentMethods.create({
      type: 'sepa_debit',
      sepa_debit: { iban: 'DE89370400440532013000' },
      billing_details: { name: 'Ada', email: 'ada@example.com' },
    })
    const done = await stripe.setupIntents.create({
      customer,
      payment_method: account.id,
      confirm: true,
      return_url,
      mandate_data: {
        customer_acceptance: { type: 'online', online: { ip_address: '127.0.0.1', user_agent: 'test' } },
      },
    })
    expect(done.status).toBe('succeeded')
    expect(await stripe.mandates.retrieve(done.mandate as string)).toMatchObject({
      customer_acceptance: { online: { ip_address: '127.0.0.1' }, type: 'online' },
      payment_method: account.id,
      status: 'active',
      type: 'multi_use',
    })
  })
})
